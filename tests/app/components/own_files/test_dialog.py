"""Price files of one's own, from choosing them to what the page says was stored."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.state import actions
from app.state.stores import Stores
from core.foundation.errors import AccessError
from core.foundation.keys.person import VIEWER, Person, PersonRole
from core.market_data.ingest import WantedBars
from core.reference.tickers import Ticker
from tests.app.components.test_tracking import button, ended
from tests.app.test_main import opened, texts
from tests.support.bars import walk
from tests.support.homes import file_bytes

ANN = Person("ann", PersonRole.DEVELOPER)
HEAD = "Date,Open,High,Low,Close,Volume\n"
ROWS = HEAD + "2026-11-24,20,21,19,20.5,1000\n2026-11-25,20,21,19,20.6,2000\n"
MONTH = (
    "115年11月 9998 測試公司 各日成交資訊\n日期,成交股數,成交金額,開盤價,最高價,最低價,收盤價,\n"
    "115/11/24,1000,1,20,21,19,20.5\n115/11/25,2000,1,20,21,19,20.6\n"
).encode("big5")


@pytest.fixture
def signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("tracking", "states", "own_files.dialog", "context"):  # which others import
        monkeypatch.setattr(f"app.components.{place}.person", lambda: ANN)


@pytest.fixture
def fresh(signed_in: None, open_app: Callable[..., Stores]) -> Iterator[Stores]:
    yield open_app()
    ended()


def window(*files: tuple[str, str | bytes]) -> AppTest:
    """The first visit with the window open and these files chosen."""
    test = button(button(opened(), "Track my own tickers"), "Read files of mine")
    return given(test, *files)


def given(test: AppTest, *files: tuple[str, str | bytes]) -> AppTest:
    sent = [(name, one.encode() if isinstance(one, str) else one, "x/y") for name, one in files]
    test.file_uploader[0].set_value(sent).run()
    assert not test.exception, test.exception[0].message
    return test


def sentences(test: AppTest) -> list[str]:
    return [one.value.replace("\\", "") for one in (*test.error, *test.info)]


def labels(test: AppTest) -> list[str]:
    return [one.label.replace("\\", "") for one in test.button]


def test_a_month_of_the_exchange_is_seen_named_and_stored(fresh: Stores) -> None:
    test = window(("month.csv", MONTH))
    assert sentences(test) == [
        "9998 is not known by its code alone; if 9998.TW or 9998.TWO is meant, write that."
    ]
    test.text_input[0].set_value("9998.TW").run()
    shown = texts(test)
    assert "**9998.TW**" in shown
    assert "2 sessions, 2026-11-24 to 2026-11-25: 2 new." in shown
    assert "2 rows, header in row 2, dates year first, " in shown
    assert "日期 → session · 成交股數 → volume · 成交金額 → turnover · 開盤價 → open" in shown
    assert "Row 1 is no bar: 115年11月 9998" in shown
    assert list(test.dataframe[0].value["close"]) == [20.5, 20.6]
    assert not fresh.bars.tickers(), "nothing is stored without the button"
    button(test, "Store 2 bars of 9998\\.TW")
    ended()
    test.run()
    assert not test.exception
    assert test.success[0].value.replace("\\", "").startswith("9998.TW: 2 bars stored.")
    assert "9998" in test.title[0].value and not test.file_uploader
    assert [str(one) for one in fresh.bars.tickers()] == ["9998.TW"]
    assert {(one.actor, one.action) for one in fresh.audit.latest()} == {("ann", "ingest")}
    assert not button(test, "Understood").success
    test = given(button(test, "Read files of mine"), ("month.csv", MONTH))
    test.text_input[0].set_value("9998.TW").run()
    assert "2 sessions, 2026-11-24 to 2026-11-25: nothing new." in texts(test)
    button(test, "Store 2 bars of 9998\\.TW")
    ended()
    assert test.run().success[0].value.replace("\\", "").startswith("9998.TW: nothing new.")


def test_how_a_ticker_was_read_is_said(fresh: Stores) -> None:
    test = window(("a.csv", ROWS))
    assert sentences(test) == ["a.csv does not say whose prices these are."]
    test.text_input[0].set_value("TPE:6488").run()
    assert "TPE:6488 was read as 6488.TWO 環球晶 GlobalWafers." in texts(test)
    assert "Store 2 bars of 6488.TWO" in labels(test)
    test.text_input[0].set_value("a$b").run()
    assert sentences(test)[0].startswith('"a$b" is not a ticker')
    given(test, ("b.csv", ROWS.replace("Date", "Symbol,Date").replace("2026", "50,2026")))
    assert "50 was read as 0050.TW 元大台灣50 Yuanta Taiwan 50." in texts(test)
    assert not test.text_input, "what was typed was of other files"


QUESTIONS = [
    (
        HEAD + "03/04/2024,20,21,19,20,5\n",
        'Has "03/04/2024" the day or the month first (row 2 of a.csv)?',
        "Dates",
        "day-first",
        "2024-04-03",
    ),
    (
        HEAD.replace(",", ";") + "2024-04-03;1,250;1,260;1,240;1,250;7\n",
        'Has "1,250" thousands or decimals (open, row 2 of a.csv)?',
        "Decimals behind",
        ",",
        "1.25",
    ),
]


@pytest.mark.parametrize(("text", "question", "label", "choice", "shown"), QUESTIONS)
def test_what_the_file_cannot_say_is_asked_and_read_anew(
    fresh: Stores, text: str, question: str, label: str, choice: str, shown: str
) -> None:
    text = "Symbol," + text.replace("\n0", "\nAAPL,0")
    if ";" in text:
        text = text.replace("Symbol,", "Symbol;").replace("\n2", "\nAAPL;2")
    test = window(("a.csv", text))
    assert sentences(test) == [question]
    choices = {one.label: one for one in test.segmented_control}
    assert len(choices) == 4
    choices[label].set_value(choice).run()
    assert sentences(test) == [] and "Store 1 bar of AAPL" in labels(test)
    assert shown in test.dataframe[0].value.to_csv()


def test_volume_in_lots_is_said_by_a_person(fresh: Stores) -> None:
    test = window(("a.csv", "Symbol," + ROWS.replace("\n2", "\n2330,2")))
    assert list(test.dataframe[0].value["volume"]) == [1000.0, 2000.0]
    next(one for one in test.segmented_control if one.label == "Volume in").set_value("lots").run()
    assert list(test.dataframe[0].value["volume"]) == [1_000_000.0, 2_000_000.0]


def test_a_change_of_the_volume_s_unit_is_put_to_a_person(fresh: Stores) -> None:
    bars = walk("AAPL", 60).drop(columns=["source", "ingested_at"])
    bars.loc[30:, "volume"] /= 1_000
    test = window(("a.csv", bars.to_csv(index=False)))
    (sentence,) = sentences(test)
    assert sentence.startswith("a.csv: the volume of 30 sessions, 2024-") and "--" not in sentence
    assert not any(one.startswith("Store") for one in labels(test))
    test.segmented_control[0].set_value("shares").run()
    assert not sentences(test) and "Store 60 bars of AAPL" in labels(test)


def test_several_files_and_tickers_are_one_preview(fresh: Stores) -> None:
    wide = walk("AAPL", 30).assign(ticker="MSFT")
    both = wide.drop(columns=["source", "ingested_at"]).to_csv(index=False)
    more = walk("AAPL", 40).drop(columns=["source", "ingested_at"]).to_csv(index=False)
    test = window(("a.csv", both), ("b.csv", more))
    assert list(test.dataframe[0].value["ticker"]) == ["AAPL Apple 蘋果", "MSFT Microsoft 微軟"]
    assert list(test.dataframe[0].value["new"]) == [40, 30]
    assert "How 1 more file was read" in [one.label for one in test.expander]
    button(test, "Store 70 bars of 2 tickers")
    ended()
    assert test.run().success[0].value.startswith("2 tickers\\: 70 bars stored")


def test_what_the_checks_would_ask_is_said_before(fresh: Stores) -> None:
    bars = walk("AAPL", 60).drop(columns=["source", "ingested_at"])
    bars.loc[40:, ["open", "high", "low", "close"]] *= 0.3
    test = window(("a.csv", bars.to_csv(index=False)))
    (asks,) = test.warning
    assert asks.value.startswith("Status will ask ") and " times" in asks.value
    assert "held back" in texts(test)
    button(test, "Store 60 bars of AAPL")
    ended()
    assert "held back and asked about on Status" in test.run().success[0].value


NAMES = ["../../x.csv", "=cmd|' /C calc'!A0.csv", "**b**<b>.csv", "股價.csv", "a" * 300 + ".csv"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_text_and_opens_nothing(fresh: Stores, name: str) -> None:
    test = window((name, HEAD + "2026-11-24,x,21,19,20.5,1000\n"))
    test.text_input[0].set_value("AAPL").run()
    shown = name if len(name) <= 60 else "a" * 60 + "..."
    assert sentences(test) == [f'{shown}: open has "x" in row 2, not a number.']
    given(test, (name, ROWS)).text_input[0].set_value("AAPL").run()
    shown_names = [one.value for one in test.markdown if one.value.startswith("**")]
    assert shown_names[-1].replace("\\", "") == f"**{shown}**"
    assert "<b>" not in shown_names[-1] and "***" not in shown_names[-1]


REFUSED = [
    ("a.pdf", b"%PDF", "a.pdf is not read here; files that end in .csv, .txt or .tsv are."),
    ("a.csv.gz", b"x", "a.csv.gz is not read here; files that end in .csv, .txt or .tsv are."),
    ("a.csv", b"\x1f\x8b\x08x", "a.csv is packed; unpack it first."),
    ("a.csv", b"PK\x03\x04", "a.csv is a spreadsheet's own file; save it as CSV UTF-8."),
    ("a.csv", b"\x01abc", "a.csv is no text file; a CSV file is text."),
    ("a.csv", b"", "a.csv has no rows."),
]


@pytest.mark.parametrize(("name", "content", "sentence"), REFUSED)
def test_a_wrong_file_is_one_sentence_and_changes_nothing(
    fresh: Stores, name: str, content: bytes, sentence: str
) -> None:
    before = file_bytes(fresh.settings.home)
    test = window((name, content))
    assert sentences(test) == [sentence]
    assert not any(one.startswith("Store") for one in labels(test)) and not test.segmented_control
    assert file_bytes(fresh.settings.home) == before


def test_all_files_together_have_a_limit(fresh: Stores) -> None:
    half = b"x" * (6 * 1024 * 1024)
    test = window(("a.csv", half), ("b.csv", half))
    assert sentences(test) == ["The files have 12.0 MB together; at most 10 MB are read at once."]


def test_files_are_read_once_while_nothing_changes(
    fresh: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[WantedBars] = []
    preview = actions.preview_files
    monkeypatch.setattr(
        actions, "preview_files", lambda by, wanted: read.append(wanted) or preview(by, wanted)
    )
    test = window(("a.csv", "Symbol," + ROWS.replace("\n2", "\nAAPL,2")))
    test.run().run()
    assert len(read) == 1
    next(one for one in test.segmented_control if one.label == "Volume in").set_value("lots").run()
    assert len(read) == 2


def test_a_viewer_reads_why_and_may_nothing(open_app: Callable[..., Stores]) -> None:
    open_app()
    test = opened()
    assert "or read from price files of yours once you are signed in." in texts(test)
    test.session_state["_own_files_open"] = True
    test = button(test, "Track my own tickers")
    assert "Read files of mine" not in labels(test) and not test.file_uploader
    for forbidden in (
        lambda: actions.preview_files(VIEWER, WantedBars()),
        lambda: actions.start_storing(VIEWER, WantedBars(), ()),
    ):
        with pytest.raises(AccessError):
            forbidden()


def test_beside_every_page_a_developer_has_it_too(
    signed_in: None, open_app: Callable[..., Stores], sample_home: Path
) -> None:
    here = open_app(sample_home)
    test = button(opened("history"), "Read files of mine")
    bars = walk("MSFT", 30).drop(columns=["source", "ingested_at"])
    given(test, ("a.csv", bars.assign(ticker="MCD").to_csv(index=False)))
    button(test, "Store 30 bars of MCD")
    ended()
    test.run()
    assert test.success[0].value.replace("\\", "").startswith("MCD: 30 bars stored")
    assert "MCD" in test.title[0].value
    assert len(here.bars.latest(Ticker.parse("MCD"))) == 30
