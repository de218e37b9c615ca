"""A market's worth of tickers, in bounded memory."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from core.features.panel import Panel
from core.models import NAMES, create

TICKERS, SESSIONS = 5_000, 300
MOST_BYTES = 1_000_000_000


@pytest.fixture(scope="module")
def panel() -> Panel:
    """Walks as arrays: as a frame they would take longer to check than to forecast."""
    source = np.random.default_rng(1)
    returns = 0.02 * source.standard_normal((TICKERS, SESSIONS))
    variance = returns**2
    variance[:, 0] = np.nan
    log_close = np.cumsum(returns, axis=1).ravel()
    dates = pd.bdate_range(end="2024-06-28", periods=SESSIONS).to_numpy("datetime64[ns]")
    made = Panel(
        tickers=tuple(f"T{number:04}" for number in range(TICKERS)),
        first=np.arange(TICKERS + 1, dtype=np.int64) * SESSIONS,
        session=np.tile(dates, TICKERS),
        close=np.exp(log_close),
        log_close=log_close,
        variance=variance.ravel(),
        gap=np.full(TICKERS * SESSIONS, np.nan),
        volume=np.full(TICKERS * SESSIONS, 1e6),
    )
    assert made.features.shape[0] == TICKERS * SESSIONS  # made once, for all that read it
    return made


WITHOUT = ("har", "constant_width")


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["har", *(pytest.param(one, marks=pytest.mark.soak) for one in sorted({*NAMES} - {*WITHOUT}))],
)
def test_five_thousand_tickers_fit_in_bounded_memory(name: str, panel: Panel) -> None:
    """All but `constant_width`, which is `har` with another width."""
    tracemalloc.start()
    try:
        found = create(name).fit_panel(panel).returns(panel, panel.rows_at(None))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.shape == (TICKERS, 20, 7) and np.isfinite(found).all()
    assert peak < MOST_BYTES
