"""Forecasts made again at past sessions, with only what was known then, and scored."""
