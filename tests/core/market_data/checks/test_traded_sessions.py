"""A calendar against what tickers traded, on dates made here."""

import os
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.market_data.checks.traded_sessions import reconcile
from core.reference.session_overrides import SessionChange, shipped
from core.reference.sessions import SHIPPED, Calendars

DAY = pd.Timestamp
MONDAY, SATURDAY = DAY("2026-03-02"), DAY("2026-03-07")


def traded(tickers: int = 4) -> pd.DataFrame:
    """A year of trades of several tickers in random order."""
    dates = SHIPPED["XTAI"].between(DAY("2025-06-02"), DAY("2026-06-30"))
    names = [f"{n}.TW" for n in range(tickers)]
    rows = pd.DataFrame(product(names, dates), columns=["ticker", "session"]).assign(volume=5.0)
    return rows.sample(frac=1.0, random_state=1)


def rulings(rows: pd.DataFrame, code: str = "XTAI") -> list[tuple[str, str, str]]:
    return [
        (f"{one.session:%m-%d}", one.change, one.reason) for one in reconcile(SHIPPED[code], rows)
    ]


def without(rows: pd.DataFrame, *dates: pd.Timestamp) -> pd.DataFrame:
    return rows[~rows["session"].isin(dates)]


def with_more(rows: pd.DataFrame, date: pd.Timestamp, *tickers: str) -> pd.DataFrame:
    more = pd.DataFrame({"ticker": tickers, "session": date, "volume": 5.0})
    return pd.concat([rows, more], ignore_index=True)


def test_what_was_traded_as_listed_changes_nothing() -> None:
    rows = traded()
    before = rows.copy()
    assert rulings(rows) == []
    pd.testing.assert_frame_equal(rows, before)


def test_a_session_without_a_trade_is_removed() -> None:
    rows = traded()
    expected = [("03-02", "removed", "0 of 4 tickers traded")]
    assert rulings(without(rows, MONDAY)) == expected
    for volume in (0.0, np.nan):  # padded by the vendor
        padded = rows.assign(volume=rows["volume"].mask(rows["session"] == MONDAY, volume))
        assert rulings(padded) == expected


def test_one_trade_keeps_a_session() -> None:
    rows = traded()
    assert rulings(rows[(rows["session"] != MONDAY) | (rows["ticker"] == "2.TW")]) == []


def test_a_date_on_which_most_traded_is_added() -> None:
    rows = traded()
    most = with_more(rows, SATURDAY, "0.TW", "1.TW", "2.TW")
    assert rulings(most) == [("03-07", "added", "3 of 4 tickers traded")]
    assert rulings(with_more(rows, SATURDAY, "0.TW", "1.TW")) == []


def test_two_tickers_prove_nothing() -> None:
    assert rulings(without(traded(tickers=2), MONDAY)) == []
    assert rulings(with_more(traded(tickers=2), SATURDAY, "0.TW", "1.TW")) == []


def test_only_who_traded_before_and_after_can_tell() -> None:
    rows = without(traded(tickers=3), MONDAY)
    ended = rows[(rows["ticker"] != "0.TW") | (rows["session"] < MONDAY)]
    assert rulings(ended) == []
    last = SHIPPED["XTAI"].shift(DAY("2026-06-30"), -1)
    assert rulings(traded()[lambda found: found["session"] <= last]) == []


def test_who_trades_now_and_then_cannot_tell() -> None:
    rows = without(traded(tickers=3), MONDAY)
    seldom = rows[(rows["ticker"] != "0.TW") | (rows["session"].dt.day % 3 == 0)]
    assert rulings(seldom) == []


def test_a_long_hole_is_one_in_the_data() -> None:
    rows = traded()
    hole = SHIPPED["XTAI"].between(DAY("2026-03-02"), DAY("2026-03-05"))
    assert len(hole) == 4 and rulings(without(rows, *hole)) == []
    assert len(rulings(without(rows, *hole[:3]))) == 3


def test_who_disagrees_on_many_dates_has_bars_of_another_exchange() -> None:
    """Funds of Taiwan that are taken for American ones change nothing of New York's calendar."""
    strangers = traded(tickers=3)
    assert rulings(strangers, "XNYS") == []
    dates = SHIPPED["XNYS"].between(DAY("2025-06-02"), DAY("2026-06-30"))
    own = pd.DataFrame(product(["A", "B", "C"], dates), columns=["ticker", "session"])
    both = pd.concat([strangers, own.assign(volume=5.0)], ignore_index=True)
    assert rulings(both, "XNYS") == []
    (found,) = rulings(without(both, MONDAY), "XNYS")
    assert found[:2] == ("03-02", "removed") and found[2].startswith("0 of 3 tickers traded; not ")
    assert sorted(found[2].rpartition(": ")[2].split(", ")) == ["0.TW", "1.TW", "2.TW"]


def test_a_witness_may_disagree_on_two_other_dates_of_the_year() -> None:
    rows = traded(tickers=3)
    saturdays = [SATURDAY - pd.Timedelta(weeks=3 * n) for n in range(4)]
    for count, saturday in enumerate(saturdays, 1):
        rows = with_more(rows, saturday, "0.TW", "1.TW", "2.TW")
        assert len(rulings(rows)) == (count if count <= 3 else 0)


def test_dates_far_apart_are_each_believed() -> None:
    dates = SHIPPED["XTAI"].between(DAY("2020-01-02"), DAY("2025-12-31"))
    rows = pd.DataFrame(product(["A", "B", "C"], dates), columns=["ticker", "session"])
    gone = [dates[place] for place in range(100, len(dates), 100)]
    assert len(rulings(without(rows.assign(volume=5.0), *gone))) == len(gone) > 10


def test_what_never_closes_and_what_is_empty_say_nothing() -> None:
    assert rulings(without(traded(), MONDAY), "24/7") == []
    assert rulings(traded().head(0)) == []


@pytest.mark.evaluation
def test_taiwan_s_own_data_finds_what_the_library_lacks() -> None:
    """With our Saturdays taken out, the data finds those eight and changes nothing else."""
    folder = Path(os.environ["TICKERLENS_EVALUATION_DATA"]) / "taiwan"
    rows = pd.read_parquet(folder / "twse_raw_2015_2021.parquet")
    rows = rows.rename(columns={"date": "session"})
    assert reconcile(SHIPPED["XTAI"], rows) == []
    known = [
        one for one in shipped() if one.calendar == "XTAI" and one.change == SessionChange.ADDED
    ]
    without_them = Calendars(tuple(replace(one, change=SessionChange.REMOVED) for one in known))
    found = reconcile(without_them["XTAI"], rows)
    assert {one.change for one in found} == {SessionChange.ADDED}
    assert [f"{one.session}" for one in found] == [
        *("2016-01-30", "2016-06-04", "2016-09-10", "2017-02-18"),
        *("2017-06-03", "2017-09-30", "2018-03-31", "2018-12-22"),
    ]
