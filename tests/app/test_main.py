"""Each page in each of its states, without a browser."""

import re
import time
from datetime import UTC, datetime

import pandas as pd
import pytest
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from app.api.routes import api
from app.components import exports
from app.state import actions
from app.state.stores import Stores
from core.features.indicators import NAMES
from core.foundation.errors import AccessError
from core.foundation.keys.person import VIEWER, Person, PersonRole
from core.market_data.sources.sample import SampleSource
from core.models.width_drivers import DRIVERS
from core.reference.tickers import Ticker
from tests.house.tree import ROOT
from tests.support.bars import walk

MAIN = ROOT / "app" / "main.py"
DEVELOPER = Person("developer", PersonRole.DEVELOPER)


def opened(page: str | None = None, **query: str) -> AppTest:
    test = AppTest.from_file(str(MAIN), default_timeout=60)
    for name, value in query.items():
        test.query_params[name] = value
    test.run()
    if page:
        test.switch_page(f"views/{page}/page.py").run()
    assert not test.exception, test.exception[0].message
    return test


def sample_bars(symbol: str) -> pd.DataFrame:
    return SampleSource().fetch(Ticker.parse(symbol), None, None, datetime.now(UTC))


def texts(test: AppTest) -> str:
    """All that a page says, as it is read: what Markdown escapes, an assertion would miss."""
    kinds = (test.title, test.subheader, test.markdown, test.caption, test.info, test.warning)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")


def test_an_empty_store_shows_one_card_with_two_things_to_press(empty: Stores) -> None:
    test = opened()
    assert [button.label for button in test.button] == ["Load sample data", "Track my own tickers"]
    assert [button.disabled for button in test.button] == [False, False]
    assert "end in 2013" in texts(test)


def test_a_viewer_may_load_the_sample_into_an_empty_store(empty: Stores) -> None:
    test = opened()
    test.button[0].click().run()
    deadline = time.monotonic() + 90
    while not test.dataframe and time.monotonic() < deadline:
        time.sleep(0.5)
        test.run()
    assert not test.exception
    assert "AAPL" in test.title[0].value
    assert empty.audit.latest()[-1].actor == "viewer"


def test_forecast_names_ticker_close_session_and_sample(sample: Stores) -> None:
    shown = texts(opened())
    assert "AAPL Apple" in shown
    assert "SAMPLE" in shown
    assert "random walk" in shown


def test_forecast_says_what_drives_its_width_at_the_horizon_chosen(sample: Stores) -> None:
    seen = set()
    for horizon in ("1", "20"):
        test = opened(ticker="AAPL", h=horizon)
        table = next(frame.value for frame in test.dataframe if "Driver" in frame.value)
        parts, whole = table[:-1], table.iloc[-1]
        assert len(parts) == len(DRIVERS) and whole["Driver"] == "All together"
        for name in ("against_expected", "moved"):
            assert abs(parts[name].sum() - whole[name]) < 1e-9
        assert f"The {horizon}-session range is" in texts(test)
        seen.add(whole["against_expected"])
    assert len(seen) == 2


def test_forecast_table_has_a_row_a_horizon(sample: Stores) -> None:
    test = opened(h="7")
    table = test.dataframe[0].value
    assert table["Horizon"].tolist() == list(range(1, 8))
    assert table["Target session"].iloc[0] == "2013-03-04"


def test_the_word_on_skill_is_of_the_chosen_horizon_on_page_and_in_the_api(sample: Stores) -> None:
    test = opened(h="1")
    for horizon, ahead in ((1, "1 session"), (20, "20 sessions")):
        test.slider[0].set_value(horizon).run()
        body = {"ticker": "AAPL", "horizon": horizon}
        skill = TestClient(api).post("/predict", json=body).json()["skill"]
        shown = texts(test)
        assert skill["sentence"] in shown and f"on AAPL at horizon {horizon}" in skill["sentence"]
        assert skill["horizons"][horizon - 1]["horizon"] == skill["horizon"] == horizon
        assert f"AAPL at {ahead}: " in shown and shown.count("The bands hold at all horizons") == 1
        assert f"Coverage, n {skill['horizons'][horizon - 1]['n']}" in [
            one.label for one in test.metric
        ]


