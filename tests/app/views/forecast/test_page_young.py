"""The forecast page of a ticker that is too young for the model alone."""

from app.state.stores import Stores
from core.reference.tickers import Ticker
from tests.app.test_main import opened, texts
from tests.support.bars import timely, walk


def test_a_young_ticker_beside_its_market_is_forecast_by_both(sample: Stores) -> None:
    last = sample.bars.load(adjusted=False)["session"].max()
    sample.bars.upsert(walk("BESIDE", 60, end=f"{last:%Y-%m-%d}"))
    test = opened(ticker="BESIDE")
    assert "shown is the mean of har version 1 on these few" in test.warning[0].value
    shown = texts(test)
    both = "har version 1 and random_walk_gauss"
    assert f"Skill is unknown: the mean of {both} was not tested here." in shown
    assert (
        "Made by har version 1 from the few sessions there are, and by random_walk_gauss" in shown
    )
    assert "past forecasts from" not in shown and "Model har" not in shown


def test_a_forecast_of_one_s_own_young_ticker_is_in_the_ledger_apart(sample: Stores) -> None:
    bars = timely({"YOUNG": 64, "1102.TW": 64})
    sample.bars.upsert(bars)
    young = Ticker.parse(str(bars["ticker"].iloc[0]))
    test = opened(ticker=young.symbol)
    assert [one["kind"] for one in sample.ledger.served([young])] == ["fallback"]
    shown = texts(test).replace("\\", "")
    assert f"1 fallback forecast of {young}, none scored at horizon" in shown
    assert "They do not count in the model's record." in shown
