"""The only cached reads: each is keyed by what is stored, so a change shows on the next run."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from app.stores import stores
from core.forecasts.make import Forecast
from core.registry.registry import ModelVersion
from core.services import catalog as catalogs
from core.services import forecast as forecasts
from core.services import history as histories
from core.services.history import History
from core.tickers import Ticker


def catalog() -> pd.DataFrame:
    """One row a tracked ticker."""
    return _catalog(stores().bars.stamp())


def damaged() -> dict[str, str]:
    """Tickers that cannot be shown, and why."""
    return _damaged(stores().bars.stamp())


def champion() -> ModelVersion | None:
    """The version that serves."""
    return stores().registry.champion()


def forecast(ticker: Ticker) -> Forecast:
    """The champion's forecast over every horizon."""
    model = champion()
    version = 0 if model is None else model.version
    return _forecast(stores().bars.stamp(), version, ticker)


def history(ticker: Ticker, adjusted: bool = True) -> History:
    """All stored bars of a ticker."""
    return _history(stores().bars.stamp(), ticker, adjusted)


@st.cache_data(max_entries=4, show_spinner=False)
def _catalog(stamp: str) -> pd.DataFrame:
    return catalogs.catalog(stores().bars)


@st.cache_data(max_entries=4, show_spinner=False)
def _damaged(stamp: str) -> dict[str, str]:
    return stores().bars.damaged()


@st.cache_data(max_entries=100, show_spinner="Forecasting ...")
def _forecast(stamp: str, version: int, ticker: Ticker) -> Forecast:
    return forecasts.forecast(stores().bars, stores().registry, ticker, datetime.now(UTC))


@st.cache_data(max_entries=20, show_spinner="Reading bars ...")
def _history(stamp: str, ticker: Ticker, adjusted: bool) -> History:
    return histories.history(stores().bars, ticker, adjusted=adjusted)
