"""Track one's own tickers: what is read, fetched, trained, and said."""

import pandas as pd
import pytest

from core.foundation.errors import InvalidInputError, NotFoundError, SourceError
from core.reference.tickers import Ticker
from core.workflows.bars.track_tickers import Tracked, parse_tickers, track
from tests.core.market_data.test_ingest import Shelf
from tests.support.bars import walk
from tests.support.homes import AT, Home, file_bytes


def shelf(**frames: pd.DataFrame | Exception) -> Shelf:
    return Shelf("yahoo", **frames)


def tickers(*symbols: str) -> list[Ticker]:
    return [Ticker.parse(symbol) for symbol in symbols]


def tracked(home: Home, source: Shelf, *symbols: str) -> Tracked:
    home.offer(source)
    return track(home, tickers(*symbols), "ann", AT)


def read(text: str) -> list[Ticker]:
    return [one.ticker for one in parse_tickers(text)]


@pytest.mark.parametrize(
    "text", ["aapl, 2330.TW,TSM", "AAPL 2330.tw\nTSM\n", " AAPL,,2330.TW \t TSM, aapl ,"]
)
def test_tickers_are_read_between_commas_spaces_and_lines(text: str) -> None:
    assert read(text) == tickers("AAPL", "2330.TW", "TSM")


def test_codes_and_names_are_read_too() -> None:
    assert read("2330, 台積電, TSMC") == tickers("2330.TW")
    assert read("Hon Hai、蘋果") == tickers("2317.TW", "AAPL")


def test_every_bad_ticker_is_named_at_once() -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_tickers("AAPL ../etc A$ 0700.XX, " + "x" * 50_000 + " TSM é")
    shown = caught.value.message
    assert shown.startswith(f"../etc, A$, 0700.XX, {'x' * 20}..., é are no tickers known here; ")
    assert shown.count(". ") == 0 and "AAPL, ../" not in shown
    with pytest.raises(InvalidInputError, match=" and 90 more are no tickers known here"):
        parse_tickers("$ " * 100)


def test_too_many_and_none_are_refused() -> None:
    assert len(parse_tickers(" ".join(f"A{n}" for n in range(20)))) == 20
    with pytest.raises(InvalidInputError, match="^21 tickers are too many at once"):
        parse_tickers(" ".join(f"A{n}" for n in range(21)))
    for text in ("", " ,\n,"):
        with pytest.raises(InvalidInputError, match="^Name at least one ticker"):
            parse_tickers(text)


def test_the_first_tickers_are_stored_trained_on_and_on_record(home: Home) -> None:
    steps: list[str] = []
    source = shelf(
        TSM=walk("TSM"), ZZZZ=NotFoundError("test.failure", "Yahoo knows no ticker ZZZZ.")
    )
    home.offer(source)
    done = track(home, tickers("TSM", "ZZZZ"), "ann", AT, lambda step, *how_far: steps.append(step))
    assert done.note == "ZZZZ: Yahoo knows no ticker ZZZZ."
    champion = home.registry.champion()
    assert champion is not None and champion.card.tickers == ("TSM",)
    assert steps[0] == "Fetching bars" and "Walk-forward" in steps and steps[-1] == "Ready"
    row = home.audit.latest(1)[0]
    assert (row.actor, row.action, row.subject) == ("ann", "track", "yahoo: TSM")


def test_a_champion_that_knows_a_stored_ticker_of_one_s_own_stays(home: Home) -> None:
    for name in ("TSM", "KO"):
        source = shelf(**{name: walk(name)})
        done = tracked(home, source, name)
    champion = home.registry.champion()
    assert champion is not None and champion.version == 1 and done.note == ""


def test_the_first_ticker_of_one_s_own_is_trained_on_at_once(copied: Home) -> None:
    source = shelf(TSM=walk("TSM"))
    tracked(copied, source, "TSM")
    champion = copied.registry.champion()
    assert champion is not None and champion.version == 2
    assert "TSM" in champion.card.tickers and not champion.card.sample


def test_one_that_is_too_young_is_not_trained_on(copied: Home) -> None:
    source = shelf(NEW=walk("NEW", sessions=60))
    done = tracked(copied, source, "NEW")
    champion = copied.registry.champion()
    assert champion is not None and champion.version == 1 and done.note == ""


def test_a_champion_that_knows_none_is_replaced(copied: Home) -> None:
    for ticker in copied.bars.tickers():
        copied.bars.remove(ticker)
    source = shelf(TSM=walk("TSM"))
    tracked(copied, source, "TSM")
    champion = copied.registry.champion()
    assert champion is not None and champion.version == 2 and champion.card.tickers == ("TSM",)


def test_too_little_history_keeps_the_bars_and_says_why_no_model_came(home: Home) -> None:
    source = shelf(NEW=walk("NEW", sessions=30))
    done = tracked(home, source, "NEW")
    assert done.note.startswith("The bars are stored, but no model could be trained: NEW needs ")
    entries = home.quarantine.entries("NEW")
    assert [(str(one.first), one.code) for one in entries] == [
        ("2024-05-27", "closed"),
        ("2024-06-19", "closed"),
    ], "Memorial Day and Juneteenth"
    assert len(home.bars.load()) == 28 and home.registry.champion() is None


def test_when_nothing_comes_nothing_changes(copied: Home) -> None:
    before = {kind: file_bytes(copied.path / kind) for kind in ("bars", "models")}
    source = shelf(TSM=SourceError("test.failure", "Yahoo cannot be reached; TSM was not fetched."))
    with pytest.raises(SourceError, match="^Yahoo cannot be reached; TSM was not fetched.$"):
        tracked(copied, source, "TSM")
    assert {kind: file_bytes(copied.path / kind) for kind in before} == before
    assert len(copied.audit.latest()) == 1, "that of the sample"


def test_a_sample_ticker_is_replaced(copied: Home) -> None:
    source = shelf(AAPL=walk("AAPL"), TSM=walk("TSM"))
    done = tracked(copied, source, "AAPL", "TSM")
    assert done.note == "" and set(done.ingested.written) == {"AAPL", "TSM"}
    assert set(copied.bars.load("AAPL")["source"]) == {"yahoo"}
    assert len(copied.bars.tickers()) == 7, "the others of the sample stay"
