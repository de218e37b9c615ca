"""How people and other vendors write what a ticker stands for."""
