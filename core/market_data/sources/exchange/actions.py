"""Dividends and changes of the number of shares, out of an exchange's own tables.

The exchange says what the price before an action is worth after it: the reference price. So

    split_ratio = (price before - cash) / reference price
    dividend    = cash / split_ratio

for `cash` paid on each share held before. A dividend of 2.5 alone, 100 before and 97.5 after, is a
dividend of 2.5 and a ratio of 1. With 100 free shares for 1,000 beside it the reference price is
97.5 / 1.1 = 88.64: the ratio is 1.1 and 2.2727 are paid on each share held since, as `bars` counts.
Where capital was reduced, a price of 10.65 before and 19.69 after is a ratio of 0.540884; money
that is paid back with it is part of that ratio, and so is a dividend of the same day.

A reference price is rounded to a hundredth, so that many ratios lead to it. The simplest of them is
taken, with a denominator of at most 20: 4 for a fund at 188.65 before and 47.16 after, which is
4.0002. Where there is none the ratio is as exact as the reference price.

Shares that are offered for money are no action here: the reference price without them is taken
(減除股利參考價).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.market_data.sources.exchange import exchange_errors
from core.market_data.sources.exchange.bodies import column, dates, numbers, table_of
from core.market_data.sources.exchange.reports import ActionTable, ExchangeReport, Span
from core.reference.tickers import Ticker

_DECIMALS = 6
_HALF_CENT = 0.005 + 1e-9
_DENOMINATORS = range(1, 21)
_FIGURE = re.compile(r"-?[\d,]+(?:\.\d+)?")


@dataclass(frozen=True)
class CorporateAction:
    """What happened on one ex date, in the units of `bars`: `dividend` is per share held since."""

    session: pd.Timestamp
    split_ratio: float
    dividend: float


def listed(
    table: ActionTable, report: ExchangeReport, body: dict[str, Any], span: Span, ticker: Ticker
) -> pd.DataFrame:
    """The rows of a table of actions, of all codes.

    Parameters
    ----------
    body : TWSE's TWT49U has 資料日期, 股票代號, 除權息前收盤價, 除權息參考價, 權值+息值, 權/息,
        減除股利參考價; TPEx's exDailyQ 除權息日期, 代號, ..., 現金股利 beside them; tables of
        shares 恢復買賣日期, a code, a last close (停止買賣前收盤價格 or 最後交易日之收盤價格) and the
        first 參考價.
    ticker : who is asked for, for errors.

    Returns
    -------
    `session`, `code`, float64 columns `before`, `reference` and `cash`, what is paid in cash on a
    share held before, and `in_shares`, whether the number of shares changes. `cash` is NaN where a
    table of TWSE lists cash and shares in one sum. Rows without a price are left out.

    Raises
    ------
    SchemaError : a row is of another day than asked for, or a cell is no number.
    UnavailableError : there are no such columns.
    """
    rows = table_of(report, body, ticker)
    if rows.empty:
        return pd.DataFrame(columns=["session", "code", "before", "reference", "cash", "in_shares"])
    session, code = column(rows, "日期$"), column(rows, "代號$")
    before = column(rows, "前收盤價", "最後交易日.*收盤價")
    reference = column(rows, "減除股利參考價", "參考價")
    if session is None or code is None or before is None or reference is None:
        raise exchange_errors.unreadable(report, ticker)
    found = numbers(report, {"before": before, "reference": reference})
    found = found.assign(session=dates(report, session), code=code.str.strip())
    if not found["session"].between(span.first, span.last).all():
        raise exchange_errors.of_another(report, ticker)
    paid = _paid(report, rows, ticker) if table.pays else {"cash": 0.0, "in_shares": True}
    return found.assign(**paid)[(found["before"] > 0) & (found["reference"] > 0)]


def _paid(report: ExchangeReport, rows: pd.DataFrame, ticker: Ticker) -> dict[str, pd.Series]:
    """What is paid in cash, and whether in shares too: apart at TPEx, in one sum at TWSE."""
    cash, free = column(rows, "^現金股利$"), column(rows, "無償配股")
    if cash is not None and free is not None:
        apart = numbers(report, {"cash": cash, "free": free})
        return {"cash": apart["cash"], "in_shares": apart["free"] > 0}
    both, kind = column(rows, r"^權值\+息值$"), column(rows, "^權/息$")
    if both is None or kind is None:
        raise exchange_errors.unreadable(report, ticker)
    in_shares = kind.str.contains("權")
    paid = numbers(report, {"cash": both})["cash"].where(~in_shares)
    return {"cash": paid.mask(~kind.str.contains("息"), 0.0), "in_shares": in_shares}


def cash_of(report: ExchangeReport, body: dict[str, Any], ticker: Ticker) -> float:
    """What TWSE's TWT49UDetail says is paid in cash on each share, as 0.46 元／股.

    Raises
    ------
    UnavailableError : it does not say so.
    """
    cells = column(table_of(report, body, ticker), "現金股利")
    figure = None if cells is None else _FIGURE.search(cells.iloc[0])
    if figure is None:
        raise exchange_errors.unreadable(report, ticker)
    return float(figure[0].replace(",", ""))


def action_of(row: Mapping[Any, Any]) -> CorporateAction:
    """The action that a row of `listed` names, once its cash is known; see the formula above."""
    left, reference = row["before"] - row["cash"], row["reference"]
    ratio = _simplest(left, reference) if row["in_shares"] else 1.0
    return CorporateAction(
        row["session"], round(ratio, _DECIMALS), round(row["cash"] / ratio, _DECIMALS)
    )


def _simplest(left: float, reference: float) -> float:
    """The simplest ratio by which a price becomes one that is rounded to the reference price."""
    least, most = left / (reference + _HALF_CENT), left / (reference - _HALF_CENT)
    for below in _DENOMINATORS:
        ratio = round(left / reference * below) / below
        if least <= ratio <= most:
            return ratio
    return left / reference


def applied(
    bars: pd.DataFrame, paid: list[CorporateAction], changed: list[CorporateAction]
) -> pd.DataFrame:
    """Bars with `dividend` and `split_ratio` by their session.

    Parameters
    ----------
    paid, changed : actions of the table of dividends and of those of shares. What falls on a day
        that is no row counts on the next, as after a halt. Where shares were changed on the day of
        a dividend, the reference price has both, and the dividend is not counted again.

    Returns
    -------
    A new frame. On a session that the exchange compares with nothing, and for which no table lists
    an action, `dividend` is NaN: something happened, and it is not known what.
    """
    dividend, ratio = np.zeros(len(bars)), np.ones(len(bars))
    days = {one.session for one in changed}
    counted = [*changed, *(one for one in paid if one.session not in days)]
    for one in sorted(counted, key=lambda action: action.session):
        row = int(bars["session"].searchsorted(one.session))
        if row < len(bars):
            dividend[row] = dividend[row] / one.split_ratio + one.dividend
            ratio[row] *= one.split_ratio
    unknown = bars["change"].isna().to_numpy() & (dividend == 0.0) & (ratio == 1.0)
    unknown[:1] = False  # nothing stands before it
    return bars.assign(dividend=np.where(unknown, np.nan, dividend), split_ratio=ratio)
