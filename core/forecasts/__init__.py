"""A forecast of one ticker, with all that a person needs to judge it."""
