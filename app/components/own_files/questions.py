"""What a file cannot say and its owner can, as choices."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app.components.formats import plain
from core.foundation.errors import TickerLensError
from core.market_data.sources.tables.dates import DAY_FIRST, MONTH_FIRST
from core.market_data.sources.tables.numbers import COMMA, POINT
from core.market_data.sources.tables.options import LOTS, SHARES, TableOptions

_ADJUSTED, _TICKER = "adjusted", "ticker"
_CHOICES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "dates": ("Dates", {DAY_FIRST: "day first", MONTH_FIRST: "month first"}),
    "decimal": ("Decimals behind", {POINT: "a point", COMMA: "a comma"}),
    "volume": ("Volume in", {SHARES: "shares", LOTS: "lots of 1,000"}),
    _ADJUSTED: ("Prices", {_ADJUSTED: "adjusted for the dividends listed"}),
}
# What an error of the reader asks, without the options of the command line.
_QUESTIONS = {
    "csv.no-ticker": "{file} does not say whose prices these are.",
    "csv.order-undecided": 'Has "{value}" the day or the month first (row {row} of {file})?',
    "csv.decimal-undecided": 'Has "{value}" thousands or decimals ({column}, row {row} of {file})?',
    "csv.volume-units": "{file}: the volume of {count:,} sessions, {first} to {last}, is 1,000 "
    "times smaller than that of the others. In what is it?",
    "csv.adjusted-twice": "{file}: the prices of {ticker} did not fall by the {count} dividends "
    "listed. Are they adjusted for them?",
    "csv.not-adjusted": "{file}: the prices of {ticker} fell by the {count} dividends listed, so "
    "they are not adjusted for them.",
}


class Questions:
    """The choices for some files; `about` tells these files from others."""

    def __init__(self, about: str) -> None:
        self._about = about

    @property
    def options(self) -> TableOptions:
        """What was chosen."""
        dates, decimal, volume, adjusted = map(self._chosen, _CHOICES)
        return TableOptions(dates, decimal, volume, bool(adjusted))

    @property
    def ticker(self) -> str:
        """What was typed as the ticker, if it had to be."""
        return self._chosen(_TICKER)

    def ask(self, error: TickerLensError | None) -> list[str]:
        """Say what is wrong, and draw what has to be chosen; its names."""
        needed = [] if error is None else [str(error.parameter)]
        if error is not None:
            template = _QUESTIONS.get(error.sentence.code)
            text = template and template.format(**error.sentence.parameters)
            is_open = text or (_TICKER in needed and not self.ticker)
            (st.info if is_open else st.error)(plain(text or error.message))
        if _TICKER in needed or self.ticker:
            st.text_input("Ticker", key=self._key(_TICKER), placeholder="2330.TW")
        needed = [name for name in needed if name in _CHOICES]
        self._draw(needed)
        return needed

    def offer(self, needed: Sequence[str]) -> None:
        """Draw the choices that were not needed, put away."""
        with st.expander("Read it differently"):
            self._draw([name for name in _CHOICES if name not in needed])

    def _draw(self, names: Sequence[str]) -> None:
        for name in names:
            label, values = _CHOICES[name]
            st.segmented_control(
                label, list(values), format_func=values.__getitem__, key=self._key(name)
            )

    def _chosen(self, name: str) -> str:
        return st.session_state.get(self._key(name)) or ""

    def _key(self, name: str) -> str:
        return f"own-files-{name}-{self._about}"
