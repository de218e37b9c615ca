"""Bars in a file as people have it: each step from its bytes to the `bars` contract."""
