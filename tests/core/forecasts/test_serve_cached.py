"""A forecast that is kept is the forecast that would be made, and never another's."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest

from core.forecasts.forecast import Forecast
from core.forecasts.serialize import pack, unpack
from core.foundation.caches.cache import Cache, ProcessCache
from core.foundation.caches.redis_cache import RedisCache
from core.lifecycle.train import TrainingRequest, train
from core.market_data.records.session_override_store import SessionRuling
from core.reference.session_overrides import SessionChange
from core.reference.tickers import Ticker
from tests.support.bars import walk
from tests.support.forecasts import forecast
from tests.support.homes import AT, Home, closes
from tests.support.ports import free_port

AAPL, TAIWAN = Ticker.parse("AAPL"), Ticker.parse("9999.TW")
LATER = AT + timedelta(hours=1)


class Counting(ProcessCache):
    """One that knows how often it had what was asked for."""

    hits = 0

    def get(self, key: str) -> bytes | None:
        """See `Cache`."""
        found = super().get(key)
        self.hits += found is not None
        return found


class Garbage(ProcessCache):
    """One whose values somebody else wrote."""

    def __init__(self, value: bytes) -> None:
        super().__init__()
        self._value = value

    def get(self, key: str) -> bytes | None:
        """See `Cache`."""
        return self._value


def same(one: Forecast, other: Forecast) -> bool:
    for ours, theirs in ((one.frame, other.frame), (one.baseline, other.baseline)):
        pd.testing.assert_frame_equal(ours, theirs, check_exact=True)
    assert (one.drivers is None) == (other.drivers is None)
    if one.drivers is not None and other.drivers is not None:
        pd.testing.assert_frame_equal(one.drivers, other.drivers, check_exact=True)
    empty = pd.DataFrame()
    bare = [replace(each, frame=empty, baseline=empty, drivers=None) for each in (one, other)]
    return str(bare[0]) == str(bare[1]) and one.to_dict() == other.to_dict()


@pytest.mark.parametrize("ticker", [AAPL, TAIWAN])
def test_kept_is_made_to_the_last_bit(trained: Home, ticker: Ticker) -> None:
    cache = Counting()
    made = forecast(trained.bars, trained.registry, ticker, AT)
    first = forecast(trained.bars, trained.registry, ticker, AT, cache)
    stored = forecast(trained.again().bars, trained.again().registry, ticker, LATER, cache)
    assert cache.hits == 1 and stored.created_at == AT
    assert same(made, first) and same(made, stored)


def test_without_a_redis_the_answer_is_the_same(trained: Home) -> None:
    nobody = RedisCache(f"redis://127.0.0.1:{free_port()}/0")
    made = forecast(trained.bars, trained.registry, AAPL, AT)
    assert same(forecast(trained.bars, trained.registry, AAPL, AT, cache=nobody), made)


def test_nobody_gets_what_was_asked_by_another(trained: Home) -> None:
    cache = Counting()
    found = [
        forecast(trained.bars, trained.registry, ticker, AT, cache).to_dict()
        for ticker in (AAPL, TAIWAN)
    ]
    assert cache.hits == 0
    assert [one["ticker"] for one in found] == ["AAPL", "9999.TW"]


def _new_bar(home: Home) -> None:
    home.bars.upsert(closes("AAPL", [431.0], start="2013-03-04", source="sample"))


def _correction_of_another(home: Home) -> None:
    home.bars.upsert(closes("IBM", [150.0], start="2013-02-27", source="sample"))


def _new_champion(home: Home) -> None:
    trained = train(home.bars, home.registry, TrainingRequest("a test", "again"), LATER)
    home.registry.promote(trained.version, "a test", "again", LATER)


def _typhoon(home: Home) -> None:
    storm = SessionRuling(AT, "ann", "XNYS", date(2013, 3, 5), SessionChange.REMOVED, "a storm")
    home.session_overrides.add([storm])


@pytest.mark.parametrize("change", [_new_bar, _correction_of_another, _new_champion, _typhoon])
def test_whatever_changes_what_it_is_made_from_makes_it_anew(
    copied: Home, change: Callable[[Home], None]
) -> None:
    cache = Counting()
    given = copied.bars, copied.registry, AAPL
    forecast(*given, AT, cache=cache, ledger=copied.ledger)
    change(copied)
    found = forecast(*given, LATER, cache=cache, ledger=copied.ledger)
    assert cache.hits == 0
    assert same(found, forecast(*given, LATER, ledger=copied.ledger))


@pytest.mark.parametrize("value", [b"", b"{}", b"[1]", b"\xff", b'{"ticker": 1}', b"null"])
def test_what_is_no_forecast_is_made_anew(trained: Home, value: bytes) -> None:
    made = forecast(trained.bars, trained.registry, AAPL, AT)
    cache: Cache = Garbage(value)
    assert same(forecast(trained.bars, trained.registry, AAPL, AT, cache=cache), made)


def test_a_stand_in_s_is_kept_with_its_note(copied: Home) -> None:
    copied.bars.upsert(walk("NEW", sessions=60))
    young, cache = Ticker.parse("NEW"), Counting()
    made = forecast(copied.bars, copied.registry, young, AT, cache=cache)
    stored = forecast(copied.bars, copied.registry, young, LATER, cache=cache)
    assert cache.hits == 1 and stored.note and same(made, stored)


def test_a_packed_forecast_holds_no_skill(trained: Home) -> None:
    made = forecast(trained.bars, trained.registry, AAPL, AT)
    assert b"pinball" not in pack(made) and made.skill is not None
    assert unpack(pack(made), made.model).skill == made.skill
