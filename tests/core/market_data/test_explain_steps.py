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


def adjusted_file(home: Home, path: Path, last: int, share: float, named: bool) -> Ticker:
    """Take in a file with an adjusted close whose dividend of 8 % is listed if `named`."""
    rows = pd.read_csv(FIELD / "10-base-600.csv").head(last)
    paid, before = round(share * rows["Close"][499], 2), rows.index < 500
    for name in ("Open", "High", "Low", "Close"):
        rows[name] = (rows[name] * np.where(before, 1.0, 1.0 - share)).round(2)
    factor = np.where(before, 1.0 - paid / rows["Close"][499], 1.0)
    rows["Adj Close"] = (rows["Close"] * factor).round(4)
    rows["Dividends"] = np.where((rows.index == 500) & named, paid, 0.0)
    rows.to_csv(path, index=False)
    parsed = Ticker.parse("ABC")
    ingest(CsvSource(path, parsed), home.gateway, AT, WantedBars(tickers=[parsed]))
    return parsed


def test_a_payout_that_only_the_adjusted_close_knows_is_asked_about_until_it_is_answered(
    home: Home, tmp_path: Path
) -> None:
    ticker = adjusted_file(home, tmp_path / "a.csv", 600, 0.08, named=False)
    assert step(home).message is not None and step(home).message.code == "bar.payout-implied"
    assert len(home.bars.load([ticker])) == 100
    quality(home.gateway, LATER)
    assert step(home).status == "open", "the check of stored bars has no adjusted close to look at"
    assert len(home.bars.load([ticker])) == 100
    dividend = f"dividend {0.08 * 100:.2f}"
    explain_step(home.gateway, home.audit, step(home).id, dividend, "ann", "the notice", LATER)
    assert len(home.bars.load([ticker])) == 600 and step(home).explanation == dividend


def test_a_vendor_that_lists_the_payout_later_answers_it(home: Home, tmp_path: Path) -> None:
    ticker = adjusted_file(home, tmp_path / "a.csv", 600, 0.08, named=False)
    adjusted_file(home, tmp_path / "b.csv", 600, 0.08, named=True)
    assert step(home).status == "resolved"
    assert len(home.bars.load([ticker])) == 600 and returns(home, ticker).abs().max() < 0.12


def test_a_special_dividend_is_believed_because_the_price_fell_by_it(home: Home) -> None:
    ticker = taken_in(home, "22-special-dividend.csv", "ABC")
    assert home.quarantine.entries() == []
    moves = returns(home, ticker)
    assert moves["2026-07-08"] == pytest.approx(np.log((149.69 + 20) / 166.31)), "not -10.5 %"


@pytest.mark.parametrize("name", ["23-same-day-9905.csv", "23-same-day-9906.csv"])
def test_cash_and_split_of_one_day_are_per_new_share(home: Home, name: str) -> None:
    ticker = taken_in(home, name, "9905.TW")
    raw = home.bars.load([ticker], adjusted=False).set_index("session").loc["2026-07-03"]
    assert returns(home, ticker)["2026-07-03"] == pytest.approx(
        np.log((96.85 + raw["dividend"]) * 1.2 / 115.49)
    )
    assert abs(returns(home, ticker)["2026-07-03"]) < 0.03, "either reading is within the day"
    assert home.quarantine.entries() == []


def test_where_the_unit_matters_it_is_asked_and_the_answer_replaces_what_is_listed(
    home: Home, tmp_path: Path
) -> None:
    rows = pd.read_csv(FIELD / "10-base-600.csv")
    before = rows.index < 500
    for name in ("Open", "High", "Low", "Close"):
        rows[name] = (rows[name] * np.where(before, 4.0, 1.0)).round(2)
    rows["Dividends"] = np.where(rows.index == 500, round(rows["Close"][500] * 0.05, 2), 0.0)
    rows["Stock Splits"] = np.where(rows.index == 500, 4.0, 0.0)
    rows.to_csv(tmp_path / "unit.csv", index=False)
    ticker, listed = Ticker.parse("ABC"), float(rows["Dividends"][500])
    source = CsvSource(tmp_path / "unit.csv", ticker)
    ingest(source, home.gateway, AT, WantedBars(tickers=[ticker]))
    assert f"or {listed / 4:.6g}, if it is per share before" in step(home).reason
    assert len(home.bars.load([ticker])) == 100
    quality(home.gateway, LATER)
    assert step(home).status == "open"
    explanation = f"dividend {listed / 4:.4f}"
    explain_step(home.gateway, home.audit, step(home).id, explanation, "ann", "notice", LATER)
    for _ in range(2):
        raw = home.bars.load([ticker], adjusted=False)
        assert raw["dividend"][500] == float(f"{listed / 4:.4f}") and raw["split_ratio"][500] == 4.0
        ingest(source, home.gateway, LATER, WantedBars(tickers=[ticker]))


