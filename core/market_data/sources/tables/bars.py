"""The table of a file as bars: whose they are, on which sessions, and what was understood."""

import re

import pandas as pd

from core.foundation.errors import SchemaError
from core.foundation.printable import printable
from core.market_data.sources.capital_gains import with_capital_gains
from core.market_data.sources.tables import columns
from core.market_data.sources.tables.adjusted import as_traded, without_factors
from core.market_data.sources.tables.columns import OURS, Words
from core.market_data.sources.tables.dates import read_dates
from core.market_data.sources.tables.headings import FIELDS, Heading
from core.market_data.sources.tables.layout import Layout, Section, lay_out
from core.market_data.sources.tables.numbers import is_dash, is_nothing, read_numbers
from core.market_data.sources.tables.options import TableOptions, Understood
from core.market_data.sources.tables.stamps import sessions_of
from core.market_data.sources.tables.symbols import tickers_of
from core.market_data.sources.tables.text import text_of
from core.market_data.sources.tables.volume_units import LOT, in_shares
from core.reference.exchanges import TPEX, TWSE
from core.reference.schema import typed_bars
from core.reference.tickers import Ticker

_BESIDE = (
    "vendor_close",
    "capital_gain",
    columns.TURNOVER,
)  # of bars, but no columns of their contract
_NUMBERS = (*FIELDS, "vendor_close", "capital_gain", "volume", "dividend", "split_ratio", *OURS)
_RATIO = re.compile(
    r"\s*(\d+(?:\.\d+)?)\s*(?::|/|-?\s?for\s?-?)\s*(\d+(?:\.\d+)?)\s*", re.IGNORECASE
)
_NO_COMPARISON = re.compile(r"^\s*[xX]|除")  # the exchange's X0.00, or 除息: no change, but not 0
_ADJUSTED = re.compile(
    r"[前后後]复权|[前後]復權|還原權值|還原股價|(?:forward|back(?:ward)?)[- ]adjusted", re.I
)
_ZERO = re.compile(r"\s*0+(?:[.,]0+)?\s*")
_UNITS = {columns.THOUSANDS: LOT, columns.HUNDREDS: 100}
_APART = 0.02  # of a price, by which two bars of a session are of two companies
_MIN_APART = 3


def read_bars(
    file: str, content: bytes, ticker: Ticker | None, options: TableOptions, words: Words
) -> tuple[pd.DataFrame, Understood]:
    """The bars of one file, and what was understood of it.

    Parameters
    ----------
    file : its name, for errors.
    content : its bytes.
    ticker : whose bars they are, where the file does not say.
    words : see `columns.known_words`.

    Returns
    -------
    The `bars` contract in columns and types, its values unchecked, without `source`; the dividend
    is NaN where the file marks an ex date and lists no action. A column `vendor_close` more where
    the file has an adjusted close. Rows are numbered as an editor does.

    Raises
    ------
    SourceError : it is no text or no table.
    SchemaError : it cannot be read with certainty; names the row or the column.
    InvalidInputError : a ticker in it is not known.
    """
    text = text_of(file, content, lambda start: _known(start, words))
    layout = lay_out(file, text.text, words)
    if not options.adjusted:
        _refuse_adjusted(file, layout)
    first = layout.sections[0]
    understood = Understood(
        file,
        text.encoding,
        layout.separator,
        first.header,
        [(one.name.strip(), one.meaning) for one in first.headings],
        passed_over=layout.passed_over,
    )
    cells = _cells(file, layout)
    halted = cells[list(FIELDS)].map(is_dash).all(axis=1) | _untraded(cells)
    understood.halted = int(halted.sum())
    cells = cells[~halted]
    cells["ticker"] = tickers_of(understood, cells, layout, ticker)
    bars = _figures(file, cells, layout.separator, options)
    bars["session"] = _sessions(file, cells, options, understood)
    understood.rows = len(bars)
    if len(bars):
        _refuse_two_companies(file, bars, cells)
    typed = typed_bars(bars, file)
    for name in _BESIDE:
        if name in bars:
            typed[name] = bars[name]
    if columns.CHANGE in cells:
        plain = cells[columns.CHANGE].str.replace(",", "").str.strip()
        typed[columns.CHANGE] = pd.to_numeric(plain, errors="coerce")
        unknown = cells[columns.CHANGE].str.contains(_NO_COMPARISON)
        unknown &= (typed["dividend"] == 0.0) & (typed["split_ratio"] == 1.0)
        typed["dividend"] = typed["dividend"].mask(unknown)
    return _raw(file, typed, options, understood), understood


