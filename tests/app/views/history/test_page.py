"""History beside other tickers: what is drawn is what is stored, and no more."""

import io
import json
from typing import Any

import pandas as pd
from streamlit.testing.v1 import AppTest

from app.state.stores import Stores
from app.views.history import comparison
from core.market_data.history import history
from core.market_data.rebased_closes import rebase
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from tests.app.test_main import opened, texts
from tests.support.bars import frame

RECENT = pd.bdate_range("2026-10-01", "2026-11-20")


def lines(test: AppTest) -> dict[str, dict[str, float]]:
    """What the chart shows of each ticker, by date."""
    spec: dict[str, Any] = json.loads(test.get("plotly_chart")[0].proto.spec)
    found = {
        one["name"]: {x: y for x, y in zip(one["x"], one["y"]) if y is not None}
        for one in spec["data"]
    }
    assert found
    return found


def beside(ticker: str, *others: str) -> AppTest:
    test = opened("history", ticker=ticker)
    test.segmented_control(key="_widget_range").set_value("Max")
    test.multiselect(key="_widget_compare").set_value(list(others)).run()
    assert not test.exception
    return test


def test_a_sample_that_ended_in_2013_has_no_price_in_2026(sample: Stores) -> None:
    sample.bars.upsert(frame("NVDA", RECENT, 50.0).assign(source="csv"))
    test = beside("NVDA", "AAPL")
    assert list(lines(test)) == ["NVDA"]
    shown = texts(test)
    assert "AAPL shares no session of this range with NVDA; it has those of " in shown
    assert "to 2013-03-01." in shown
    table = test.dataframe[0].value
    assert list(table) == ["session", "NVDA"] and len(table) == len(RECENT)
    assert [one.label for one in test.get("download_button")] == ["CSV"]


def test_one_that_is_sessions_behind_ends_there_in_chart_table_and_file(sample: Stores) -> None:
    late = RECENT[3:-6].delete(4)
    sample.bars.upsert(frame("NVDA", RECENT, 50.0).assign(source="csv"))
    sample.bars.upsert(frame("QQQ", late, 20.0).assign(source="csv"))
    test = beside("NVDA", "QQQ")
    drawn = lines(test)
    assert list(drawn["QQQ"]) == [f"{day:%Y-%m-%d}" for day in late]
    assert len(drawn["NVDA"]) == len(RECENT) - 3
    shown = texts(test)
    assert f"each 100 on the first session that all of them have, {late[0]:%Y-%m-%d}." in shown
    assert f"QQQ ends on {late[-1]:%Y-%m-%d}." in shown
    table = test.dataframe[0].value
    assert table["QQQ"].notna().sum() == len(late) and table["NVDA"].notna().all()
    found = [history(sample.bars, Ticker.parse(name), SHIPPED) for name in ("NVDA", "QQQ")]
    read = pd.read_csv(io.StringIO(comparison.csv(rebase(found, pd.Timestamp.min))))
    assert read["session"][read["QQQ"].notna()].tolist() == list(drawn["QQQ"])
