"""Volume in shares, also where a file has it in lots of 1,000 for a part."""

import numpy as np
import pandas as pd

from core.foundation.errors import SchemaError
from core.foundation.messages import Message
from core.market_data.sources.tables.columns import TURNOVER
from core.market_data.sources.tables.options import LOTS, SHARES
from core.reference.exchanges import TPEX, TWSE
from core.reference.schema import PRICE_COLUMNS
from core.reference.tickers import Ticker

LOT = 1_000
_STEP = (2.6, 3.4)  # decades between the medians of the two parts
_GAP = 1.0  # decades in which no session lies
_MIN_SESSIONS, _MAX_CHANGES = 5, 3
_ALIKE = 0.1  # the money traded is price by volume to within this


def in_shares(file: str, bars: pd.DataFrame, unit: str) -> tuple[pd.Series, list[Message]]:
    """The volume of one ticker's rows in shares, and what was done for it.

    Parameters
    ----------
    bars : the `bars` contract in columns and types, of one ticker, by session; a column `turnover`
        more where the file has the money traded.
    unit : `LOTS` or `SHARES` where a person says so; else the file decides.

    Raises
    ------
    SchemaError : the unit changes within the file, and the exchange has no lots of 1,000.
    """
    volume = bars["volume"]
    if unit == LOTS:
        return volume * LOT, []
    lot = 1 if unit or TURNOVER not in bars else _lot_by_money(bars)
    if lot != 1:
        message = Message(
            "csv.lots-by-money",
            "The volume was read as lots of {lot:,} shares, as the money traded beside it shows.",
            {"lot": lot},
        )
        return volume * lot, [message]
    small = _in_lots(volume.to_numpy(float)) if unit != SHARES else np.zeros(len(bars), bool)
    if not small.any():
        return volume, []
    days = bars["session"][small].dt.date
    ticker = Ticker.parse(bars["ticker"].iloc[0])
    values = {"count": int(small.sum()), "first": days.iloc[0], "last": days.iloc[-1]}
    if ticker.market not in (TWSE, TPEX):
        raise SchemaError(
            "csv.volume-units",
            "{file}: the volume of {count:,} sessions, {first} to {last}, is 1,000 times smaller "
            "than that of the others; say --volume shares if it is right.",
            {"file": file, **values},
            parameter="volume",
        )
    message = Message(
        "csv.lots-found",
        "The volume of {count:,} sessions, {first} to {last}, was read as lots of 1,000 shares, "
        "since that of the others is 1,000 times as large.",
        values,
    )
    return volume.where(~small, volume * LOT), [message]


def _lot_by_money(bars: pd.DataFrame) -> int:
    """How many shares one of volume is, as the money traded says: 1,000 x 20.0 is 20,000, and
    where 2,000,000 stands beside them, the 1,000 are lots of 100."""
    price = bars[list(PRICE_COLUMNS)].mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        times = (bars[TURNOVER] / (bars["volume"] * price)).to_numpy(float)
    times = times[np.isfinite(times) & (times > 0)]
    if len(times) < _MIN_SESSIONS:
        return 1
    low, median, high = np.quantile(times, (0.1, 0.5, 0.9))
    if high / low - 1.0 > _ALIKE:
        return 1
    # Tushare has lots of 100 beside thousands of yuan.
    for expected, lot in ((100.0, 100), (1000.0, 1000), (0.1, 100)):
        if abs(median / expected - 1.0) < _ALIKE:
            return lot
    return 1


def _in_lots(volume: np.ndarray) -> np.ndarray:
    """The sessions whose volume is about 1,000 times smaller, if they stand together."""
    none = np.zeros(len(volume), bool)
    traded = np.isfinite(volume) & (volume > 0)
    if traded.sum() < 2 * _MIN_SESSIONS:
        return none
    size = np.log10(np.where(traded, volume, np.nan))
    ordered = np.sort(size[traded])
    gaps = np.diff(ordered)
    at = int(np.argmax(gaps))
    low, high = ordered[: at + 1], ordered[at + 1 :]
    step = float(np.median(high) - np.median(low))
    if (
        gaps[at] < _GAP
        or not _STEP[0] < step < _STEP[1]
        or min(len(low), len(high)) < _MIN_SESSIONS
    ):
        return none
    small = traded & (np.nan_to_num(size, nan=np.inf) <= low[-1])
    changes = int(np.count_nonzero(np.diff(small[traded].astype(int))))
    return small if changes <= _MAX_CHANGES else none