def _refuse_adjusted(file: str, layout: Layout) -> None:
    """Say so where a title says that the prices are adjusted."""
    for line, text in layout.passed_over:
        if _ADJUSTED.search(text):
            raise SchemaError(
                "csv.title-adjusted",
                '{file} says in row {row} that its prices are adjusted, "{text}"; give those as '
                "traded, or say --adjusted if it lists the dividends and splits too.",
                {"file": file, "row": line, "text": printable(text, 60)},
                parameter="adjusted",
            )


def _untraded(cells: pd.DataFrame) -> pd.Series:
    """Rows of a halt as Korea's exchange writes them: zeros, and the close of the day before."""
    zeros = [cells[one].str.fullmatch(_ZERO) for one in ("open", "high", "low", "volume")]
    none: pd.Series = pd.concat(zeros, axis=1).all(axis=1)
    return none


def _raw(
    file: str, bars: pd.DataFrame, options: TableOptions, understood: Understood
) -> pd.DataFrame:
    """Prices as traded and volume in shares, ticker by ticker."""
    parts = []
    for _, rows in bars.groupby("ticker", sort=False):
        if "capital_gain" in rows:
            rows = with_capital_gains(rows.sort_values("session", kind="stable"))
        traded, notes = as_traded(file, rows, options.adjusted)
        volume, more = in_shares(file, traded, options.volume)
        parts.append(traded.assign(volume=volume).drop(columns=columns.TURNOVER, errors="ignore"))
        understood.notes += [*notes, *more]
    return pd.concat(parts) if parts else bars


def _known(text: str, words: Words) -> int:
    """How many names of columns stand in a text."""
    found = {columns.meaning(one, words) for one in re.split(r"[,;\t|\r\n\"]+", text[:4000])}
    return len(found - {columns.UNKNOWN})


def _cells(file: str, layout: Layout) -> pd.DataFrame:
    """All sections as one long frame of text, a column a meaning."""
    frames = [frame for section in layout.sections for frame in _long(file, section)]
    return pd.concat(frames).fillna("")


def _long(file: str, section: Section) -> list[pd.DataFrame]:
    whole = pd.DataFrame(
        [cells for _, cells in section.rows],
        index=pd.Index([line for line, _ in section.rows]),
        columns=range(len(section.headings)),
        dtype=object,
    )
    _refuse_unknown_actions(file, section.headings, whole)
    tickers = dict.fromkeys(one.ticker for one in section.headings if one.ticker)
    frames = []
    for name in tickers or ("",):
        used = {
            one.meaning: at
            for at, one in enumerate(section.headings)
            if one.meaning not in (columns.UNKNOWN, columns.IGNORED) and one.ticker in ("", name)
        }
        frame = whole[list(used.values())].set_axis(list(used), axis=1)
        for one, shares in _UNITS.items():
            if one in frame:
                frame = frame.rename(columns={one: "volume"}).assign(unit=shares)
        if name:
            frame = frame.assign(ticker=name)
            prices = [one for one in FIELDS if one in frame]
            frame = frame[(frame[prices].map(str.strip) != "").any(axis=1)]
        for one in (*FIELDS, "volume"):
            if one not in frame:
                raise SchemaError(
                    "frame.no-column",
                    "{where}: column {column} is missing.",
                    {"where": file, "column": one},
                    parameter=one,
                )
        frames.append(frame)
    return frames


