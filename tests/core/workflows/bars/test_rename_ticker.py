"""A symbol that changed: what comes along, what is refused, what a stop leaves, and back."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.foundation.audit import Action
from core.foundation.errors import InvalidInputError, NotFoundError, TickerLensError
from core.market_data.explain_steps import explain_step
from core.market_data.ingest import WantedBars, ingest
from core.market_data.records.quarantine import QuarantineEntry, QuarantineStatus
from core.market_data.records.rename_log import Rename
from core.market_data.sources.csv_file import CsvSource
from core.market_data.validate import recheck
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from core.workflows.bars.remove_tickers import remove
from core.workflows.bars.rename_ticker import rename, take_back
from tests.support.bars import walk
from tests.support.homes import AT, Home, file_bytes, open_home

FB, META = Ticker.parse("FB"), Ticker.parse("META")
SESSIONS = SHIPPED["XNYS"].between(pd.Timestamp("2023-04-21"), pd.Timestamp("2024-06-28"))
BARS = walk("FB", 299).assign(source="csv", session=SESSIONS)
STEP = Path(__file__).parents[2] / "market_data/field/11-unlisted-split-on-a-lively-day.csv"
FETCHED = datetime.fromisoformat("2026-11-27T09:00:00+00:00")
NOW = datetime.fromisoformat("2026-11-28T09:00:00+00:00")


@pytest.fixture
def home(tmp_path: Path, records_url: str) -> Home:
    return open_home(tmp_path / "home", records_url)


def renamed(home: Home, old: str = "FB", new: str = "META", reason: str = "a new symbol") -> Any:
    return rename(home, Rename(old, new, NOW, "ann", reason))


def back(home: Home, old: Ticker = FB, new: Ticker = META) -> Any:
    day = NOW + timedelta(days=1)
    action = Action(day, "bob", "take back rename", f"{old} to {new}", "a mistake")
    return take_back(home, old, new, action)


def stored(home: Home, ticker: Ticker) -> pd.DataFrame:
    return home.bars.load([ticker], adjusted=False).drop(columns="ticker")


def actions(home: Home) -> list[tuple[str, str, str, str]]:
    found = home.audit.latest()
    return [(one.actor, one.action, one.subject, one.reason) for one in found]


def step_of(home: Home, ticker: Ticker) -> QuarantineEntry:
    (found,) = [one for one in home.quarantine.entries(ticker.symbol) if one.code == "step"]
    return found


def test_its_bars_are_read_under_the_new_symbol_alone(home: Home) -> None:
    home.bars.upsert(BARS)
    home.watchlist.add([FB], "yahoo", AT)
    before = stored(home, FB)
    on_record = renamed(home)["renamed"]
    assert on_record == {
        "from": "FB",
        "to": "META",
        "at": NOW.isoformat(),
        "who": "ann",
        "reason": "a new symbol",
    }
    assert home.bars.tickers() == [META] == [one.ticker for one in home.watchlist.all()]
    pd.testing.assert_frame_equal(stored(home, META), before)
    assert actions(home) == [("ann", "rename", "FB to META", "a new symbol")]
    assert renamed(home, reason="once more")["renamed"] == on_record
    assert len(actions(home)) == 1 == len(home.rename_log.all())
    assert home.again().bars.tickers() == [META]


def test_with_the_new_symbol_s_own_bars_the_older_ones_come_before(home: Home) -> None:
    home.bars.upsert(BARS.head(199))
    # Two sessions in both, a cent off: no contradiction.
    own = BARS.tail(102).assign(ticker="META", close=BARS["close"].tail(102).round(2))
    home.bars.upsert(own.assign(high=own["high"] + 0.01, low=own["low"] - 0.01))
    renamed(home)
    found = stored(home, META)
    assert found["session"].tolist() == BARS["session"].tolist()
    assert np.allclose(found["close"], BARS["close"], atol=0.006)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({4: 1.03}, r"on 2024-06-25 they closed at 82.8987 and 85.3856, with 1 and 1 new shares"),
        ({0: 1.5, 4: 1.6}, r"on 2024-06-18 "),
        (dict.fromkeys(range(3, 8), 0.999), r"on 2024-06-24 "),  # in other units
    ],
)
def test_bars_that_contradict_are_refused_and_nothing_is_changed(
    home: Home, changed: dict[int, float], reason: str
) -> None:
    home.bars.upsert(BARS)
    own = BARS.tail(8).assign(ticker="META").reset_index(drop=True)
    for row, factor in changed.items():
        own.loc[row, ["open", "high", "low", "close"]] *= factor
    home.bars.upsert(own)
    before = file_bytes(home.path / "bars")
    with pytest.raises(InvalidInputError, match=f"^FB cannot be META: {reason}"):
        renamed(home)
    assert file_bytes(home.path / "bars") == before
    assert home.bars.tickers() == [FB, META] and home.rename_log.all() == []
    assert actions(home) == []


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("FB", "FB", "FB is FB already; name the symbol that it has now."),
        ("NONE", "META", "NONE is not tracked here, so there is nothing to be had under another "),
        ("FB", "2330.TW", "FB trades in USD by the calendar XNYS and 2330.TW in TWD by XTAI, so "),
        ("IBM", "META", "The bars of IBM are the sample's, which keeps its symbols."),
        ("FB", "IBM", "The bars of IBM are the sample's, which keeps its symbols."),
        ("OLD", "META", "OLD is NEW now; name that."),
        ("FB", "OLD", "OLD is NEW now; name that."),
    ],
)
def test_what_cannot_be_is_one_sentence(home: Home, old: str, new: str, sentence: str) -> None:
    home.bars.upsert(BARS)
    home.bars.upsert(walk("IBM", 30))
    home.bars.upsert(walk("OLD", 30).assign(source="csv"))
    renamed(home, "OLD", "NEW")
    with pytest.raises(TickerLensError) as raised:
        renamed(home, old, new)
    assert raised.value.message.startswith(sentence)
    assert len(home.rename_log.all()) == 1 and home.bars.latest(FB).shape[0] == 299


def test_a_reason_is_needed(home: Home) -> None:
    home.bars.upsert(BARS)
    with pytest.raises(InvalidInputError, match="^A reason is needed"):
        renamed(home, reason=" ")
    assert home.bars.tickers() == [FB]


def test_a_move_between_boards_of_one_exchange_calendar_is_a_rename(home: Home) -> None:
    home.bars.upsert(walk("6488.TWO", 60).assign(source="csv"))
    renamed(home, "6488.TWO", "6488.TW")
    assert home.bars.tickers() == [Ticker.parse("6488.TW")]


def ingested(home: Home, ticker: Ticker) -> None:
    ingest(CsvSource(STEP, ticker), home.gateway, FETCHED, WantedBars(tickers=[ticker]))


def test_a_step_its_question_and_its_answer_come_along(home: Home) -> None:
    ingested(home, FB)
    number = step_of(home, FB).id
    parted = len(stored(home, FB))
    renamed(home)
    assert step_of(home, META).id == number and len(stored(home, META)) == parted
    explain_step(home.gateway, home.audit, number, "split 4:1", "ann", "the notice", NOW)
    assert len(stored(home, META)) > parted
    back(home)
    assert step_of(home, FB).status == QuarantineStatus.RELEASED
    assert len(stored(home, FB)) > parted and home.bars.tickers() == [FB]
    assert recheck(home.gateway, FB, NOW) == 0 and home.quarantine.entries("META") == []


@pytest.mark.parametrize("explained", [FB, META])
def test_an_answer_to_either_counts_for_both(home: Home, explained: Ticker) -> None:
    """The vendor gives the whole history under the new symbol, with the same step."""
    for ticker in (FB, META):
        ingested(home, ticker)
    number = step_of(home, explained).id
    explain_step(
        home.gateway,
        home.audit,
        number,
        "split 4:1",
        "ann",
        "the notice",
        FETCHED + timedelta(hours=1),
    )
    whole = len(home.bars.latest(FB))
    renamed(home)
    assert step_of(home, META).status == QuarantineStatus.RELEASED
    assert len(stored(home, META)) == whole and home.bars.stretch_since(META) is None
    assert recheck(home.gateway, META, NOW) == 0


def test_taken_back_each_is_what_it_was(home: Home) -> None:
    home.bars.upsert(BARS.head(199))
    home.bars.upsert(BARS.tail(100).assign(ticker="META"))
    home.watchlist.add([FB], "yahoo", AT)
    before = {one: stored(home, one) for one in (FB, META)}
    renamed(home)
    assert len(stored(home, META)) == 299
    done = back(home)
    assert done["taken_back"]["taken_back_by"] == "bob"
    assert home.bars.tickers() == [FB, META]
    assert [one.ticker for one in home.watchlist.all()] == [FB]
    for ticker, bars in before.items():
        pd.testing.assert_frame_equal(stored(home, ticker), bars)
    assert back(home) == done and len(actions(home)) == 2
    renamed(home, reason="it is so after all")
    assert home.bars.tickers() == [META]


def test_what_was_never_so_is_not_taken_back(home: Home) -> None:
    home.bars.upsert(BARS)
    with pytest.raises(NotFoundError, match="^Nobody said that FB is META now, so there is "):
        back(home)


def test_removing_it_removes_what_came_along(home: Home) -> None:
    home.bars.upsert(BARS.head(199))
    home.bars.upsert(BARS.tail(100).assign(ticker="META"))
    home.watchlist.add([FB], "yahoo", AT)
    renamed(home)
    with pytest.raises(NotFoundError, match="^FB is not tracked here; nothing was removed.$"):
        remove(home, [FB], "ann", NOW)
    remove(home, [META], "ann", NOW)
    assert home.bars.tickers() == [] == home.watchlist.all()
    back(home)
    assert home.bars.tickers() == [] == home.watchlist.all()


class Stopped(BaseException):
    """The process ends here."""


def stopping_at(step: int) -> Any:
    def progress(what: str, done: int, total: int, *more: object) -> None:
        if done == step:
            raise Stopped

    return progress


@pytest.mark.parametrize("step", range(3))
def test_stopped_between_its_steps_the_same_again_ends_it(home: Home, step: int) -> None:
    for ticker in (FB, META):
        ingested(home, ticker)
    explain_step(
        home.gateway,
        home.audit,
        step_of(home, FB).id,
        "split 4:1",
        "ann",
        "the notice",
        FETCHED + timedelta(hours=1),
    )
    answered = len(actions(home))
    with pytest.raises(Stopped):
        rename(home, Rename("FB", "META", NOW, "ann", "new"), stopping_at(step))
    home = home.again()
    assert home.bars.tickers() == ([FB, META] if step == 0 else [META]), "one of both, at once"
    renamed(home)
    whole = len(home.bars.latest(META))
    assert home.bars.tickers() == [META] and len(stored(home, META)) == whole
    assert len(actions(home)) == answered + 1 and len(home.rename_log.all()) == 1
    with pytest.raises(Stopped):
        take_back(
            home, FB, META, Action(NOW, "bob", "take back rename", "", "no"), stopping_at(step)
        )
    home = home.again()
    back(home)
    assert home.bars.tickers() == [FB, META] and len(actions(home)) == answered + 2
    assert len(stored(home, FB)) == whole


def test_bars_on_their_way_under_the_old_symbol_do_not_bring_it_back(home: Home) -> None:
    home.bars.upsert(BARS.head(199))

    class Slow(CsvSource):
        """Answers after the rename."""

        def fetch(self, ticker: Ticker, *more: Any) -> pd.DataFrame:
            renamed(home)
            return BARS

    source = Slow(STEP, FB)
    with pytest.raises(InvalidInputError, match="^FB is META now; name that.$"):
        ingest(source, home.gateway, NOW, WantedBars(tickers=[FB]))
    assert home.bars.tickers() == [META] and len(home.bars.latest(META)) == 199
    assert home.quarantine.entries() == []
