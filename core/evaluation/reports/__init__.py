"""Tables that a person compares forecasters by."""