def test_the_horizon_slider_cuts_the_table(sample: Stores) -> None:
    test = opened()
    test.slider[0].set_value(3).run()
    assert len(test.dataframe[0].value) == 3


def test_the_headline_is_a_large_move_and_p_up_stands_beside_its_base_rate(
    sample: Stores,
) -> None:
    """For each ticker; the chance of a move tells them apart, P(up) hardly does."""
    moves, ups = [], []
    for symbol in ("AAPL", "IBM", "MSFT"):
        test = opened(ticker=symbol, h="20")
        cards = {card.label: card.value for card in test.metric}
        assert "P(up)" not in cards
        moves.append(float(cards["Beyond ±5 %"].removesuffix(" %")))
        match = re.search(
            rf"P\(up\) is (\d+) %, beside a base rate of \d+ %: the share of {symbol}'s "
            r"[\d,]+ past spans of 20 sessions that rose. The mean rise, about 6 % a year, is the "
            r"same for all "
            r"tickers: direction is not predicted.",
            texts(test),
        )
        assert match is not None
        ups.append(float(match[1]))
    assert max(moves) - min(moves) >= 10 > 3 >= max(ups) - min(ups)


def test_odds_of_a_move_beyond_what_the_reader_types(sample: Stores) -> None:
    test = opened()
    for share, sentence in ((5.0, None), (50.0, "under 1 %** to end more than 50 % away")):
        test.number_input[1].set_value(share).run()
        card = next(one.value for one in test.metric if one.label == "Beyond ±5 %")
        wanted = sentence or f"{card}** to end more than 5 % away from US$430.47"
        assert any(wanted in block.value.replace("\\", "") for block in test.markdown)


def test_odds_above_a_low_price_are_near_certain(sample: Stores) -> None:
    test = opened()
    test.number_input[0].set_value(100.0).run()
    assert any("over 99 %** to end above" in block.value for block in test.markdown)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"ticker": "../../etc/passwd"}, "is not a ticker"),
        ({"ticker": "ZZZZ"}, "ZZZZ is not tracked here"),
        ({"ticker": "A" * 10_000}, "is not a ticker"),
        ({"h": "0"}, "from 1 to 20"),
        ({"h": "21"}, "from 1 to 20"),
        ({"h": "NaN"}, "from 1 to 20"),
        ({"h": "1e400"}, "from 1 to 20"),
        ({"colours": "<script>"}, "no colour scheme"),
    ],
)
def test_a_bad_address_gives_one_warning_and_the_default(
    sample: Stores, query: dict[str, str], named: str
) -> None:
    test = opened(**query)
    assert len(test.warning) == 1
    assert named in test.warning[0].value
    assert "AAPL" in test.title[0].value
    assert test.slider[0].value == 20
    assert not test.run().warning  # said once


def test_ticker_and_horizon_survive_a_change_of_page(sample: Stores) -> None:
    test = opened(ticker="IBM", h="5")
    test.switch_page("views/history/page.py").run()
    assert "IBM" in test.title[0].value
    test.switch_page("views/forecast/page.py").run()
    assert "IBM" in test.title[0].value
    assert len(test.dataframe[0].value) == 5


def test_the_synthetic_series_says_so(sample: Stores) -> None:
    assert "synthetic" in opened(ticker="9999.TW").title[0].value


@pytest.mark.parametrize("span", ["1M", "3M", "6M", "YTD", "1Y", "5Y", "Max"])
def test_history_draws_every_range(sample: Stores, span: str) -> None:
    test = opened("history")
    test.segmented_control(key="_widget_range").set_value(span).run()
    assert not test.exception
    assert len(test.dataframe[0].value) > 10


@pytest.mark.parametrize("scale", ["Price", "Log", "Percent"])
def test_history_draws_every_scale_with_three_overlays(sample: Stores, scale: str) -> None:
    test = opened("history")
    test.segmented_control(key="_widget_scale").set_value(scale)
    test.multiselect(key="_widget_overlays").set_value(["Bollinger 20", "RSI 14", "MACD"]).run()
    assert not test.exception


def test_the_file_of_bars_gains_indicators_when_asked(sample: Stores) -> None:
    plain = opened("history")
    wide = plain.toggle(key="indicators").set_value(True).run()
    assert not wide.exception
    bars = sample_bars("AAPL")
    lines = exports.bars_csv(bars[-3:], bars).splitlines()
    assert len(lines) == 4 and lines[0].endswith(",".join(NAMES))


