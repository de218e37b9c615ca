"""Which model versions exist, which one serves, and how a stored one is trusted."""
