"""The box that chooses a ticker: what it opens, and what it says instead."""

import ast

import pytest
from streamlit.testing.v1 import AppTest

from app.state.stores import Stores
from tests.app.test_main import opened, sample_bars
from tests.house.tree import ROOT

APP = ROOT / "app"


def typed(test: AppTest, text: str) -> AppTest:
    """As a browser sends what was typed and is no option of the list."""
    box = test.selectbox[0]
    box.options.append(text)
    test = box.set_value(text).run()
    assert not test.exception
    return test


def messages(test: AppTest) -> list[str]:
    return [one.value.replace("\\", "") for one in test.warning]


@pytest.mark.parametrize(
    ("text", "title"), [("ibm", "IBM"), ("International", "IBM"), ("微軟", "MSFT"), ("GOO", "GOOG")]
)
def test_a_code_a_name_or_how_it_begins_opens_the_ticker(
    sample: Stores, text: str, title: str
) -> None:
    test = typed(opened(), text)
    assert title in test.title[0].value and not test.warning
    assert test.query_params["ticker"] == title if title != "AAPL" else True


def test_a_code_without_its_zeros_opens_the_fund_and_says_so_once(sample: Stores) -> None:
    sample.bars.upsert(sample_bars("IBM").assign(ticker="0050.TW", source="csv"))
    test = typed(opened(ticker="IBM"), "50")
    sentence = "50 was read as 0050.TW 元大台灣50 Yuanta Taiwan 50."
    assert test.query_params["ticker"] == "0050.TW"
    assert sentence in [one.value.replace("\\", "") for one in test.caption]
    assert sentence not in [one.value.replace("\\", "") for one in test.run().caption]


def test_what_is_known_but_not_tracked_is_said_and_nothing_else_opened(sample: Stores) -> None:
    test = typed(opened(ticker="IBM"), "COST")
    assert messages(test) == ["COST Costco 好市多 is known but not tracked here."]
    assert "IBM" in test.title[0].value and test.query_params["ticker"] == "IBM"
    assert "Track COST" not in [one.label for one in test.button], "a viewer changes nothing"
    assert not test.run().warning, "said once"


def test_the_comparison_takes_names_and_says_what_it_has_not(sample: Stores) -> None:
    sample.bars.upsert(sample_bars("IBM").assign(ticker="NVDA", source="csv"))
    test = opened("history")
    box = test.multiselect(key="_widget_compare")
    box.options.extend(["輝達", "COST"])
    test = box.set_value(["MSFT", "輝達", "COST"]).run()
    assert not test.exception
    assert test.multiselect(key="_widget_compare").value == ["MSFT", "NVDA"]
    assert messages(test) == ["COST Costco 好市多 is known but not tracked here."]
    assert test.query_params["compare"] == "MSFT,NVDA"


def test_no_box_of_the_app_matches_by_scattered_letters() -> None:
    modes = []
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = (
                node.func.attr if isinstance(node, ast.Call) and hasattr(node.func, "attr") else ""
            )
            if name in ("selectbox", "multiselect"):
                mode = [one.value for one in node.keywords if one.arg == "filter_mode"]
                assert mode, f"{path.name}:{node.lineno}"
                modes.append(ast.literal_eval(mode[0]))
    assert len(modes) > 5 and set(modes) <= {"prefix", None}
