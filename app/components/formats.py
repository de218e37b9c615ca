"""Numbers as a person reads them: the currency always stated, the sign always shown."""

import math
import re
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
import streamlit as st

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

SYMBOLS = {"USD": "US$", "TWD": "NT$", "EUR": "€", "GBP": "£", "JPY": "¥"}
# Hundredths, which look like a price a hundred times too high unless they are named.
SYMBOLS |= {"GBp": "pence (GBp) ", "ZAc": "cents (ZAc) ", "ILA": "agorot (ILA) "}
UNKNOWN = "unknown"
_DATES = 5


def decimals(price: float) -> int:
    """How many decimals a price of this size is shown with: cents, more below 2."""
    return 2 if not 0 < price < 2 else min(12, 4 - math.floor(math.log10(price)))


def amount(price: float, like: float) -> str:
    """A price without its currency, with the decimals that prices like `like` have."""
    return f"{price:,.{decimals(like)}f}" if math.isfinite(price) else UNKNOWN


def column_format(like: float) -> str:
    """How a table's column writes prices like `like`, as `amount` does, for Streamlit."""
    places = decimals(like)
    return "accounting" if places == 2 else f"%.{places}f"


def money(price: float, currency: str, like: float | None = None) -> str:
    """A price such as US$430.47 or HKD 68.20, the currency's code where it has no sign here."""
    sign = SYMBOLS.get(currency, f"{currency} ")
    # A dollar opens a formula in Markdown, so it is escaped where text is drawn, not here.
    return sign + amount(price, price if like is None else like)


def likely(probability: float) -> str:
    """A probability such as 53 %, never flatly 0 or 100."""
    if probability > 0.99:
        return "over 99 %"
    return "under 1 %" if probability < 0.01 else percent(probability)


def change(ratio: float) -> str:
    """A change such as ▲ 1.2 % or ▼ 0.4 %, with an arrow and not by colour alone."""
    if not math.isfinite(ratio):
        return UNKNOWN
    arrow = "▲" if ratio > 0 else "▼" if ratio < 0 else "■"
    return f"{arrow} {abs(ratio) * 100:.1f} %"


def signed_percent(ratio: float) -> str:
    """A ratio such as +3.5 % or −1.2 %."""
    if not math.isfinite(ratio):
        return UNKNOWN
    rounded = round(ratio * 100, 1)
    return f"{signed(rounded)} %" if rounded else "0.0 %"


def signed(number: float) -> str:
    """A number such as +3.5 or −1.2."""
    return f"{number:+.1f}".replace("-", "−")


def is_itself(value: float, low: float, high: float) -> bool:
    """Whether a loss was compared with itself, as the baseline's is: nothing saved, no doubt."""
    return value == low == high == 0.0


def banded(value: float, low: float, high: float) -> str:
    """A share of loss saved with its band, such as +2.1 % (−0.6 % to +4.6 %), or "itself"."""
    if is_itself(value, low, high):
        return "itself"
    known = math.isfinite(value) and math.isfinite(low) and math.isfinite(high)
    band = f" ({signed_percent(low)} to {signed_percent(high)})" if known else ""
    return signed_percent(value) + band


def adding_up(parts: "pd.Series[float]") -> "pd.Series[float]":
    """Parts to one decimal, those nearest to the next one moved so that their sum is the whole's.

    NaN in any part gives them as they are.
    """
    if parts.isna().any():
        return parts
    tenths = np.floor(10.0 * parts)
    short = round(10.0 * parts.sum()) - int(tenths.sum())
    tenths[(10.0 * parts - tenths).nlargest(short).index] += 1.0
    return tenths / 10.0


def written(
    table: pd.DataFrame, forms: dict[str, Callable[[float], str]], missing: str = ""
) -> "Styler":
    """A table whose numbers are written our way, with a true minus, and still sort as numbers.

    A column's own format in Streamlit, which knows the hyphen only, must be left out.
    """
    return table.style.format(forms, na_rep=missing)


def percent(ratio: float) -> str:
    """A probability or a share such as 53 %."""
    return f"{ratio * 100:.0f} %" if math.isfinite(ratio) else UNKNOWN


def plain(text: str) -> str:
    """Text for Markdown with nothing in it read as markup."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]()#+-.!$~|<>:" else char for char in text)


def zone() -> str:
    """The reader's time zone, UTC where it is not known."""
    name = st.context.timezone or "UTC"
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"


def instant(at: datetime, seconds: bool = False) -> str:
    """An instant in the reader's zone, with the zone printed."""
    local = at.astimezone(ZoneInfo(zone()))
    clock = "%H:%M:%S" if seconds else "%H:%M"
    return f"{local:%Y-%m-%d} {local:{clock}} {zone()}"


_UNITS = ((31_557_600, "year"), (86_400, "day"), (3_600, "hour"), (60, "minute"))


def ago(at: datetime | None, now: datetime) -> str:
    """How long ago an instant was, such as "3 days ago", in its largest whole unit."""
    if at is None:
        return UNKNOWN
    seconds = (now - at).total_seconds()
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{counted(int(seconds // size), unit)} ago"
    return "just now"


def counted(count: int, thing: str) -> str:
    """A number of things, such as "1 session" or "2 sessions"."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def dates(sessions: pd.DatetimeIndex) -> str:
    """The first few of some sessions, such as "2024-07-24, 2024-07-25"."""
    shown = ", ".join(sessions[:_DATES].strftime("%Y-%m-%d"))
    return shown + (" ..." if len(sessions) > _DATES else "")


def listed(names: list[str]) -> str:
    """Names in a sentence, such as "A, B and C"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def took(seconds: float | None) -> str:
    """How long an answer took, such as "12 ms"."""
    if seconds is None:
        return ""
    return f"{max(1, round(seconds * 1000)):,} ms" if seconds < 1 else f"{seconds:.1f} s"


_CRON = re.compile(r"(\d{1,2}) (\d{1,2}) \* \* (1-5|6|\*)")


def recurrence(cron: str, zone: str) -> str:
    """When a schedule is due, in words; a form of ours is read, another is shown as it is."""
    place = zone.split("/")[-1].replace("_", " ")
    read = _CRON.fullmatch(cron)
    if read is None:
        return f"{cron} in {place}"
    days = {"1-5": "Monday to Friday", "6": "on Saturdays", "*": "every day"}[read[3]]
    return f"{days} at {int(read[2]):02}:{int(read[1]):02} in {place}"


# The wide forms are read like the others where people write Chinese or Japanese.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def cell(text: str) -> str:
    """A text cell for CSV that no spreadsheet reads as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
