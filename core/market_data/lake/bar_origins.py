"""The source of each ticker's bars: the sample, or one's own."""

from core.market_data.lake.bar_store import ParquetBars
from core.reference.bar_sources import is_sample
from core.reference.tickers import Ticker


def sources(bars: ParquetBars) -> dict[str, str]:
    """The source of each stored ticker's last bar; of those alone that have one to read."""
    return {one.symbol: one.source for one in bars.summaries() if one.count}


def own_tickers(bars: ParquetBars, sessions: int = 1) -> list[str]:
    """Stored tickers of one's own, no sample ones, that have at least so many sessions."""
    return [
        one.symbol
        for one in bars.summaries()
        if one.count >= max(1, sessions) and not is_sample(one.source)
    ]


def longest(bars: ParquetBars) -> int:
    """How many sessions the ticker has that has most; 0 where nothing is stored."""
    return max((one.count for one in bars.summaries()), default=0)


def sample_or_own(bars: ParquetBars) -> list[bool]:
    """Which kinds of bars are stored: True for sample ones, False for one's own."""
    return sorted({is_sample(source) for source in sources(bars).values()})


def with_sample_bars(bars: ParquetBars) -> list[Ticker]:
    """The tickers with any bar of the sample."""
    return [one.ticker for one in bars.summaries() if any(map(is_sample, one.sources))]