def test_a_day_that_the_exchange_compares_with_none_is_asked_about_and_read_meanwhile(
    home: Home, tmp_path: Path
) -> None:
    month = FIELD.parent / "sources" / "field" / "03b-twse-month-utf8.csv"
    ticker, on = Ticker.parse("9998.TW"), pd.Timestamp("2026-11-10")

    def again() -> pd.Series:
        ingest(CsvSource(month, ticker), home.gateway, LATER, WantedBars(tickers=[ticker]))
        quality(home.gateway, LATER)
        return home.bars.load([ticker], adjusted=False).set_index("session")["dividend"]

    assert again().sum() == 0.0 and len(again()) == 22
    assert step(home).first == on.date() and step(home).hold == "actions"
    assert step(home).reason.startswith("The exchange compares 2026-11-10 with no session before")
    number = step(home).id
    explain_step(home.gateway, home.audit, number, "dividend 3.5", "ann", "the notice", LATER)
    assert again()[on] == 3.5 and len(again()) == 22 and step(home).status == "released"
    explain_step(home.gateway, home.audit, number, "real", "ann", "only a halt", LATER)
    assert again().sum() == 0.0 and step(home).status == "released"
    withdraw_explanation(home.gateway, home.audit, number, "ann", "who knows", LATER)
    assert again().sum() == 0.0 and (step(home).status, step(home).hold) == ("open", "actions")
    listed = tmp_path / "listed.csv"
    listed.write_text(
        "Date,Open,High,Low,Close,Volume,Dividends\n"
        "2026-11-09,891.84,893.28,878.60,887.92,4131977,0\n"
        "2026-11-10,891.84,893.28,878.60,887.92,4131977,4.5\n"
    )
    ingest(CsvSource(listed, ticker), home.gateway, LATER, WantedBars(tickers=[ticker]))
    assert step(home).status == "resolved", "a file that lists the action answers it"


def test_another_word_takes_back_what_was_asked_because_of_the_first(home: Home) -> None:
    ticker = taken_in(home, "11-unlisted-split-on-a-lively-day.csv", "ABC")
    number = step(home).id
    explain_step(home.gateway, home.audit, number, "dividend 5", "ann", "a slip", LATER)
    quality(home.gateway, LATER)
    (later,) = [one for one in home.quarantine.entries() if one.status == "open"]
    assert len(home.bars.load([ticker])) < 100 and later.code == "step"
    assert later.id > number, "it leaves the fall unexplained, which is asked"
    explain_step(home.gateway, home.audit, number, "split 4:1", "ann", "the notice", LATER)
    assert not [one for one in home.quarantine.entries() if one.status == "open"]
    raw = home.bars.load([ticker], adjusted=False).set_index("session").loc[EX]
    assert len(home.bars.load([ticker])) == 600
    assert (raw["dividend"], raw["split_ratio"]) == (0.0, 4.0)


def test_a_dividend_of_all_that_the_share_was_worth_is_refused(home: Home) -> None:
    ticker = taken_in(home, "11c-unlisted-3-for-2.csv", "ABC")
    before = home.bars.load([ticker])
    with pytest.raises(InvalidInputError, match="is more than the share was worth before"):
        explain_step(home.gateway, home.audit, step(home).id, "dividend 9999", "a", "x", LATER)
    assert step(home).status == "open"
    pd.testing.assert_frame_equal(home.bars.load([ticker]), before)