def _refuse_unknown_actions(file: str, headings: list[Heading], whole: pd.DataFrame) -> None:
    factors = [one for one in headings if one.meaning in OURS]
    for at, one in enumerate(headings):
        unknown = not one.meaning and columns.looks_like_action(one.name)
        if not unknown and not (one in factors and len(factors) == 1):
            continue
        if not whole[at].map(is_nothing).all():
            raise SchemaError(
                "csv.unknown-action",
                "{file}: column {column} looks like a dividend, a split or an adjustment and is "
                "not understood; call it Dividends, Stock Splits or Adj Close if it is that, or "
                "say what it means in columns.csv of the home.",
                {"file": file, "column": printable(one.name.strip())},
                parameter=one.name.strip(),
            )


def _figures(file: str, cells: pd.DataFrame, separator: str, options: TableOptions) -> pd.DataFrame:
    """The numbers of each row, with what nothing is said of as nothing."""
    given = {name: cells[name] for name in _NUMBERS if name in cells}
    if "split_ratio" in given:
        given["split_ratio"] = given["split_ratio"].map(_ratio)
    money = {one: cells[one] for one in (columns.TURNOVER,) if one in cells}
    try:
        read = read_numbers({**given, **money}, file, separator, options.decimal or None)
    except SchemaError:  # the money is a witness alone: where it cannot be read, it says nothing
        read = read_numbers(given, file, separator, options.decimal or None)
    bars = pd.DataFrame(read).assign(
        ticker=cells["ticker"], ingested_at=pd.Timestamp.min.tz_localize("UTC"), source=""
    )
    for name, nothing in (("dividend", 0.0), ("split_ratio", 1.0)):
        if name not in bars:
            bars[name] = nothing
    bars["split_ratio"] = bars["split_ratio"].replace(0.0, 1.0)  # yfinance writes 0 for none
    if set(OURS) <= set(bars):
        bars = without_factors(bars)
    if "unit" in cells:
        bars["volume"] *= pd.to_numeric(cells["unit"]).fillna(1.0)
    return bars


def _ratio(cell: str) -> str:
    """4:1 and 4-for-1 as 4.0: new shares per old one."""
    found = _RATIO.fullmatch(cell)
    return str(float(found[1]) / float(found[2])) if found and float(found[2]) else cell


def _sessions(
    file: str, cells: pd.DataFrame, options: TableOptions, understood: Understood
) -> pd.Series:
    written = cells[columns.SESSION]
    if columns.TIME in cells:
        clock = cells[columns.TIME].str.strip()
        some = clock.str.strip("0:") != ""
        clock = clock.str.replace(r"^(\d\d)(\d\d)(\d\d)?$", r"\1:\2", regex=True)
        written = written.where(~some, written.str.strip() + " " + clock)
    symbols = cells["ticker"]
    sessions = written.copy()
    for symbol in symbols.dropna().unique():
        rows = (symbols == symbol).to_numpy()
        ticker = Ticker.parse(symbol)
        taiwan = ticker.market in (TWSE, TPEX)
        read = read_dates(written[rows], file, options.dates or None, taiwan)
        understood.dates = understood.dates or read.order
        sessions[rows] = sessions_of(read.stamps, written[rows], ticker, file)
    return sessions


def _refuse_two_companies(file: str, bars: pd.DataFrame, cells: pd.DataFrame) -> None:
    """Say so where most sessions have two prices that lie far apart."""
    close = bars.groupby(["ticker", "session"])["close"]
    span = close.max() / close.min() - 1
    apart = int((span > _APART).sum())
    if apart >= _MIN_APART and apart > len(span) / 2:
        raise SchemaError(
            "csv.two-prices",
            "{file} has two prices far apart on {apart:,} of {sessions:,} sessions, as of two "
            "companies; give a file for each, or a column ticker.",
            {"file": file, "apart": apart, "sessions": len(span)},
            parameter="ticker",
        )
