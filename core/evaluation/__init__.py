"""How good forecasts are, found out by replaying the past: pure, no file and no database."""
