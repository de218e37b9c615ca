"""A whole night at few and at many tickers, and one forecast beside them; the vendor costs nothing.

The tickers are walks of ten years, more than 97 copies of these. The model learned from fifty.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pandas as pd

from core.features.market_state import MarketState
from core.forecasts import serve
from core.lifecycle.train import TrainingRequest, train
from core.market_data.ingest import WantedBars
from core.models import Forecaster
from core.reference.bar_sources import BarSource
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from core.workflows.bars.ingest import ingest
from core.workflows.forecast import forecast
from core.workflows.monitor import monitor
from core.workflows.score import score
from flows.measuring import measure as evidently
from tests.benchmarks.measure import Figure, Size, measure, typical
from tests.support.bars import walk
from tests.support.homes import Home, open_home

LEARNED_FROM = 50  # tickers
A_SHARD = 64  # tickers whose bars are read in one go
_KINDS = 97  # walks; more tickers are copies of them
_FLAT, _SHARES, _BATCHES, _A_TICKER = 1.2, 3.0, 3.0, 1.15
_NIGHT_SECONDS, _NIGHT_MEGABYTES = 1800.0, 3000.0
_DAYS = SHIPPED["XNYS"].sessions
_LAST = _DAYS.get_loc(pd.Timestamp("2026-11-20"))


class Prepared:
    """A vendor whose answers are ready."""

    name = BarSource.YAHOO.value

    def __init__(self, sessions: int) -> None:
        days = _DAYS[_LAST - 9 : _LAST + 2]
        walks = (_walk(number, sessions) for number in range(_KINDS))
        self._rows = [one.iloc[-11:].copy().assign(session=days) for one in walks]

    def tickers(self) -> None:
        """It cannot be listed."""

    def fetch(
        self,
        ticker: Ticker,
        start: pd.Timestamp | None,
        end: pd.Timestamp | None,
        at: datetime,
    ) -> pd.DataFrame:
        """The last sessions and the one after, as a feed gives them."""
        rows = self._rows[int(ticker.symbol[1:]) % _KINDS]
        return rows.assign(ticker=ticker.symbol, ingested_at=pd.Timestamp(at))


def nights(size: Size) -> Iterator[Figure]:
    """At each size the parts of one night, and one forecast."""
    before: dict[str, Figure] = {}
    for count in size.nights:
        with tempfile.TemporaryDirectory() as folder:
            home = open_home(Path(folder))
            _add(home, 0, LEARNED_FROM, size.sessions)
            request = TrainingRequest("bench", "the first fifty")
            train(home.bars, home.registry, request, datetime.now(UTC))
            _add(home, LEARNED_FROM, count, size.sessions)
            found = _night(home, count, size.sessions)
            yield from _beside(found, count, before)
            one, share = _one(home, count)
            what = f"{one.what}, {one.seconds / share:.1f} times its share of a batch and its file"
            yield replace(one, what=what, limit=_SHARES * share)
            if "one" in before:
                ratio = one.seconds / before["one"].seconds
                what = f"{one.what}, {ratio:.2f} times that of the fewest"
                yield replace(one, what=what, limit=_FLAT * before["one"].seconds)
            before = {**found, "one": before.get("one", one)}


def _one(home: Home, count: int) -> tuple[Figure, float]:
    """One forecast through the service with nothing kept; and its share, in seconds.

    That is the same ticker's part of a batch of fifty from memory, and reading its file.
    """
    stores, ticker = replace(home.forecast_stores, cache=None), Ticker("T0003")
    work = partial(serve.forecast, stores, ticker, _night_of(1))
    work()
    one = typical(f"one forecast, {count:,} tickers stored", 1, work)
    fifty = home.bars.load(home.bars.tickers()[:LEARNED_FROM], adjusted=False)
    predict = partial(_forecaster(home).predict, fifty, market=_market(home))
    predict()
    read = typical("read", 1, lambda: home.bars.load([ticker], adjusted=False))
    return one, typical("predict", 1, predict).seconds / LEARNED_FROM + read.seconds


def _night(home: Home, count: int, sessions: int) -> dict[str, Figure]:
    """The steps of a night after a session, and the bare batch of the same bars."""
    first, second = _night_of(0), _night_of(1)
    forecast(home, clock=lambda: first)  # what is scored then
    home.offer(Prepared(sessions))
    wanted = WantedBars(source=BarSource.YAHOO)
    works: dict[str, Callable[[], object]] = {
        "ingest one session": lambda: ingest(home, wanted, "bench", second, ask=False),
        "score": lambda: score(home, second),
        "monitor": lambda: monitor(home, evidently, clock=lambda: second),
        "batch": lambda: _batch(home),
        "forecast, ledger included": lambda: _forecast(home, second, count),
    }
    return {
        name: measure(f"{name}, {count:,} tickers", count, work) for name, work in works.items()
    }


def _beside(found: dict[str, Figure], count: int, before: dict[str, Figure]) -> Iterator[Figure]:
    night = [one for name, one in found.items() if name != "batch"]
    for name, one in found.items():
        if not before or name == "batch":
            yield one
            continue
        last = before[name]
        ratio = (one.seconds / one.count) / (last.seconds / last.count)
        what = f"{one.what}, {ratio:.2f} times that a ticker of {last.count:,}"
        yield replace(one, what=what, limit=_A_TICKER * one.count * last.seconds / last.count)
    made, batch = found["forecast, ledger included"], found["batch"]
    what = f"{made.what}, {made.seconds / batch.seconds:.1f} times the bare batch"
    yield replace(made, what=what, limit=_BATCHES * batch.seconds)
    yield Figure(
        f"the whole night, {count:,} tickers",
        count,
        sum(one.seconds for one in night),
        sum(one.cpu for one in night),
        max(one.memory for one in night),
        _NIGHT_SECONDS,
    )


def _batch(home: Home) -> None:
    """Read and predict, and nothing else, with the market that is known already."""
    forecaster, market, tickers = _forecaster(home), _market(home), home.bars.tickers()
    for at in range(0, len(tickers), A_SHARD):
        bars = home.bars.load(tickers[at : at + A_SHARD], adjusted=False)
        forecaster.predict(bars, market=market)


def _forecaster(home: Home) -> Forecaster:
    champion = home.registry.champion()
    assert champion is not None
    return home.registry.forecaster(champion)


def _market(home: Home) -> MarketState:
    return home.forecast_stores.markets.current().state


def _forecast(home: Home, at: datetime, count: int) -> None:
    done = forecast(home, clock=lambda: at)
    assert done["new_in_ledger"] == count and done["status"] == "ok"


def _add(home: Home, there: int, count: int, sessions: int) -> None:
    days = _DAYS[_LAST - sessions + 1 : _LAST + 1]
    for number in range(there, count):
        home.bars.upsert(_walk(number, sessions).iloc[:-1].assign(session=days))


def _walk(number: int, sessions: int) -> pd.DataFrame:
    bars = walk(f"T{number:04}", sessions + 1, seed=number % _KINDS, volatility=0.012)
    return bars.assign(source=BarSource.YAHOO.value)


def _night_of(after: int) -> datetime:
    """Some hours after the last stored session, or after the one that follows it, closed."""
    closed = SHIPPED["XNYS"].closes_at(_DAYS[_LAST + after])
    return (closed + timedelta(hours=3)).to_pydatetime()
