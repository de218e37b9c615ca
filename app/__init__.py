"""What people touch: pages, routes, and the launcher that starts them."""
