"""More tickers and faults than a page of a table holds."""

from dataclasses import replace

from app.components.grid import PAGE_ROWS
from app.state.stores import Stores
from core.market_data.checks.finding import Fault
from core.market_data.records.quarantine import QuarantineEntry
from core.reference.bar_holds import Hold
from tests.app.test_main import opened
from tests.support.homes import AT, closes

SYMBOLS = [f"T{number}" for number in range(100, 100 + PAGE_ROWS + 5)]


def test_long_tables_come_a_page_at_a_time(sample: Stores) -> None:
    for symbol in SYMBOLS:
        bars = closes(symbol, [1.0, 2.0, 3.0], source="csv")
        sample.bars.upsert(bars)
        on = bars["session"].iloc[1].date()
        one = QuarantineEntry(symbol, "csv", Fault.JUMP, on, on, 1, "A jump.", Hold.PRICES, "", AT)
        sample.quarantine.add([one, replace(one, code=Fault.STALE)])
    test = opened("status", ticker=SYMBOLS[-1])
    tickers, faults = (test.dataframe[at].value["Ticker"].tolist() for at in (0, 1))
    assert tickers == SYMBOLS[:PAGE_ROWS]
    # The sample has an open question too, which comes first; the page begins at the ticker shown.
    every = ["AAPL", *(symbol for symbol in SYMBOLS for _ in range(2))]
    assert faults == every[2 * PAGE_ROWS :]
    assert test.selectbox(key="waiting-entry").value == sample.quarantine.entries(SYMBOLS[-1])[0].id
    test.number_input(key="freshness-page").set_value(2)
    test.number_input(key="waiting-page--").set_value(1).run()
    tickers, faults = (test.dataframe[at].value["Ticker"].tolist() for at in (0, 1))
    assert tickers[:5] == SYMBOLS[PAGE_ROWS:] and "AAPL" in tickers
    assert faults == every[:PAGE_ROWS]
    test.selectbox(key="waiting-ticker").set_value(SYMBOLS[3]).run()
    assert test.dataframe[1].value["Ticker"].tolist() == [SYMBOLS[3]] * 2
