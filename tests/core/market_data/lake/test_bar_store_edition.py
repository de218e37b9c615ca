"""Whoever changes a stored bar changes the edition; whoever changes none leaves it."""

from core.reference.tickers import Ticker
from tests.support.homes import closes
from tests.support.places import Place
from tests.support.redis_server import redis_url

AAPL = Ticker("AAPL")


def test_every_change_is_another_edition_for_all_who_look(place: Place) -> None:
    here, there = (Place(**place.settings, cache_url=redis_url()).open() for _ in range(2))
    bars = closes("AAPL", [1.0, 2.0])
    here.upsert(bars)
    seen = [there.edition.settled()]
    here.upsert(bars.assign(close=[1.0, 3.0], ingested_at=bars["ingested_at"].max()))
    seen.append(there.edition.settled())
    here.upsert(closes("MSFT", [1.0]))
    seen.append(there.edition.settled())
    here.remove(AAPL)
    seen.append(there.edition.settled())
    assert None not in seen and len({*seen}) == 4
    assert here.edition.settled() == seen[-1]


def test_what_is_equal_or_hidden_is_none(place: Place) -> None:
    bars = Place(**place.settings, cache_url=redis_url()).open()
    bars.upsert(closes("AAPL", [1.0, 2.0]))
    before = bars.edition.settled()
    bars.upsert(closes("AAPL", [1.0, 2.0]))
    bars.beside.update(".market-state", lambda _: b"not a bar")
    bars.beside.remove(".market-state")
    assert bars.load() is not None and before and bars.edition.settled() == before
    bars.beside.update("AAPL.parquet", lambda content: content)
    assert bars.edition.settled() != before


def test_an_s3_that_machines_share_without_a_redis_has_none(place: Place) -> None:
    bars = place.open()
    bars.upsert(closes("AAPL", [1.0]))
    assert (bars.edition.settled() is None) == place.settings["bars_url"].startswith("s3://")
