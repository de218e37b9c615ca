"""What was understood of files, before anything of them is stored."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from app.components.formats import column_format, counted, listed, plain
from app.components.grid import data_grid
from core.market_data.sources.tables.columns import IGNORED, UNKNOWN
from core.reference.instruments import name_of
from core.reference.schema import PRICE_COLUMNS
from core.reference.tickers import Ticker

_SHOWN = 5  # questions and notes, before they are only counted
_EVENTS = {"dividend": 0.0, "split_ratio": 1.0}


def draw(preview: Mapping[str, Any], read_as: str) -> None:
    """Whose bars they are and from when to when, some rows, what would be asked, each column.

    `preview` is what `core.workflows.bars.preview.preview` gives, `read_as` how a ticker that was
    typed was read.
    """
    found: dict[str, Any] = preview["tickers"]
    if read_as:
        st.caption(plain(read_as))
    if len(found) == 1:
        ((symbol, one),) = found.items()
        st.markdown(f"**{plain(_named(symbol))}**")
        st.caption(plain(_summary(one)))
        _rows(pd.DataFrame([*one["first"], *one["last"]]).drop_duplicates("session"), symbol)
    else:
        st.markdown(f"**{counted(len(found), 'ticker')}**")
        _tickers(found)
    for sentence in preview.get("failed", {}).values():
        st.error(plain(sentence))
    _asks(found)
    first, *others = preview["files"]
    _file(first)
    if others:
        with st.expander(f"How {counted(len(others), 'more file')} {_were(others)} read"):
            for one in others:
                _file(one)


def _asks(found: Mapping[str, Mapping[str, Any]]) -> None:
    """What the checks would ask, equal questions once with their number."""
    several = len(found) > 1
    asks = Counter(
        f"{symbol}: {one}" if several else str(one)
        for symbol, each in found.items()
        for one in each["asks"]
    )
    if asks:
        head = f"Status will ask {counted(asks.total(), 'question')}:"
        each = [f"{one} ({n:,} times)" if n > 1 else one for one, n in asks.items()]
        st.warning(_list(head, each))


def _were(things: list[Any]) -> str:
    return "was" if len(things) == 1 else "were"


def _named(symbol: str) -> str:
    return " ".join(filter(None, [symbol, name_of(Ticker.parse(symbol))]))


def _summary(one: Mapping[str, Any]) -> str:
    first, last = one["first"][0]["session"], one["last"][-1]["session"]
    labels = {"new": "new", "corrected": "corrected", "held_back": "held back"}
    counts = [f"{one[name]:,} {label}" for name, label in labels.items() if one[name]]
    if not one["new"] + one["corrected"]:
        counts.insert(0, "nothing new")
    those = " The first and last of them:" if one["bars"] > len(one["first"] + one["last"]) else ""
    return f"{counted(one['bars'], 'session')}, {first} to {last}: {listed(counts)}.{those}"


def _rows(rows: pd.DataFrame, symbol: str) -> None:
    """Bars as a table; dividends and splits where there are any."""
    events = [name for name, none in _EVENTS.items() if (rows[name] != none).any()]
    price = column_format(rows["close"].dropna().iloc[-1] if rows["close"].notna().any() else 1.0)
    numbers = dict.fromkeys(PRICE_COLUMNS, st.column_config.NumberColumn(format=price))
    data_grid(
        rows[["session", *PRICE_COLUMNS, "volume", *events]],
        hide_index=True,
        column_config={**numbers, "volume": st.column_config.NumberColumn(format="localized")},
        alt=f"First and last bars of {symbol}",
    )


def _tickers(found: Mapping[str, Mapping[str, Any]]) -> None:
    data_grid(
        pd.DataFrame(
            {
                "ticker": _named(symbol),
                "sessions": one["bars"],
                "first": one["first"][0]["session"],
                "last": one["last"][-1]["session"],
                "first close": one["first"][0]["close"],
                "last close": one["last"][-1]["close"],
                "new": one["new"],
                "corrected": one["corrected"],
                "held back": one["held_back"],
            }
            for symbol, one in found.items()
        ),
        hide_index=True,
        alt="Tickers of the files",
    )


def _file(one: Mapping[str, Any]) -> None:
    """How a file was read: its columns, and what was done with the rest."""
    nothing = (IGNORED, UNKNOWN)
    read = [
        f"{c['column']} → {c['read_as']}" for c in one["columns"] if c["read_as"] not in nothing
    ]
    left = [c["column"] for c in one["columns"] if c["read_as"] in nothing and c["column"]]
    halted = f", {one['halted']:,} without trading" if one["halted"] else ""
    about = f"{counted(one['rows'], 'row')}{halted}, header in row {one['header_row']}"
    columns = " · ".join(dict.fromkeys(read)) + (f" · not read: {', '.join(left)}" if left else "")
    st.markdown(f"**{plain(one['file'])}**")
    st.caption(plain(f"{about}, dates {one['dates']}, {one['encoding']}") + "  \n" + plain(columns))
    notes = [*one["notes"], *(f"Row {n['row']} is no bar: {n['text']}" for n in one["passed_over"])]
    if notes:
        st.caption(_list("", notes))


def _list(head: str, items: list[str]) -> str:
    """Sentences below each other in Markdown; of many the first, and how many more."""
    more = len(items) - _SHOWN
    shown = [*items[:_SHOWN], *([f"and {more:,} more"] if more > 0 else [])]
    return "\n".join(filter(None, [plain(head), *(f"- {plain(one)}" for one in shown)]))
