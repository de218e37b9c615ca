"""`python -m tests.support.exchange`: Taiwan's exchanges with invented bars, to try by hand."""

from contextlib import suppress

from tests.support.exchange.server import FakeExchange
from tests.support.yahoo.series import series

SYMBOLS = ("2330.TW", "2317.TW", "0050.TW", "6488.TWO")


def main() -> None:
    """Serve until Ctrl-C."""
    fake = FakeExchange({symbol: series(symbol) for symbol in SYMBOLS})
    print(f"TICKERLENS_TWSE_URL={fake.url}  # {', '.join(SYMBOLS)}; no price is real", flush=True)
    with suppress(KeyboardInterrupt):
        fake.serve()


if __name__ == "__main__":
    main()
