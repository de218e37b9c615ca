"""What a version says of its training, beside that of another."""

from dataclasses import replace

import pytest

from core.registry.model_card import ModelCard
from tests.support.cards import CARD

BASE = replace(CARD, tickers=("A", "B"), window="2020-01-02..2024-06-28", data_hash="old")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"data_hash": "old"}, ""),
        ({"window": "2020-01-02..2024-07-01"}, "newer bars"),
        ({"window": "2020-01-02..2024-07-01", "tickers": ("A", "B", "C")}, "newer bars"),
        ({"tickers": ("A", "B", "C")}, "more tickers"),
        ({"tickers": ("A", "C")}, "other bars"),
        ({"window": "2020-01-02..2024-06-27"}, "other bars"),
        ({}, "other bars"),  # corrected
    ],
)
def test_what_it_learned_beyond_another_is_named(change: dict[str, object], expected: str) -> None:
    newer = replace(BASE, **{"data_hash": "new", **change})  # type: ignore[arg-type]
    assert str(newer.learned_beyond(BASE) or "") == expected


def test_a_card_says_on_which_tickers_it_was_measured_and_an_older_one_on_all() -> None:
    stored = replace(BASE, evaluated_tickers=("A",)).to_dict()
    assert ModelCard.from_dict(stored).evaluated_tickers == ("A",)
    del stored["evaluated_tickers"]
    assert stored == BASE.to_dict() and ModelCard.from_dict(stored) == BASE
