"""What things cost, measured: `python -m tests.benchmarks`, or `make bench`."""
