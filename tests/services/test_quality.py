"""A person's word on what is held back."""

import pandas as pd
import pytest

from core.errors import InvalidInputError, NotFoundError
from core.services.intake import take_in
from core.services.quality import discard, quality, release
from core.tickers import Ticker
from tests.homes import AT, Home, closes
from tests.market.checks.series import AAPL, quiet, scaled


@pytest.fixture
def asked(home: Home) -> Home:
    """A crash on row 40 of 60, and no trade on row 10."""
    bars = scaled(quiet(), slice(40, 60), 0.45)
    bars.loc[40, "volume"] *= 9
    bars.loc[10, "volume"] = 0.0
    take_in(home.intake, AAPL, bars, AT)
    return home


def number(home: Home, code: str) -> int:
    (found,) = [one.id for one in home.quarantine.entries() if one.code == code]
    return found


def test_a_released_bar_is_read_from_then_on(asked: Home) -> None:
    assert len(asked.bars.load([AAPL])) == 58
    later = AT + pd.Timedelta(days=2)
    done = release(asked.intake, asked.audit, number(asked, "jump"), "ann", " It is true. ", later)
    assert (done.standing, done.decided_by, done.why) == ("released", "ann", "It is true.")
    read = asked.bars.load([AAPL])
    assert len(read) == 59 and quiet()["session"][40] in set(read["session"])
    assert len(asked.bars.load([AAPL], known_at=AT)) == 58, "nobody knew then"
    (action,) = asked.audit.latest(1)
    assert (action.action, action.who, action.reason) == ("release bars", "ann", "It is true.")
    assert action.subject == f"AAPL {quiet()['session'][40]:%Y-%m-%d}: jump"
    assert quality(asked.intake, later)["held"] == {"AAPL": 1}, "checked again, it stays released"


def test_a_decision_can_be_taken_back(asked: Home) -> None:
    jump = number(asked, "jump")
    release(asked.intake, asked.audit, jump, "ann", "true", AT)
    discard(asked.intake, asked.audit, jump, "bob", "not true", AT)
    assert len(asked.bars.load([AAPL])) == 58
    assert asked.quarantine.get(jump).standing == "discarded"
    assert quality(asked.intake, AT)["open"][0]["code"] == "volume"
    assert asked.quarantine.get(jump).standing == "discarded", "a check does not undo it"
    release(asked.intake, asked.audit, jump, "ann", "true after all", AT)
    assert len(asked.bars.load([AAPL])) == 59


def test_what_another_fault_holds_stays_held(asked: Home) -> None:
    bars = quiet(61)[60:].assign(close=-1.0, volume=0.0)
    take_in(asked.intake, AAPL, bars.assign(session=pd.Timestamp("2024-07-01")), AT)
    volume = [one for one in asked.quarantine.entries() if one.code == "volume"][-1]
    release(asked.intake, asked.audit, volume.id, "ann", "a quiet day", AT)
    assert len(asked.bars.load([AAPL])) == 58
    price = number(asked, "price")
    with pytest.raises(InvalidInputError, match="close is not above zero"):
        release(asked.intake, asked.audit, price, "ann", "a quiet day", AT)
    assert asked.quarantine.get(price).standing == "open"


@pytest.mark.parametrize("decide", [release, discard])
def test_a_decision_needs_an_entry_and_a_reason(decide: object, asked: Home) -> None:
    jump = number(asked, "jump")
    for why, message in (("  ", "^Say in a few words why.$"), ("x" * 501, "over 500 characters")):
        with pytest.raises(InvalidInputError, match=message):
            decide(asked.intake, asked.audit, jump, "ann", why, AT)  # type: ignore[operator]
    with pytest.raises(NotFoundError):
        decide(asked.intake, asked.audit, 99, "ann", "why", AT)  # type: ignore[operator]
    decide(asked.intake, asked.audit, jump, "ann", "why", AT)  # type: ignore[operator]
    with pytest.raises(InvalidInputError, match="so there is nothing to decide"):
        decide(asked.intake, asked.audit, jump, "ann", "why", AT)  # type: ignore[operator]


def test_what_is_held_mended_missing_and_damaged_is_told(asked: Home) -> None:
    bars = quiet(90)
    bars.loc[:39, "volume"] *= 4
    msft = bars.assign(ticker="MSFT").drop(index=[50, 51])
    take_in(asked.intake, Ticker.parse("MSFT"), msft, AT)
    asked.bars.upsert(closes("IBM", [1.0]))
    (asked.path / "bars" / "IBM.parquet").write_bytes(b"no parquet")
    told = quality(asked.intake, AT)
    assert told["tickers"] == 3 and set(told["damaged"]) == {"IBM"}
    assert told["held"] == {"AAPL": 2}
    assert [one["code"] for one in told["open"]] == ["volume", "jump"]
    assert [(one["ticker"], one["code"]) for one in told["mended"]] == [("MSFT", "split")]
    gone = [f"{session:%Y-%m-%d}" for session in bars["session"][50:52]]
    assert told["missing"] == {"MSFT": {"sessions": 2, "newest": gone}}
    assert quality(asked.intake, AT, [AAPL])["tickers"] == 1
