"""When work is due by itself, whether it is wished for, and what came of it."""
