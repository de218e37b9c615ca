"""The full stack in containers, as far as it can be checked without a Docker engine."""
