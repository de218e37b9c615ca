"""The register of faults, on both back ends."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from core.foundation.errors import InvalidInputError, NotFoundError
from core.foundation.messages import Message
from core.foundation.sql.database import Database
from core.market_data.records.quarantine import Quarantine, QuarantineEntry, QuarantineStatus
from core.reference.renames import Renames
from tests.support.homes import AT

FIRST, LAST = date(2024, 6, 3), date(2024, 6, 28)


def entry(code: str = "jump", day: int = 10, digest: str = "a", **more: object) -> QuarantineEntry:
    on = date(2024, 6, day)
    made = QuarantineEntry("AAPL", "yahoo", code, on, on, 1, "Is it real?", "prices", digest, AT)
    return replace(made, **more)  # type: ignore[arg-type]


@pytest.fixture
def quarantine(records_url: str) -> Quarantine:
    return Quarantine(Database(records_url))


def statuses(quarantine: Quarantine) -> list[tuple[str, str]]:
    return [(one.code, one.status) for one in quarantine.entries()]


def test_what_is_found_twice_is_one_entry_and_keeps_its_first_instant(
    quarantine: Quarantine,
) -> None:
    assert quarantine.entries() == []
    for days in (0, 1):
        later = entry(found_at=AT + timedelta(days=days), last=date(2024, 6, 10 + days))
        quarantine.record("AAPL", [later], FIRST, LAST)
    (known,) = quarantine.entries("AAPL")
    assert known.found_at == AT and known.last == date(2024, 6, 11) and known.id > 0
    assert quarantine.get(known.id) == known and quarantine.entries("MSFT") == []
    assert quarantine.entries(statuses=(QuarantineStatus.RELEASED,)) == []


def test_a_fault_found_twice_at_once_is_one_entry(quarantine: Quarantine) -> None:
    quarantine.record("AAPL", [entry(), entry(sessions=3)], FIRST, LAST)
    assert [one.sessions for one in quarantine.entries()] == [3]


def test_what_is_not_found_again_is_resolved_within_the_range_alone(
    quarantine: Quarantine,
) -> None:
    quarantine.record("AAPL", [entry(day=4), entry(day=20), entry("split", 5)], FIRST, LAST)
    quarantine.record("AAPL", [entry(day=20)], date(2024, 6, 5), LAST)
    assert statuses(quarantine) == [
        ("jump", QuarantineStatus.OPEN),
        ("split", QuarantineStatus.RESOLVED),
        ("jump", QuarantineStatus.OPEN),
    ]


def test_a_decision_stays_until_the_values_are_others(quarantine: Quarantine) -> None:
    quarantine.record("AAPL", [entry(), entry("volume", 11)], FIRST, LAST)
    jump, volume = quarantine.entries()
    (done,) = quarantine.decide(
        [jump.id], QuarantineStatus.RELEASED, "ann", "It was in the news.", AT
    )
    assert (done.status, done.decided_by, done.decided_at) == (
        QuarantineStatus.RELEASED,
        "ann",
        AT,
    )
    assert done.decision_reason == "It was in the news."
    quarantine.decide([volume.id], QuarantineStatus.DISCARDED, "ann", "no", AT)
    quarantine.record("AAPL", [entry(), entry(digest="b")], FIRST, LAST)
    assert statuses(quarantine) == [
        ("jump", QuarantineStatus.RELEASED),
        ("jump", QuarantineStatus.OPEN),
        ("volume", QuarantineStatus.DISCARDED),
    ]


def test_what_was_mended_stays_told_and_what_was_resolved_may_come_back(
    quarantine: Quarantine,
) -> None:
    repaired = entry("split", status=QuarantineStatus.REPAIRED, hold="")
    quarantine.record("AAPL", [repaired, entry()], FIRST, LAST)
    quarantine.record("AAPL", [], FIRST, LAST)
    assert sorted(statuses(quarantine)) == [
        ("jump", QuarantineStatus.RESOLVED),
        ("split", QuarantineStatus.REPAIRED),
    ]
    quarantine.record("AAPL", [entry()], FIRST, LAST)
    assert sorted(statuses(quarantine)) == [
        ("jump", QuarantineStatus.OPEN),
        ("split", QuarantineStatus.REPAIRED),
    ]


def test_a_ticker_removed_leaves_nothing_open(quarantine: Quarantine) -> None:
    quarantine.record("AAPL", [entry(), entry("volume", 11)], FIRST, LAST)
    quarantine.decide([quarantine.entries()[0].id], QuarantineStatus.RELEASED, "ann", "yes", AT)
    quarantine.forget("AAPL")
    assert statuses(quarantine) == [
        ("jump", QuarantineStatus.RELEASED),
        ("volume", QuarantineStatus.RESOLVED),
    ]


def test_an_unknown_entry_is_named(quarantine: Quarantine) -> None:
    with pytest.raises(NotFoundError, match="^There is no entry 7 in the quarantine.$"):
        quarantine.get(7)


def test_a_sentence_keeps_its_code_and_its_numbers_and_older_ones_have_none(
    quarantine: Quarantine,
) -> None:
    level = Message("bar.level-above", "Prices are {ratio:.3g} times those", {"ratio": 100.25})
    sentence = Message("bar.hundred-times", "{level}: a 100x error.", {"level": level})
    coded = entry(day=4).with_message(sentence)
    assert coded.reason == "Prices are 100 times those: a 100x error."
    for _ in range(2):
        quarantine.record("AAPL", [coded, entry(day=20)], FIRST, LAST)
    first, second = quarantine.entries()
    assert (first.message, first.reason) == (sentence, coded.reason)
    assert (second.message, second.reason) == (None, "Is it real?")
    quarantine.record("AAPL", [coded, entry(day=20).with_message(sentence)], FIRST, LAST)
    assert quarantine.entries()[1].message == sentence, "found again, it gets its code"


RENAMED = Renames((("FB", "META"),))


def of(symbol: str, code: str = "jump", day: int = 10, **more: object) -> QuarantineEntry:
    return entry(code, day, ticker=symbol, **more)


def renamed(records_url: str, renames: Renames = RENAMED) -> Quarantine:
    return Quarantine(Database(records_url), lambda: renames)


def test_the_faults_of_an_old_symbol_are_the_new_one_s(records_url: str) -> None:
    before = Quarantine(Database(records_url))
    before.record("FB", [of("FB"), of("FB", "split", 11)], FIRST, LAST)
    before.record("META", [of("META", "volume", 20)], FIRST, LAST)
    numbers = {one.code: one.id for one in before.entries()}
    before.decide([numbers["jump"]], QuarantineStatus.RELEASED, "ann", "true", AT, "real")
    after = renamed(records_url)
    assert [(one.ticker, one.code) for one in after.entries("META")] == [
        *(("META", "jump"), ("META", "split"), ("META", "volume"))
    ]
    assert after.entries("FB") == [] and after.get(numbers["jump"]).ticker == "META"
    assert after.entries("META")[0].explanation == "real"
    again = [of("META"), of("META", "split", 11, reason="Again?"), of("META", "volume", 20)]
    after.record("META", again, FIRST, LAST)
    assert {one.code: one.id for one in after.entries()} == numbers
    assert after.get(numbers["split"]).reason == "Again?"
    after.forget("META")
    found = {one.code: (one.ticker, one.status) for one in before.entries()}
    assert found == {
        "jump": ("FB", "released"),
        "split": ("FB", "resolved"),
        "volume": ("META", "resolved"),
    }


@pytest.mark.parametrize("first", ["FB", "META"])
def test_a_fault_of_both_symbols_is_one_with_its_decision(records_url: str, first: str) -> None:
    before = Quarantine(Database(records_url))
    for symbol in (first, "FB", "META"):
        before.record(symbol, [of(symbol)], FIRST, LAST)
    (fb,) = before.entries("FB")
    before.decide([fb.id], QuarantineStatus.RELEASED, "ann", "true", AT)
    after = renamed(records_url)
    assert [one.id for one in after.entries()] == [fb.id]
    assert after.entries(statuses=(QuarantineStatus.OPEN,)) == []
    assert len(before.entries(statuses=(QuarantineStatus.OPEN,))) == 1


def test_nothing_more_is_found_under_an_old_symbol(records_url: str) -> None:
    after = renamed(records_url)
    with pytest.raises(InvalidInputError, match="^FB is META now; name that.$"):
        after.record("FB", [of("FB")], FIRST, LAST)
    with pytest.raises(InvalidInputError, match="^FB is META now; name that.$"):
        after.add([of("FB")])
    assert after.entries() == []


def test_parted_what_was_found_since_of_the_old_symbol_s_bars_is_its_own(records_url: str) -> None:
    before = Quarantine(Database(records_url))
    before.record("FB", [of("FB")], FIRST, LAST)
    after = renamed(records_url)
    found = [of("META"), of("META", "volume", 11), of("META", "volume", 20)]
    after.record("META", found, FIRST, LAST)
    for _ in range(2):
        after.part("FB", "META", date(2024, 6, 15))
        assert len(after.entries("META")) == 3
    assert [(one.code, one.first.day) for one in before.entries("FB")] == [
        *(("jump", 10), ("volume", 11))
    ]
    assert [one.first.day for one in before.entries("META")] == [20]
    after.part("FB", "META", None)
    assert before.entries("META") == [] and len(before.entries("FB")) == 3
