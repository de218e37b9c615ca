"""Track one's own tickers: what is read, fetched, trained, and said."""

import pandas as pd
import pytest

from core.errors import InvalidInputError, NotFoundError, SourceError
from core.services.sample import load_sample
from core.services.track import parse_tickers, track
from core.tickers import Ticker
from tests.bars import walk
from tests.homes import AT, Home, file_bytes
from tests.services.test_ingest import Shelf


def shelf(**held: pd.DataFrame | Exception) -> Shelf:
    return Shelf("yahoo", **held)


def tickers(*symbols: str) -> list[Ticker]:
    return [Ticker.parse(symbol) for symbol in symbols]


@pytest.mark.parametrize(
    "text", ["aapl, 2330.TW,TSM", "AAPL 2330.tw\nTSM\n", " AAPL,,2330.TW \t TSM, aapl ,"]
)
def test_tickers_are_read_between_commas_spaces_and_lines(text: str) -> None:
    assert parse_tickers(text) == tickers("AAPL", "2330.TW", "TSM")


def test_codes_and_names_are_read_too() -> None:
    assert parse_tickers("2330, 台積電, TSMC") == tickers("2330.TW")
    assert parse_tickers("Hon Hai、蘋果") == tickers("2317.TW", "AAPL")


def test_every_bad_ticker_is_named_at_once() -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_tickers("AAPL ../etc A$ 0700.XX, " + "x" * 50_000 + " TSM é")
    told = caught.value.message
    assert told.startswith(f"../etc, A$, 0700.XX, {'x' * 20}..., é are no tickers known here; ")
    assert told.count(". ") == 0 and "AAPL, ../" not in told
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
    source = shelf(TSM=walk("TSM"), ZZZZ=NotFoundError("Yahoo knows no ticker ZZZZ."))
    done = track(
        *(source, home.intake, home.registry, home.audit, "ann", tickers("TSM", "ZZZZ"), AT),
        progress=lambda step, done, total: steps.append(step),
    )
    assert done.note == "ZZZZ: Yahoo knows no ticker ZZZZ."
    champion = home.registry.champion()
    assert champion is not None and champion.card.tickers == ("TSM",)
    assert steps[0] == "Fetching bars" and "Walk-forward" in steps and steps[-1] == "Ready"
    row = home.audit.latest(1)[0]
    assert (row.who, row.action, row.subject) == ("ann", "track", "yahoo: TSM")


def test_a_champion_that_knows_a_stored_ticker_stays(copied: Home) -> None:
    source = shelf(TSM=walk("TSM"))
    done = track(source, copied.intake, copied.registry, copied.audit, "ann", tickers("TSM"), AT)
    champion = copied.registry.champion()
    assert champion is not None and champion.version == 1 and done.note == ""


def test_a_champion_that_knows_none_is_replaced(copied: Home) -> None:
    for ticker in copied.bars.tickers():
        copied.bars.remove(ticker)
    source = shelf(TSM=walk("TSM"))
    track(source, copied.intake, copied.registry, copied.audit, "ann", tickers("TSM"), AT)
    champion = copied.registry.champion()
    assert champion is not None and champion.version == 2 and champion.card.tickers == ("TSM",)


def test_too_little_history_keeps_the_bars_and_says_why_no_model_came(home: Home) -> None:
    source = shelf(NEW=walk("NEW", sessions=30))
    done = track(source, home.intake, home.registry, home.audit, "ann", tickers("NEW"), AT)
    assert done.note.startswith("The bars are stored, but no model could be trained: NEW needs ")
    held = home.quarantine.entries("NEW")
    assert [(str(one.first), one.code) for one in held] == [
        ("2024-05-27", "closed"),
        ("2024-06-19", "closed"),
    ], "Memorial Day and Juneteenth"
    assert len(home.bars.load()) == 28 and home.registry.champion() is None


def test_when_nothing_comes_nothing_changes(copied: Home) -> None:
    before = file_bytes(copied.path)
    source = shelf(TSM=SourceError("Yahoo cannot be reached; TSM was not fetched."))
    with pytest.raises(SourceError, match="^Yahoo cannot be reached; TSM was not fetched.$"):
        track(source, copied.intake, copied.registry, copied.audit, "ann", tickers("TSM"), AT)
    assert file_bytes(copied.path) == before


def test_a_sample_ticker_is_not_mixed(home: Home) -> None:
    load_sample(home.intake, home.registry, home.audit, "ann", AT)
    source = shelf(AAPL=walk("AAPL"), TSM=walk("TSM"))
    done = track(source, home.intake, home.registry, home.audit, "ann", tickers("AAPL", "TSM"), AT)
    assert done.note.startswith("AAPL: AAPL already holds sample bars; remove them before")
