"""Whatever the address says, every page is drawn: a bad value costs one sentence, never a page."""

import time

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from app.components.address import PARAMETERS
from app.state import queries
from app.state.stores import Stores
from core.foundation.errors import InvalidInputError
from core.registry.mlflow_client import load
from tests.app.test_main import MAIN
from tests.app.views.experiments.test_page import recorded

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:mlflow"),
    pytest.mark.filterwarnings("ignore::FutureWarning:mlflow"),
]
PAGES = ("forecast", "history", "experiments", "drift", "retrain", "status")
TRACKED = ["9999.TW", "AAPL", "FB", "GOOG", "IBM", "MSFT"]
HOSTILE = {
    "empty": "",
    "blank": " ",
    "digits": "9" * 5000,
    "minus": "-" + "1" * 5000,
    "arabic": "٣",
    "superscript": "²",
    "nan": "NaN",
    "infinity": "-Infinity",
    "exponent": "1e400",
    "zero byte": "\x00",
    "dots": "../../etc/passwd",
    "markup": "<script>alert(1)</script>",
    "formula": "$x$ **b** [a](b)",
    "commas": ",,,,,",
    "list": "IBM,IBM,IBM",
    "long list": "IBM," * 5000,
    "emoji": "\U0001f600" * 300,
    "right to left": "\u202e\u200f\ufeff",
}
ON_EVERY_PAGE = ("empty", "digits", "nan", "markup", "list", "emoji")  # History takes them all
READ = {page: [one for one in PARAMETERS if PARAMETERS[one].is_read_by(page)] for page in PAGES}
UNSENDABLE = {"surrogate": "\ud800", "pair": "\udfff" * 30}  # which no browser can send


def first_seen(page: str, **query: str) -> AppTest:
    """A page that is the first thing a browser asks for, as by a link somebody sent."""
    test = AppTest.from_file(str(MAIN), default_timeout=60)
    for name, value in query.items():
        test.query_params[name] = value
    if page != "forecast":  # switch_page knows of the pages only after a first run
        test._page_hash = calc_hash(page)
    return test.run()


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_reader_gives_a_value_or_one_short_sentence(name: str) -> None:
    parameter = PARAMETERS[name]
    refused = 0
    for text in (HOSTILE | UNSENDABLE).values():
        try:
            value = parameter.read(text, TRACKED)
        except InvalidInputError as error:
            refused += 1
            assert len(error.message) < 250 and error.message.endswith((".", "?"))
            assert error.message.encode() and "\n" not in error.message
        else:
            assert parameter.read(parameter.write(value), TRACKED) == value
    assert refused >= (1 if name == "filter" else 10)


@pytest.mark.parametrize("name", PARAMETERS)
def test_what_is_written_is_read_again(name: str) -> None:
    parameter = PARAMETERS[name]
    good = {
        "ticker": ["IBM", "9999.TW"],
        "h": list(range(1, 21)),
        "colours": ["us", "tw", "cb"],
        "range": ["1M", "YTD", "Max"],
        "scale": ["Price", "Log", "Percent"],
        "adjusted": [True, False],
        "overlays": [["SMA 20", "MACD"], ["Bollinger 20", "RSI 14", "SMA 60"]],
        "compare": [["IBM"], ["FB", "GOOG", "IBM", "MSFT"]],
        "filter": ["metrics.skill_all > 0.02 and params.forecaster = 'har'"],
    }
    for value in [*good[name], parameter.default(TRACKED)]:
        text = parameter.write(value)
        assert value == (parameter.read(text, TRACKED) if text else parameter.default(TRACKED))


@pytest.mark.parametrize("page", PAGES)
def test_every_page_lives_with_every_hostile_address(sample: Stores, page: str) -> None:
    load()
    while not queries.mlflow_is_loaded():
        time.sleep(0.05)
    warnings = len(first_seen(page).warning)
    for kind in HOSTILE if page == "history" else ON_EVERY_PAGE:
        text = HOSTILE[kind]
        bad = sum(refuses(name, text) for name in PARAMETERS if PARAMETERS[name].is_read_by(page))
        test = first_seen(page, **dict.fromkeys(PARAMETERS, text))
        assert not test.exception and test.title, f"{page} with {kind}"
        shown = [one.value for one in (*test.warning, *test.error, *test.info)]
        assert len(test.warning) == warnings + bad, f"{page} with {kind}: {shown}"
        assert all(len(one) < 400 for one in shown), f"{page} with {kind}: {shown}"


def test_what_mlflow_says_of_a_long_filter_is_cut(sample: Stores) -> None:
    recorded(sample)
    load()
    while not queries.mlflow_is_loaded():
        time.sleep(0.05)
    test = first_seen("experiments", filter="nonsense " * 50)
    assert not test.exception and len(test.error) == 1
    assert test.error[0].value.startswith("MLflow does not understand this filter\\: ")
    assert len(test.error[0].value) < 300


@pytest.mark.parametrize(
    ("page", "theirs"),
    [
        ("status", {"h": "nan", "range": "inf"}),
        ("drift", {"compare": "x", "filter": "f" * 501}),
        ("retrain", {"h": "0", "overlays": "x"}),
        ("experiments", {"adjusted": "x", "scale": "x"}),
        ("history", {"h": "21"}),
        ("forecast", {"range": "inf"}),
    ],
)
def test_a_page_says_nothing_of_what_others_read_and_hands_it_on(
    sample: Stores, page: str, theirs: dict[str, str]
) -> None:
    warnings = len(first_seen(page, ticker="IBM").warning)
    test = first_seen(page, ticker="IBM", **theirs)
    assert len(test.warning) == warnings and not test.exception
    assert {name: test.query_params[name] for name in theirs} == theirs
    other = next(iter(PARAMETERS[min(theirs)].pages))
    test.switch_page(f"views/{other}/page.py")
    for name, text in theirs.items():
        test.query_params[name] = text
    seen = len(first_seen(other, ticker="IBM").warning)
    shown = [one.value for one in test.run().warning]
    refused = sum(refuses(name, text) for name, text in theirs.items() if name in READ[other])
    assert len(shown) == seen + refused and refused >= 1, shown
    assert len(test.run().warning) == seen, "said once"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("compare", "9" * 300, f'"{"9" * 21}..." is not a ticker'),
        ("compare", "AAPL," + "9" * 300, f'"{"9" * 21}..." is not a ticker'),
        ("overlays", "9" * 300, 'There is no overlay "99999999999999999999...".'),
        ("compare", "A,B,C,D,E", "At most 4 tickers to compare with may be named."),
        ("overlays", "a,b,c,d", "At most 3 overlays may be named."),
    ],
)
def test_what_is_wrong_with_a_list_is_said(name: str, text: str, sentence: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        PARAMETERS[name].read(text, TRACKED)
    assert sentence in refused.value.message


def refuses(name: str, text: str) -> bool:
    try:
        PARAMETERS[name].read(text, TRACKED)
    except InvalidInputError:
        return True
    return False
