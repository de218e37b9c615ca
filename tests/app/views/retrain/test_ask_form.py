"""What the form says of a training before it is asked for."""

import pandas as pd

from app.views.retrain.ask_form import some, window


def _catalog(american: int) -> pd.DataFrame:
    symbols = [*(f"T{n}" for n in range(american)), "2330.TW", "2317.TW"]
    return pd.DataFrame(
        {
            "ticker": symbols,
            "sessions": 1_200,
            "first_session": pd.Timestamp("2020-01-02"),
            "last_session": pd.Timestamp("2024-06-28"),
        }
    )


def test_it_says_on_how_many_tickers_a_training_is_tested() -> None:
    assert window(_catalog(100), "all") == (
        "Learns from 102 tickers, 122,400 bars from 2020-01-02 to 2024-06-28. It is tested on 66 "
        "of them, at most 64 of each market: always the same, chosen by their symbols."
    )
    assert [some(_catalog(100), one) for one in ("all", "us", "tw", "T1")] == [66, 64, 0, 0]


def test_it_says_nothing_of_it_where_all_are_tested_or_none_is_stored() -> None:
    assert window(_catalog(64), "all").endswith("bars from 2020-01-02 to 2024-06-28.")
    assert some(_catalog(64), "all") == 0 and some(_catalog(0), "us") == 0
