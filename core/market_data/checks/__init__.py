"""What can be wrong with a vendor's bars, one kind of check a module."""
