"""The forecast page says whose figures it shows."""

from app.state.stores import Stores
from tests.app.test_main import opened, texts
from tests.support.bars import walk


def text_of(ticker: str) -> str:
    return texts(opened(ticker=ticker)).replace("\\", "")


def test_the_coverage_of_others_is_not_taken_for_the_ticker_s_own(sample: Stores) -> None:
    assert "The coverage is that of" not in text_of("AAPL")
    last = sample.bars.load(adjusted=False)["session"].max()
    sample.bars.upsert(walk("LATE", 300, end=f"{last:%Y-%m-%d}"))
    of_all = "The coverage is that of all real tickers together, since "
    assert f"{of_all}the model was trained without LATE." in text_of("LATE")
    assert f"{of_all}FB alone has too few past forecasts." in text_of("FB")


def test_the_table_holds_the_random_walk_s_range(sample: Stores) -> None:
    test = opened(ticker="AAPL", h="5")
    table = next(frame.value for frame in test.dataframe if "P(up)" in frame.value)
    low, high = table["Random walk 10 %"], table["Random walk 90 %"]
    assert len(table) == 5 and (low < high).all() and (low != table["10 %"]).any()
