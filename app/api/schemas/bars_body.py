"""Tracked tickers and their bars."""

from typing import Annotated

from pydantic import BaseModel, Field


class TickerAnswer(BaseModel):
    """One tracked ticker."""

    ticker: Annotated[str, Field(description="Yahoo's symbol")]
    name: Annotated[str, Field(description="of the company or the index")]
    market: Annotated[str, Field(description="where it is traded")]
    currency: Annotated[str, Field(description="of all prices")]
    source: Annotated[str, Field(description="where its bars come from")]
    first_session: Annotated[str, Field(description="oldest stored, YYYY-MM-DD")]
    last_session: Annotated[str, Field(description="newest stored, YYYY-MM-DD")]
    sessions: Annotated[int, Field(description="how many are stored")]
    last_close: Annotated[float, Field(description="newest close, raw")]


class BarAnswer(BaseModel):
    """One session; null where the source had no value."""

    session: Annotated[str, Field(description="YYYY-MM-DD")]
    open: Annotated[float | None, Field(description="first price")]
    high: Annotated[float | None, Field(description="highest price")]
    low: Annotated[float | None, Field(description="lowest price")]
    close: Annotated[float, Field(description="last price")]
    volume: Annotated[float | None, Field(description="shares traded")]
    dividend: Annotated[float, Field(description="cash a share, where it goes ex")]
    split_ratio: Annotated[float, Field(description="new shares for one old, 1 if none")]


class HistoryAnswer(BaseModel):
    """Bars of one ticker; `missing` sessions were never stored, those `held` failed a check."""

    ticker: Annotated[str, Field(description="whose bars")]
    currency: Annotated[str, Field(description="of all prices")]
    source: Annotated[str, Field(description="where the newest bar comes from")]
    adjusted: Annotated[bool, Field(description="whether dividends and splits are applied")]
    bars: Annotated[list[BarAnswer], Field(description="by session")]
    missing: Annotated[list[str], Field(description="sessions that were never stored")]
    held: Annotated[list[str], Field(description="sessions that failed a check")]
    since: Annotated[
        str | None,
        Field(description="the first session read, YYYY-MM-DD, where an unanswered step cuts off"),
    ]
    setback: Annotated[
        str | None, Field(description="why the newest bars could not be fetched, and since when")
    ]
