"""Numbers as a person reads them: the currency always stated, the sign always shown."""

import math

SYMBOLS = {"USD": "US$", "TWD": "NT$", "EUR": "€", "GBP": "£", "JPY": "¥"}
UNKNOWN = "unknown"


def money(value: float, currency: str) -> str:
    """A price such as US$430.47; a currency without a sign of its own is written out."""
    if not math.isfinite(value):
        return UNKNOWN
    sign = SYMBOLS.get(currency, f"{currency} ")
    # A dollar opens a formula in Markdown, so it is escaped where text is drawn, not here.
    return f"{sign}{value:,.2f}"


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
    return f"{rounded:+.1f} %".replace("-", "−") if rounded else "0.0 %"


def percent(ratio: float) -> str:
    """A probability or a share such as 53 %."""
    return f"{ratio * 100:.0f} %" if math.isfinite(ratio) else UNKNOWN


def plain(text: str) -> str:
    """Text for Markdown with nothing in it read as markup."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]()#+-.!$~|<>:" else char for char in text)


def cell(text: str) -> str:
    """A text cell for CSV that no spreadsheet reads as a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
