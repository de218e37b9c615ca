"""Caches that may be lost at any time: in this process or on Redis."""
