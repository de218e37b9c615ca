"""Which tickers are tracked, and their bars."""

from datetime import UTC, datetime
from typing import Annotated, Any

import pandas as pd
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic.json_schema import SkipJsonSchema

from app.api.paging import PAGED_HEADERS, Page, page_of, set_links
from app.api.parameters import Day, TickerText, Truth, known_parameters
from app.api.schemas.bars_body import HistoryAnswer, TickerAnswer
from app.state.stores import stores
from core.market_data.catalog import catalog
from core.market_data.history import History, history
from core.market_data.records.fetch_failure import fetch_failure
from core.market_data.ticker_search import exact
from core.reference.tickers import Ticker

_BAR_COLUMNS = ["open", "high", "low", "close", "volume", "dividend", "split_ratio"]
_MOST_ROWS = 10_000  # 40 years of sessions; as many unless fewer are asked for

router = APIRouter(dependencies=[Depends(known_parameters)])


@router.get("/tickers", responses={200: {"headers": PAGED_HEADERS}})
def tickers(
    request: Request,
    response: Response,
    page: Annotated[Page, Depends(page_of(_MOST_ROWS, _MOST_ROWS))],
) -> list[TickerAnswer]:
    """Every tracked ticker, in alphabetical order."""
    found = catalog(stores().bars.summaries())
    set_links(request, response, page, len(found))
    rows = found.iloc[page.offset : page.end].to_dict("records")
    return [TickerAnswer(**{str(key): _json(value) for key, value in row.items()}) for row in rows]


@router.get("/history/{ticker}", responses={200: {"headers": PAGED_HEADERS}})
def history_of(
    request: Request,
    response: Response,
    ticker: TickerText,
    page: Annotated[Page, Depends(page_of(_MOST_ROWS, _MOST_ROWS))],
    start: Annotated[Day | SkipJsonSchema[None], Query(description="first session")] = None,
    end: Annotated[Day | SkipJsonSchema[None], Query(description="last session")] = None,
    adjusted: Annotated[Truth, Query(description="scale for dividends and splits")] = True,
) -> HistoryAnswer:
    """Stored bars of one ticker, by session; those of a page with what is missing among them."""
    first, last = (None if day is None else pd.Timestamp(day) for day in (start, end))
    calendars = stores().calendars()
    found = history(stores().bars, tracked(ticker), calendars, first, last, adjusted)
    set_links(request, response, page, len(found.bars))
    newest = found.bars["session"].iloc[-1]
    failed = fetch_failure(stores().ingest_log, found.ticker, newest, datetime.now(UTC), calendars)
    shown = found.bars.iloc[page.offset : page.end]
    values = shown[_BAR_COLUMNS].astype(object).where(shown[_BAR_COLUMNS].notna(), None)
    values.insert(0, "session", shown["session"].dt.strftime("%Y-%m-%d"))
    return HistoryAnswer.model_validate(
        {
            "ticker": found.ticker.symbol,
            "currency": found.ticker.currency,
            "source": found.bars["source"].iloc[-1],
            "adjusted": adjusted,
            "bars": values.to_dict("records"),
            "missing": _on_page(found, found.missing, page),
            "held": _on_page(found, found.held_back, page),
            "since": None if found.since is None else f"{found.since:%Y-%m-%d}",
            "setback": str(failed.sentence(_utc)) if failed and end is None else None,
        }
    )


def tracked(text: str) -> Ticker:
    """The tracked ticker that a code or a name means, as the address of a page is read."""
    return Ticker.parse(exact(text, [one.symbol for one in stores().bars.tickers()]))


def _on_page(found: History, sessions: pd.DatetimeIndex, page: Page) -> list[str]:
    """Those of the sessions that belong to a page: from its first bar to that of the next one.

    What lies before the first bar of all is on the first page, what lies after the last on the
    last.
    """
    bars = found.bars["session"]
    if page.offset >= len(bars):
        return []
    if page.offset > 0:
        sessions = sessions[sessions >= bars.iloc[page.offset]]
    if page.end < len(bars):
        sessions = sessions[sessions < bars.iloc[page.end]]
    return [f"{one:%Y-%m-%d}" for one in sessions]


def _utc(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def _json(value: Any) -> Any:
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else value
