"""A person's word on what is held back."""

import json
from typing import Any

import pandas as pd
import pytest

from core.foundation.errors import InvalidInputError, NotFoundError
from core.market_data.review import discard, quality, release
from core.market_data.validate import validate_and_store
from core.reference.tickers import Ticker
from tests.support.check_rows import AAPL, quiet, scaled
from tests.support.homes import AT, Home, closes


@pytest.fixture
def questioned(home: Home) -> Home:
    """A price on row 40 of 60 that the next one takes back, and no trade on row 10."""
    bars = scaled(quiet(), slice(40, 41), 0.45)
    bars.loc[10, "volume"] = 0.0
    validate_and_store(home.gateway, AAPL, bars, AT)
    return home


def number(home: Home, code: str) -> int:
    (found,) = [one.id for one in home.quarantine.entries() if one.code == code]
    return found


def test_a_released_bar_is_read_from_then_on(questioned: Home) -> None:
    assert len(questioned.bars.load([AAPL])) == 58
    later = AT + pd.Timedelta(days=2)
    done = release(
        questioned.gateway,
        questioned.audit,
        number(questioned, "jump"),
        "ann",
        " It is true. ",
        later,
    )
    assert (done.status, done.decided_by, done.decision_reason) == (
        "released",
        "ann",
        "It is true.",
    )
    read = questioned.bars.load([AAPL])
    assert len(read) == 59 and quiet()["session"][40] in set(read["session"])
    assert len(questioned.bars.load([AAPL], known_at=AT)) == 58, "nobody knew then"
    (action,) = questioned.audit.latest(1)
    assert (action.action, action.actor, action.reason) == ("release bars", "ann", "It is true.")
    assert action.subject == f"AAPL {quiet()['session'][40]:%Y-%m-%d}: jump"
    assert quality(questioned.gateway, later)["held"] == {
        "AAPL": 1
    }, "checked again, it stays released"


def test_a_decision_can_be_taken_back(questioned: Home) -> None:
    jump = number(questioned, "jump")
    release(questioned.gateway, questioned.audit, jump, "ann", "true", AT)
    discard(questioned.gateway, questioned.audit, jump, "bob", "not true", AT)
    assert len(questioned.bars.load([AAPL])) == 58
    assert questioned.quarantine.get(jump).status == "discarded"
    assert quality(questioned.gateway, AT)["open"][0]["code"] == "volume"
    assert questioned.quarantine.get(jump).status == "discarded", "a check does not undo it"
    release(questioned.gateway, questioned.audit, jump, "ann", "true after all", AT)
    assert len(questioned.bars.load([AAPL])) == 59


def test_what_another_fault_holds_stays_held(questioned: Home) -> None:
    bars = quiet(61)[60:].assign(close=-1.0, volume=0.0)
    validate_and_store(
        questioned.gateway, AAPL, bars.assign(session=pd.Timestamp("2024-07-01")), AT
    )
    volume = [one for one in questioned.quarantine.entries() if one.code == "volume"][-1]
    release(questioned.gateway, questioned.audit, volume.id, "ann", "a quiet day", AT)
    assert len(questioned.bars.load([AAPL])) == 58
    price = number(questioned, "price")
    with pytest.raises(InvalidInputError, match="close is not above zero"):
        release(questioned.gateway, questioned.audit, price, "ann", "a quiet day", AT)
    assert questioned.quarantine.get(price).status == "open"


@pytest.mark.parametrize("decide", [release, discard])
def test_a_decision_needs_an_entry_and_a_reason(decide: Any, questioned: Home) -> None:
    jump, stores = number(questioned, "jump"), (questioned.gateway, questioned.audit)
    for reason, message in (("  ", "^A reason is needed"), ("x" * 501, "at most 500 characters")):
        with pytest.raises(InvalidInputError, match=message):
            decide(*stores, jump, "ann", reason, AT)
    with pytest.raises(NotFoundError):
        decide(*stores, 99, "ann", "why", AT)
    decide(*stores, jump, "ann", "why", AT)
    with pytest.raises(InvalidInputError, match="so there is nothing to decide"):
        decide(*stores, jump, "ann", "why", AT)


def test_what_is_held_mended_missing_and_damaged_is_told(questioned: Home) -> None:
    bars = quiet(90)
    bars.loc[:39, "volume"] *= 4
    msft = bars.assign(ticker="MSFT").drop(index=[50, 51])
    validate_and_store(questioned.gateway, Ticker.parse("MSFT"), msft, AT)
    questioned.bars.upsert(closes("IBM", [1.0]))
    (questioned.path / "bars" / "IBM.parquet").write_bytes(b"no parquet")
    found = quality(questioned.gateway, AT)
    assert found["tickers"] == 3 and set(found["damaged"]) == {"IBM"}
    assert found["held"] == {"AAPL": 2}
    assert [one["code"] for one in found["open"]] == ["volume", "jump"]
    assert [(one["ticker"], one["code"]) for one in found["mended"]] == [("MSFT", "split")]
    assert [one["message"]["code"] for one in found["open"]] == [
        "bar.no-volume",
        "bar.rose-unexplained",
    ]
    assert found["mended"][0]["message"]["parameters"]["ratio"] == 4
    assert json.loads(json.dumps(found)) == found
    gone = [f"{session:%Y-%m-%d}" for session in bars["session"][50:52]]
    assert found["missing"] == {"MSFT": {"sessions": 2, "newest": gone}}
    assert quality(questioned.gateway, AT, [AAPL])["tickers"] == 1
