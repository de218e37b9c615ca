"""Bars from a source, past the checks, into the lake, and out of it again."""
