"""The fan chart names each of its lines."""

from app.components.charts import fan
from core.forecasts.forecast import prices_by_horizon
from core.reference.tickers import Ticker
from tests.support.forecasts import forecast
from tests.support.homes import AT, Home


def test_the_dotted_lines_are_named_and_say_their_range(trained: Home) -> None:
    aapl = Ticker.parse("AAPL")
    made = forecast(trained.bars, trained.registry, aapl, AT)
    prices, baseline = prices_by_horizon(made.frame), prices_by_horizon(made.baseline)
    targets = [f"t{horizon}" for horizon in prices.index]
    drawn = fan(trained.bars.load([aapl]), prices, baseline, targets, dark=False)
    dotted = [one for one in drawn.data if one.line.dash == "dot"]
    assert len(dotted) == 3 and all(one.name.endswith("(dotted)") for one in dotted)
    named = {one.name for one in dotted if one.showlegend is not False}
    assert named == {"Random walk 80 % (dotted)", "Random walk median (dotted)"}
    median = dotted[-1]
    assert list(median.customdata[1]) == baseline[[0.10, 0.90]].iloc[0].tolist()