def test_history_compares_tickers_of_two_markets(sample: Stores) -> None:
    test = opened("history")
    test.multiselect(key="_widget_compare").set_value(["MSFT", "9999.TW"]).run()
    assert not test.exception
    assert "each 100 on the first session" in texts(test)


def test_raw_prices_show_the_split_jump(sample: Stores) -> None:
    test = opened("history")
    test.segmented_control(key="_widget_range").set_value("Max")
    test.toggle[0].set_value(False).run()
    bars = test.dataframe[0].value.set_index("session")["close"]
    assert bars.max() > 700  # as traded in 2012
    assert bars["2005-02-25"] / bars["2005-02-28"] > 1.9


def test_bars_without_a_model_keep_history_and_explain_forecast(empty: Stores) -> None:
    empty.bars.upsert(sample_bars("IBM").assign(source="csv"))
    test = opened()
    assert "No model was trained yet" in texts(test)
    assert test.button[0].disabled
    test.switch_page("views/history/page.py").run()
    assert not test.exception


def test_a_viewer_finishes_a_sample_whose_loading_was_cut_short(empty: Stores) -> None:
    empty.bars.upsert(sample_bars("IBM"))
    test = opened()
    assert [button.label for button in test.button] == ["Load sample data", "Track my own tickers"]
    assert [button.disabled for button in test.button] == [False, True]
    actions.start_sample(VIEWER)
    while actions.filling():
        time.sleep(0.2)
    assert empty.registry.champion() is not None


def test_a_damaged_file_hides_its_ticker_only(sample: Stores) -> None:
    (sample.settings.home / "bars" / "IBM.parquet").write_bytes(b"nothing")
    test = opened()
    assert "IBM.parquet cannot be read" in test.warning[0].value
    assert "AAPL" in test.title[0].value and len(test.dataframe[0].value) == 20


@pytest.mark.parametrize("price", [0.0000176, 0.5, 1.07])
def test_a_cheap_asset_is_shown_with_enough_decimals(sample: Stores, price: float) -> None:
    bars = sample_bars("IBM").assign(ticker="SHIB-USD", source="csv")
    names = ["open", "high", "low", "close"]
    bars[names] *= price / bars["close"].iloc[-1]
    sample.bars.upsert(bars.assign(dividend=0.0))
    test = opened(ticker="SHIB-USD")
    shown = [metric.value for metric in test.metric]
    assert shown[0].startswith("US$") and float(shown[0][3:]) == pytest.approx(price, rel=0.2)


def test_a_damaged_model_is_one_sentence_on_the_page(sample: Stores) -> None:
    (sample.settings.home / "models" / "1.npz").write_bytes(b"not what was registered")
    test = opened()
    assert "was altered and will not serve" in test.error[0].value
    assert "AAPL" in test.title[0].value


def test_only_a_developer_removes_the_sample(sample: Stores) -> None:
    with pytest.raises(AccessError):
        actions.forget_sample(VIEWER)
    assert sample.bars.tickers()
    actions.forget_sample(DEVELOPER)
    assert not sample.bars.tickers()
    assert sample.audit.latest(1)[0].actor == "developer"
    assert "Nothing to show yet" in texts(opened())


def test_a_young_ticker_s_forecast_is_labelled_and_claims_no_skill(sample: Stores) -> None:
    sample.bars.upsert(walk("NEW", 60))
    test = opened(ticker="NEW")
    assert len(test.warning) == 1
    assert "NEW needs at least 131 sessions for har, has 60" in test.warning[0].value
    shown = texts(test)
    assert "Skill is unknown: random_walk_gauss was not tested here." in shown
    assert "Made by random_walk_gauss" in shown and "Model har" not in shown
    assert "past forecasts from" not in shown, "the champion's proof is not the stand-in's"
    assert [one.value for one in test.metric if one.label == "Coverage"] == ["unknown"]
    assert len(test.dataframe[0].value) == 20
    sample.bars.upsert(walk("NEWER", 20))
    assert opened(ticker="NEWER").error[0].value == "NEWER needs at least 21 sessions, has 20."
