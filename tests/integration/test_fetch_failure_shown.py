"""Pages and the API say why the newest bars are not there, and how old those shown are."""

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient
from streamlit.testing.v1 import AppTest

from app.api.routes import api
from app.state.stores import Stores
from core.market_data.records.ingest_log import IngestAttempt, IngestOutcome
from core.market_data.sources.yahoo_errors import too_many
from core.reference.tickers import Ticker
from tests.app.test_main import MAIN
from tests.support.bars import walk

SINCE = datetime(2026, 11, 20, 10, 32, tzinfo=UTC)
MESSAGE = (
    "Yahoo asks for fewer requests; MSFT.TW was not fetched. Since 2026-11-20 10:32 UTC; showing "
    "bars up to 2024-06-28 ("
)


@pytest.fixture
def refused(sample: Stores) -> Stores:
    sample.bars.upsert(walk("MSFT.TW").assign(source="yahoo"))
    message = too_many(Ticker.parse("MSFT.TW")).sentence
    sample.ingest_log.add(
        [IngestAttempt(SINCE, "MSFT.TW", "yahoo", IngestOutcome.RATE_LIMITED, message)]
    )
    return sample


@pytest.mark.parametrize("page", ["history", "forecast"])
def test_a_page_says_it_and_is_silent_after_a_success(refused: Stores, page: str) -> None:
    def warned() -> list[str]:
        test = AppTest.from_file(str(MAIN), default_timeout=60)
        test.query_params["ticker"] = "MSFT.TW"
        test.run()
        test.switch_page(f"views/{page}/page.py").run()
        assert "MSFT.TW" in test.title[0].value.replace("\\", "")
        return [one.value.replace("\\", "") for one in test.warning]

    assert any(one.startswith(MESSAGE) and one.endswith(" sessions old).") for one in warned())
    refused.ingest_log.add([IngestAttempt(SINCE, "MSFT.TW", "yahoo", IngestOutcome.OK)])
    assert not any("fewer requests" in one for one in warned())


def test_the_api_says_it(refused: Stores) -> None:
    client = TestClient(api)
    assert client.get("/history/MSFT.TW").json()["setback"].startswith(MESSAGE)
    past = client.get("/history/MSFT.TW", params={"end": "2024-01-31"}).json()
    assert past["setback"] is None and len(past["bars"]) > 100
    assert client.get("/history/AAPL").json()["setback"] is None
