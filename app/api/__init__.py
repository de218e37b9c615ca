"""The HTTP routes under /api."""
