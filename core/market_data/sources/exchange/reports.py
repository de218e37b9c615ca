"""Which reports the two exchanges of Taiwan publish, and how each is asked for.

Nobody has tried this with the exchanges themselves. The addresses, parameters and names of columns
are those that public programs and their recorded answers agree on (node-twstock, twstock and
others, 2024 to 2026). What was gathered there:

- TWSE answers a GET, with days as 20250301; TPEx is sent a form, with days as 2025/03/01, since its
  tables silently give today's rows for days it cannot read.
- A month of daily bars is asked for by its first day. TWSE has none before 2010-01-04.
- The tables of actions are of all codes between two days. That of ex-rights and ex-dividends is
  asked for by the calendar year, since a longer range may come cut off; the others are short.
"""

from dataclasses import dataclass

import pandas as pd

from core.reference.exchanges import TPEX, TWSE
from core.reference.tickers import Ticker

FIRST_MONTH = pd.Timestamp("2010-01-01")
_TWSE, _TPEX = "https://www.twse.com.tw/rwd/zh/", "https://www.tpex.org.tw/www/zh-tw/"
_ETF = "00"  # what the code of every exchange-traded fund begins with


@dataclass(frozen=True)
class ExchangeReport:
    """One request to an exchange.

    Parameters
    ----------
    exchange : its name for people, TWSE or TPEx.
    name : of the report, as the exchange calls it.
    by_form : whether the parameters are sent as a form and not in the address.
    """

    exchange: str
    name: str
    address: str
    parameters: tuple[tuple[str, str], ...]
    by_form: bool


@dataclass(frozen=True)
class ActionTable:
    """A table of corporate actions.

    Parameters
    ----------
    path : below the address of its exchange.
    first : the first day on which it has rows.
    pays : whether it lists dividends, in cash or shares; else the shares alone are changed.
    """

    exchange: str
    path: str
    first: pd.Timestamp
    pays: bool = False

    @property
    def name(self) -> str:
        """What the exchange calls it."""
        return self.path.rpartition("/")[2]

    def ranges(self, since: pd.Timestamp, today: pd.Timestamp) -> list["Span"]:
        """The ranges of days to ask for, so that actions from `since` to `today` are in them."""
        if not self.pays:
            return [Span(self.first, today)]
        years = range(max(since, self.first).year, today.year + 1)
        return [
            Span(pd.Timestamp(year, 1, 1), min(pd.Timestamp(year, 12, 31), today)) for year in years
        ]

    def report(self, span: "Span") -> ExchangeReport:
        """The request for the actions of all codes within some days."""
        days = (("startDate", span.first), ("endDate", span.last))
        return _report(
            self.exchange, self.path, [(name, _day(self.exchange, day)) for name, day in days]
        )


@dataclass(frozen=True)
class Span:
    """Days from `first` to `last`, both included."""

    first: pd.Timestamp
    last: pd.Timestamp


_DIVIDENDS = {
    "TWSE": ActionTable("TWSE", "exRight/TWT49U", pd.Timestamp("2003-05-05"), True),
    "TPEx": ActionTable("TPEx", "bulletin/exDailyQ", pd.Timestamp("2008-01-02"), True),
}
# Reductions of capital and changes of the par value; "reducation" is how the exchange spells it.
_SHARES = {
    "TWSE": (
        ActionTable("TWSE", "reducation/TWTAUU", pd.Timestamp("2011-01-01")),
        ActionTable("TWSE", "change/TWTB8U", pd.Timestamp("2014-01-01")),
    ),
    "TPEx": (
        ActionTable("TPEx", "bulletin/revivt", pd.Timestamp("2013-01-01")),
        ActionTable("TPEx", "bulletin/pvChgRslt", pd.Timestamp("2014-01-01")),
    ),
}
_FUNDS = {
    "TWSE": (ActionTable("TWSE", "split/TWTCAU", pd.Timestamp("2020-01-01")),),
    "TPEx": (
        ActionTable("TPEx", "bulletin/etfSplitRslt", pd.Timestamp("2020-01-01")),
        ActionTable("TPEx", "bulletin/etfRvsRslt", pd.Timestamp("2020-01-01")),
    ),
}


def trades_in_taiwan(ticker: Ticker) -> bool:
    """Whether one of the two exchanges lists a ticker; an index is not traded."""
    return ticker.symbol.endswith((TWSE.suffix, TPEX.suffix))


def exchange_of(ticker: Ticker) -> str:
    """The name of the exchange of a ticker of Taiwan."""
    return "TPEx" if ticker.market is TPEX else "TWSE"


def code_of(ticker: Ticker) -> str:
    """What the exchange calls the ticker: 2330 for 2330.TW."""
    return ticker.symbol.partition(".")[0]


def month_report(ticker: Ticker, month: pd.Timestamp) -> ExchangeReport:
    """The request for the daily bars of a month; `month` is its first day."""
    exchange = exchange_of(ticker)
    name, code = {
        "TWSE": ("afterTrading/STOCK_DAY", "stockNo"),
        "TPEx": ("afterTrading/tradingStock", "code"),
    }[exchange]
    return _report(exchange, name, [("date", _day(exchange, month)), (code, code_of(ticker))])


def dividend_report(ticker: Ticker, session: pd.Timestamp) -> ExchangeReport:
    """The request for what TWSE says of one ex date: cash and shares apart, as TPEx lists them."""
    parameters = [("STK_NO", code_of(ticker)), ("T1", _day("TWSE", session))]
    return _report("TWSE", "exRight/TWT49UDetail", parameters)


def action_tables(ticker: Ticker) -> list[ActionTable]:
    """The tables that may name a ticker."""
    exchange = exchange_of(ticker)
    shares = _FUNDS if code_of(ticker).startswith(_ETF) else _SHARES
    return [_DIVIDENDS[exchange], *shares[exchange]]


def _report(exchange: str, path: str, parameters: list[tuple[str, str]]) -> ExchangeReport:
    return ExchangeReport(
        exchange,
        path.rpartition("/")[2],
        (_TPEX if exchange == "TPEx" else _TWSE) + path,
        (*parameters, ("response", "json")),
        exchange == "TPEx",
    )


def _day(exchange: str, day: pd.Timestamp) -> str:
    return f"{day:%Y/%m/%d}" if exchange == "TPEx" else f"{day:%Y%m%d}"
