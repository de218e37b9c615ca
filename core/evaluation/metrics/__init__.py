"""One measure of a forecast a module: arrays in, arrays out."""
