"""The work that runs without a person watching, and its command line."""
