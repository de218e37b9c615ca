"""One folder a page: `page.py`, and the parts that only this page draws."""
