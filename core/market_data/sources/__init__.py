"""Where bars come from: Yahoo, Taiwan's exchanges, a file, the sample."""
