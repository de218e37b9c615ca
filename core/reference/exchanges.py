"""Where instruments trade: the exchanges that can be served, by what their tickers end with."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

_TABLES = Path(__file__).parent / "tables"


@dataclass(frozen=True)
class Market:
    """Where an instrument trades.

    `calendar` is the exchange_calendars code, `zone` an IANA name, `suffix` what the ticker ends
    with ("" for the United States). `currency` is an ISO 4217 code, or Yahoo's own for prices in
    hundredths: GBp (pence), ZAc (cents) and ILA (agorot).
    """

    code: str
    label: str
    calendar: str
    currency: str
    zone: str
    suffix: str = ""

    @property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


US = Market("us", "United States", "XNYS", "USD", "America/New_York")
FX = Market("fx", "Foreign exchange", "24/5", "USD", "UTC", "=X")
CRYPTO = Market("crypto", "Crypto", "24/7", "USD", "UTC")


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (_TABLES / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _read_exchanges() -> dict[str, Market]:
    return {
        row["suffix"]: Market(
            row["suffix"].removeprefix(".").lower(),
            row["label"],
            row["calendar"],
            row["currency"],
            row["zone"],
            row["suffix"],
        )
        for row in _rows("exchanges.csv")
    }


def _read_indices() -> dict[str, tuple[Market, str]]:
    markets = {"": US, **BY_SUFFIX}
    return {row["index"]: (markets[row["suffix"]], row["currency"]) for row in _rows("indices.csv")}


BY_SUFFIX = _read_exchanges()
# An index is quoted in whole units even where the shares are in hundredths.
INDICES = _read_indices()
TWSE, TPEX = BY_SUFFIX[".TW"], BY_SUFFIX[".TWO"]
