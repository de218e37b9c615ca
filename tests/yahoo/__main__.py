"""`python -m tests.yahoo [--port N]`: a Yahoo for trying things by hand, with invented bars."""

import argparse
from contextlib import suppress

from tests.yahoo.series import SYMBOLS, series
from tests.yahoo.server import FakeYahoo


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.yahoo", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="a free one if left out")
    fake = FakeYahoo({symbol: series(symbol) for symbol in SYMBOLS}, parser.parse_args().port)
    print(f"TICKERLENS_YAHOO_URL={fake.url}  # {', '.join(SYMBOLS)}; no price is real", flush=True)
    with suppress(KeyboardInterrupt):
        fake.serve()


if __name__ == "__main__":
    main()
