"""The library behind every page, flow and route: importable without any of them."""

VERSION = "0.1.0"
