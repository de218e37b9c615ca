"""What is said below lines that start together."""

import pandas as pd

from app.views.history.comparison import caption
from core.market_data.rebased_closes import Rebased

SESSIONS = pd.DatetimeIndex(["2024-01-02", "2024-01-03"])


def rebased(*names: str) -> Rebased:
    none = {name: SESSIONS[:0] for name in names}
    return Rebased(pd.DataFrame({name: [100.0, 101.0] for name in names}, SESSIONS), none, {})


def test_one_that_is_left_alone_shares_no_first_session() -> None:
    assert caption(rebased("AAPL")) == (
        "Adjusted closes of AAPL alone, 2024-01-02 to 2024-01-03, 100 on the first session."
    )
    assert "each 100 on the first session that all of them have" in caption(rebased("AAPL", "FB"))
