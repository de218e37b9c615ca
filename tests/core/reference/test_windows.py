"""Windows as text, written and read in one place."""

from datetime import date

import pandas as pd
import pytest

from core.reference.windows import parse_window, window_in_words, window_text


@pytest.mark.parametrize("kind", [date, pd.Timestamp])
def test_a_window_comes_back_as_it_was(kind: type[date]) -> None:
    text = window_text(kind(2024, 1, 2), kind(2024, 6, 28))
    assert text == "2024-01-02..2024-06-28"
    assert parse_window(text) == (date(2024, 1, 2), date(2024, 6, 28))
    assert window_in_words(text) == "2024-01-02 to 2024-06-28"


def test_no_window_is_no_text() -> None:
    assert window_text(None, None) == "" and parse_window("") is None
    assert window_in_words("") == ""
