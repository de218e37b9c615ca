"""The library behind every page, flow and route: importable without any of them."""
