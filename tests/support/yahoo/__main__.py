"""`python -m tests.support.yahoo [--port N]`: a Yahoo with invented bars, to try things by hand."""

import argparse
from contextlib import suppress

from tests.support.yahoo.series import SYMBOLS, series
from tests.support.yahoo.server import FakeYahoo


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.yahoo", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="a free one if left out")
    fake = FakeYahoo({symbol: series(symbol) for symbol in SYMBOLS}, parser.parse_args().port)
    print(f"TICKERLENS_YAHOO_URL={fake.url}  # {', '.join(SYMBOLS)}; no price is real", flush=True)
    with suppress(KeyboardInterrupt):
        fake.serve()


if __name__ == "__main__":
    main()
