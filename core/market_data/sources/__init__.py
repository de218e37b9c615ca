"""Where bars come from: Yahoo, a file, the sample."""
