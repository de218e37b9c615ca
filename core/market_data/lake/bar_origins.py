"""The source of each ticker's bars: the sample, or one's own."""

from functools import lru_cache

from core.market_data.lake.bar_store import ParquetBars
from core.reference.bar_sources import is_sample


def sources(bars: ParquetBars) -> dict[str, str]:
    """The source of each stored ticker's last bar; read anew once a bar has changed."""
    return {ticker: source for ticker, (source, _) in _stored(bars, bars.stamp()).items()}


def own_tickers(bars: ParquetBars, sessions: int = 1) -> list[str]:
    """Stored tickers of one's own, no sample ones, that have at least so many sessions."""
    return [
        ticker
        for ticker, (source, count) in _stored(bars, bars.stamp()).items()
        if not is_sample(source) and count >= sessions
    ]


def longest(bars: ParquetBars) -> int:
    """How many sessions the ticker has that has most; 0 where nothing is stored."""
    return max((count for _, count in _stored(bars, bars.stamp()).values()), default=0)


def sample_or_own(bars: ParquetBars) -> list[bool]:
    """Which kinds of bars are stored: True for sample ones, False for one's own."""
    return sorted({is_sample(source) for source in sources(bars).values()})


@lru_cache(maxsize=2)
def _stored(bars: ParquetBars, stamp: str) -> dict[str, tuple[str, int]]:
    found = bars.load(adjusted=False).groupby("ticker")["source"].agg(["last", "size"])
    return {
        str(ticker): (str(source), int(count))
        for ticker, source, count in zip(found.index, found["last"], found["size"], strict=True)
    }
