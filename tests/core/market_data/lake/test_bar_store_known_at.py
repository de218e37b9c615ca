"""What was known at an instant is read alike for ever, whatever is learned later."""

from datetime import UTC, datetime

import pandas as pd

from core.market_data.lake.bar_store import ParquetBars, Upserted
from tests.support.bars import frame, walk
from tests.support.places import Place

T0 = datetime(2024, 7, 1, 12, tzinfo=UTC)
LATER = pd.bdate_range("2024-07-01", periods=4)


def row(session: pd.Timestamp, close: float, at: str, **more: object) -> pd.DataFrame:
    return frame("AAPL", [session], [close], ingested_at=pd.Timestamp(at, tz="UTC"), **more)


def known(lake: ParquetBars, adjusted: bool) -> pd.DataFrame:
    return lake.load(["AAPL"], adjusted=adjusted, known_at=T0)


def test_what_was_known_stays_as_it_was(place: Place) -> None:
    history = walk(sessions=300)  # ingested before noon of 2024-07-01
    history.loc[120, ["dividend", "split_ratio"]] = [0.25, 2.0]
    frame = history.assign(held="")
    frame.loc[200, "held"] = "prices"
    lake = place.open()
    assert lake.upsert(frame) == Upserted(new=300)
    before = {adjusted: known(lake, adjusted) for adjusted in (True, False)}
    assert [len(found) for found in before.values()] == [299, 299]
    assert not before[True]["close"].equals(before[False]["close"])

    last = float(history["close"].iloc[-1])
    at = pd.Timestamp("2024-07-05", tz="UTC")
    correction = history.iloc[[250]].assign(close=history["close"][250] + 0.01, ingested_at=at)
    event = history.iloc[[180]].assign(dividend=0.4, ingested_at=at)
    learned = {
        "a 4:1 split": row(LATER[0], last / 4, "2024-07-02", split_ratio=4.0),
        "a dividend": row(LATER[1], last / 4 - 0.2, "2024-07-03", dividend=0.2),
        "a correction of a price": correction.assign(high=history["high"][250] + 1.0),
        "a dividend learned late": event,
        "a session held": history.iloc[[260]].assign(held="all", ingested_at=at),
        "a held session released": frame.iloc[[200]].assign(held="", ingested_at=at),
        "actions held": history.iloc[[120]].assign(held="actions", ingested_at=at),
    }
    for what, rows in learned.items():
        now = lake.load(["AAPL"])
        done = lake.upsert(rows)
        assert done.new + done.corrected == 1, what
        assert not lake.load(["AAPL"]).equals(now), f"{what} changes what is known now"
        for again in (lake, place.open()):
            for adjusted, expected in before.items():
                pd.testing.assert_frame_equal(known(again, adjusted), expected, check_exact=True)


def test_what_is_known_later_is_what_it_should_be(place: Place) -> None:
    lake = place.open()
    sessions = pd.bdate_range("2024-06-03", periods=4)
    at = pd.Timestamp("2024-06-06 22:00", tz="UTC")
    lake.upsert(frame("AAPL", sessions, [100.0, 104.0, 102.0, 108.0], ingested_at=at))
    lake.upsert(row(pd.Timestamp("2024-06-07"), 27.0, "2024-06-07 22:00", split_ratio=4.0))
    lake.upsert(row(sessions[1], 104.8, "2024-06-10 09:00"))
    expected = {
        "2024-06-06 21:59": [],
        "2024-06-06 22:00": [100.0, 104.0, 102.0, 108.0],
        "2024-06-07 22:00": [25.0, 26.0, 25.5, 27.0, 27.0],
        "2024-06-10 09:00": [25.0, 26.2, 25.5, 27.0, 27.0],
    }
    for instant, closes in expected.items():
        known_at = pd.Timestamp(instant, tz="UTC")
        assert list(lake.load(known_at=known_at)["close"]) == closes, instant
        elsewhere = known_at.tz_convert("Asia/Taipei")
        assert list(lake.load(known_at=elsewhere)["close"]) == closes, "in any time zone"
