"""Every door through which a person names a ticker understands the same."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from fastapi.testclient import TestClient

from app.api.routes import api
from app.components.address import PARAMETERS
from app.state.stores import Stores
from core.foundation.errors import InvalidInputError
from core.market_data.sources.csv_file import CsvSource
from core.market_data.ticker_search import pick
from core.reference.scope import parse_scope
from core.workflows.bars.track_tickers import parse_tickers
from flows.cli import build_parser
from tests.support.bars import walk

TRACKED = ("0050.TW", "00878.TW", "2330.TW", "6488.TWO", "AAPL", "BRK-B", "2881A.TW")
MEANT = {
    "50": "0050.TW",
    "５０": "0050.TW",
    "878": "00878.TW",
    "TPE:2330": "2330.TW",
    "TW2330": "2330.TW",
    "2330-TW": "2330.TW",
    "2330 TT": "2330.TW",
    "2330.two": "2330.TW",
    "TPEX:6488": "6488.TWO",
    "NASDAQ:AAPL": "AAPL",
    "AAPL.US": "AAPL",
    "AAPL US Equity": "AAPL",
    "BRK.B": "BRK-B",
    "2881A": "2881A.TW",
    "台積電": "2330.TW",
    "Apple": "AAPL",
}
REFUSED = ("885", "1234567", "2330.US", "TPE:1234", "A$")


def by_command(command: str) -> Callable[[str, Path], str]:
    def read(text: str, folder: Path) -> str:
        options = build_parser().parse_args([command, "--tickers", text])
        return ",".join(map(str, options.tickers))

    return read


def by_file(text: str, folder: Path) -> str:
    rows = walk(sessions=3)[["session", "open", "high", "low", "close", "volume"]]
    rows.insert(0, "Symbol", text)
    rows.to_csv(folder / "bars.csv", index=False)
    return ",".join(map(str, CsvSource(folder / "bars.csv").tickers()))


def by_page(text: str, folder: Path) -> str:
    found = pick(text, TRACKED)
    if found.sentence is not None:
        raise InvalidInputError.of(found.sentence, "ticker")
    return found.symbol


DOORS: dict[str, Callable[[str, Path], str]] = {
    "page": by_page,
    "address": lambda text, folder: str(PARAMETERS["ticker"].read(text, list(TRACKED))),
    "track": lambda text, folder: ",".join(str(one.ticker) for one in parse_tickers(text)),
    "file": by_file,
    "scope": lambda text, folder: parse_scope(text),
    **{name: by_command(name) for name in ("ingest", "backfill", "forecast", "score", "quality")},
}


@pytest.mark.parametrize("door", DOORS)
def test_a_door_understands_what_people_write(door: str, tmp_path: Path) -> None:
    read = {text: DOORS[door](text, tmp_path) for text in MEANT}
    assert read == MEANT


@pytest.mark.parametrize("door", DOORS)
def test_a_door_refuses_what_nothing_is_known_by(door: str, tmp_path: Path) -> None:
    for text in REFUSED:
        with pytest.raises(InvalidInputError) as refused:
            DOORS[door](text, tmp_path)
        assert text in refused.value.message or text.upper() in refused.value.message


def test_the_route_understands_the_same(sample: Stores) -> None:
    bars = sample.bars.load(["IBM"], adjusted=False).assign(source="csv")
    for symbol in TRACKED:
        sample.bars.upsert(bars.assign(ticker=symbol))
    client = TestClient(api, raise_server_exceptions=False)
    found = {text: client.get(f"/history/{text}").json() for text in MEANT}
    assert {text: one["ticker"] for text, one in found.items()} == MEANT
    assert {one["currency"] for one in found.values()} == {"TWD", "USD"}
    for text in REFUSED:
        assert client.get(f"/history/{text}").status_code in (404, 422), text


def test_a_command_prints_how_a_ticker_was_read(tmp_path: Path) -> None:
    options = build_parser().parse_args(["forecast", "--tickers", "50, AAPL, TPE:6488"])
    assert options.read_as == [
        "50 was read as 0050.TW 元大台灣50 Yuanta Taiwan 50.",
        "TPE:6488 was read as 6488.TWO 環球晶 GlobalWafers.",
    ]


def test_a_column_of_numbers_is_no_american_share(tmp_path: Path) -> None:
    """As a spreadsheet saves the codes of three funds: their zeros lost."""
    found = []
    for code in (50, 56, 878):
        rows = walk(sessions=3)[["session", "open", "high", "low", "close", "volume"]]
        found.append(rows.assign(Symbol=code))
    pd.concat(found).to_csv(tmp_path / "funds.csv", index=False)
    tickers = CsvSource(tmp_path / "funds.csv").tickers()
    assert [(str(one), one.currency) for one in tickers] == [
        ("0050.TW", "TWD"),
        ("0056.TW", "TWD"),
        ("00878.TW", "TWD"),
    ]
