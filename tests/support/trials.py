"""How many times a fault is tried: few in `make test`, as many as asked for in `make soak`."""

import os

TRIALS = int(os.environ.get("TICKERLENS_TRIALS", "5"))
SOAK_TRIALS = 200  # of `make soak`
