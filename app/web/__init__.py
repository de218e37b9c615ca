"""What a request passes before a page or a route, and what is counted of it."""
