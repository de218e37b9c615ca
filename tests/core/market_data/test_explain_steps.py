"""A step that nobody listed: nothing is joined across it until a person says what it was."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import InvalidInputError
from core.market_data.explain_steps import explain_step, withdraw_explanation
from core.market_data.history import history
from core.market_data.ingest import WantedBars, ingest
from core.market_data.records.quarantine import QuarantineEntry, QuarantineStatus
from core.market_data.review import discard, quality, release
from core.market_data.sources.csv_file import CsvSource
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from tests.support.homes import Home

FIELD = Path(__file__).parent / "field"
EX = pd.Timestamp("2026-10-15")
AT = datetime(2026, 11, 27, 23, tzinfo=UTC)
# The file, whose ticker it is, and what it was.
STEPS = {
    "11-unlisted-split-on-a-lively-day.csv": ("ABC", "split 4:1"),
    "11b-unlisted-reverse-split.csv": ("ABC", "split 1:20"),
    "11c-unlisted-3-for-2.csv": ("ABC", "split 3:2"),
    "12-par-value-change-after-halt.csv": ("5904.TWO", "split 10:1"),
}
LATER = AT + timedelta(days=1)


def taken_in(home: Home, name: str, ticker: str) -> Ticker:
    parsed = Ticker.parse(ticker)
    source = CsvSource(FIELD / name, parsed)
    ingest(source, home.gateway, AT, WantedBars(tickers=[parsed]))
    return parsed


def step(home: Home) -> QuarantineEntry:
    (found,) = [one for one in home.quarantine.entries() if one.code == "step"]
    return found


def returns(home: Home, ticker: Ticker) -> pd.Series:
    bars = home.bars.load([ticker])
    return np.log(bars.set_index("session")["close"]).diff().dropna()


@pytest.mark.parametrize("name", STEPS)
def test_no_return_crosses_a_step_and_its_answer_joins_both_sides(home: Home, name: str) -> None:
    symbol, explanation = STEPS[name]
    ticker = taken_in(home, name, symbol)
    assert step(home).first == EX.date() and step(home).status == "open"
    parted = returns(home, ticker)
    assert parted.index.min() > EX and parted.abs().max() < 0.12
    assert history(home.bars, ticker, SHIPPED).since == EX
    explain_step(home.gateway, home.audit, step(home).id, explanation, "ann", "the notice", LATER)
    joined = returns(home, ticker)
    assert len(joined) > 500 and joined.abs().max() < 0.12
    assert history(home.bars, ticker, SHIPPED).since is None
    known = home.bars.load([ticker], known_at=AT)
    assert known["session"].min() == EX, "nobody knew then"
    action = home.audit.latest(1)[0]
    assert (action.action, action.actor, action.reason) == ("answer step", "ann", "the notice")
    assert action.subject.endswith(f"2026-10-15: step: {explanation}")
    quality(home.gateway, LATER)
    assert len(returns(home, ticker)) == len(joined), "checked again, it stays answered"


def test_where_the_split_is_listed_nothing_is_asked(home: Home) -> None:
    for name in ("11d-same-with-the-split-listed.csv", "10-base-600.csv"):
        ticker = taken_in(home, name, "ABC")
        assert len(home.bars.load([ticker])) == 600
        assert [one for one in home.quarantine.entries() if one.code == "step"] == []
        home.bars.remove(ticker)


def test_an_answer_counts_again_when_the_same_bars_come_again(home: Home) -> None:
    name = "11-unlisted-split-on-a-lively-day.csv"
    ticker = taken_in(home, name, "ABC")
    explain_step(home.gateway, home.audit, step(home).id, "split 4:1", "ann", "notice", LATER)
    before = home.bars.load([ticker])
    taken_in(home, name, "ABC")
    pd.testing.assert_frame_equal(home.bars.load([ticker]), before)


def test_a_vendor_that_lists_the_split_later_answers_it(home: Home) -> None:
    ticker = taken_in(home, "11-unlisted-split-on-a-lively-day.csv", "ABC")
    taken_in(home, "11d-same-with-the-split-listed.csv", "ABC")
    assert step(home).status == "resolved"
    assert len(home.bars.load([ticker])) == 600 and returns(home, ticker).abs().max() < 0.12


def test_an_answer_is_taken_back_and_given_anew(home: Home) -> None:
    ticker = taken_in(home, "11c-unlisted-3-for-2.csv", "ABC")
    parted = home.bars.load([ticker])
    first = step(home).id
    explain_step(home.gateway, home.audit, first, "real", "ann", "a warning", LATER)
    assert returns(home, ticker).abs().max() == pytest.approx(np.log(1.5), abs=0.05)
    assert (step(home).explanation, step(home).status) == ("real", "released")
    explain_step(home.gateway, home.audit, first, "Split 3:2", "bob", "a notice", LATER)
    assert returns(home, ticker).abs().max() < 0.12 and step(home).explanation == "split 3:2"
    withdraw_explanation(home.gateway, home.audit, first, "bob", "I erred", LATER)
    assert (step(home).explanation, step(home).status) == (None, QuarantineStatus.OPEN)
    again = home.bars.load([ticker])
    pd.testing.assert_frame_equal(
        again.drop(columns="ingested_at"), parted.drop(columns="ingested_at")
    )
    quality(home.gateway, LATER)
    assert step(home).status == "open" and len(home.bars.load([ticker])) == len(parted)


def test_a_dividend_is_an_answer_too(home: Home) -> None:
    ticker = taken_in(home, "11c-unlisted-3-for-2.csv", "ABC")
    explain_step(home.gateway, home.audit, step(home).id, "dividend 58.1", "ann", "special", LATER)
    assert returns(home, ticker).abs().max() < 0.12
    raw = home.bars.load([ticker], adjusted=False).set_index("session")
    assert raw.loc[EX, "dividend"] == 58.1 and raw.loc[EX, "split_ratio"] == 1.0


def test_what_is_no_answer_changes_nothing(home: Home) -> None:
    ticker = taken_in(home, "11c-unlisted-3-for-2.csv", "ABC")
    number, before = step(home).id, home.bars.load([ticker])
    for text in ("", "yes", "split", "split 1:1", "split 0:2", "split 1:0", "dividend -1"):
        with pytest.raises(InvalidInputError, match="does not say what the step was"):
            explain_step(home.gateway, home.audit, number, text, "ann", "x", LATER)
    with pytest.raises(InvalidInputError, match="A reason is needed"):
        explain_step(home.gateway, home.audit, number, "real", "ann", " ", LATER)
    with pytest.raises(InvalidInputError, match="no answer to take back"):
        withdraw_explanation(home.gateway, home.audit, number, "ann", "x", LATER)
    with pytest.raises(InvalidInputError, match="neither can be discarded"):
        discard(home.gateway, home.audit, number, "ann", "x", LATER)
    pd.testing.assert_frame_equal(home.bars.load([ticker]), before)
    assert step(home).status == "open"
    release(home.gateway, home.audit, number, "ann", "it is real", LATER)
    assert len(home.bars.load([ticker])) == 600


def test_a_step_that_comes_overnight_parts_the_new_bars_from_the_old(
    home: Home, tmp_path: Path
) -> None:
    lines = (FIELD / "11-unlisted-split-on-a-lively-day.csv").read_text().splitlines(keepends=True)
    at = next(row for row, line in enumerate(lines) if line.startswith("2026-10-15"))
    parsed = Ticker.parse("ABC")
    for count, last in enumerate((at, at + 1, at + 2)):
        file = tmp_path / f"{count}.csv"
        file.write_text("".join(lines[:1] + lines[max(1, last - 10) if count else 1 : last]))
        ingest(CsvSource(file, parsed), home.gateway, AT, WantedBars(tickers=[parsed]))
        read = home.bars.load([parsed])
        assert len(read) == (at - 1, 1, 2)[count]
    assert step(home).first == EX.date() and step(home).status == "open"
