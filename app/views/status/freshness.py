"""How fresh the tickers are: a sentence, a table, and their last sessions at a glance."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import plotly.graph_objects as go

from app.components.formats import UNKNOWN, ago, counted, instant, listed
from app.components.grid import PAGE_ROWS
from app.components.palettes import LIGHT, faded, ink
from core.market_data.awaited_tickers import Awaited
from core.market_data.catalog import display_name
from core.market_data.freshness import RECENT, BarState, Freshness
from core.market_data.records.ingest_log import IngestOutcome

OUTCOME_LABELS = {
    IngestOutcome.OK: "● ok",
    IngestOutcome.NOT_FOUND: "✕ not found",
    IngestOutcome.RATE_LIMITED: "✕ rate limited",
    IngestOutcome.UNAVAILABLE: "✕ unavailable",
    IngestOutcome.UNUSABLE: "✕ unusable",
}
MOST_DRAWN = PAGE_ROWS
_NAMED = 3  # tickers that the sentence names
_ROW_PIXELS, _AROUND_PIXELS = 26, 76


def sentence(found: list[Freshness], waiting: Sequence[Awaited] = ()) -> str:
    """How many tickers are up to date, and which are furthest from it; the worst come first."""
    own = [one for one in found if not one.coverage.sample]
    if not own and not waiting:
        return (
            "Only sample tickers are stored: their bars end long ago, and raise no alarm."
            if found
            else "Nothing is tracked yet."
        )
    late = [one for one in own if not one.up_to_date]
    if not late and not waiting:
        every = "Your ticker is" if len(own) == 1 else f"All {len(own):,} tickers are"
        return f"{every} up to date."
    fine, every = len(own) - len(late), len(own) + len(waiting)
    opening = f"{fine:,} of {counted(every, 'ticker')} " + (
        "is up to date" if fine == 1 else "are up to date"
    )
    named = [f"{one.coverage.ticker} {_is(one)}" for one in late[:_NAMED]]
    if len(late) > _NAMED:
        named.append(f"{len(late) - _NAMED:,} more are behind")
    if waiting:
        names = [one.ticker.symbol for one in waiting[:_NAMED]]
        if len(waiting) > _NAMED:
            names.append(f"{len(waiting) - _NAMED:,} more")
        named.append(f"{listed(names)} {'is' if len(waiting) == 1 else 'are'} not fetched yet")
    return f"{opening}; {listed(named)}."


def table(
    found: list[Freshness],
    now: datetime,
    waiting: Sequence[Awaited] = (),
    rows: slice = slice(None),
) -> pd.DataFrame:
    """One row a ticker, of these rows; those that nothing came of lead."""
    every = [*waiting, *found][rows]
    shown = pd.DataFrame(
        _waiting_row(one) if isinstance(one, Awaited) else _row(one, now) for one in every
    )
    return shown.astype({"Held back": "Int64", "Missing": "Int64"})


def drawn(found: list[Freshness]) -> list[Freshness]:
    """Those whose last sessions are drawn: a person's own if there are any, the worst ones."""
    return _own_first(found)[:MOST_DRAWN]


def cut(found: list[Freshness]) -> bool:
    """Whether some are left out of the drawing because there are too many."""
    return len(_own_first(found)) > MOST_DRAWN


def recent(found: list[Freshness], dark: bool) -> go.Figure:
    """A cell for each of the last sessions of each ticker, the newest right."""
    colours = ink(dark)
    fills = {
        BarState.STORED: faded(colours.accent, 0.35),
        BarState.HELD_BACK: colours.hold,
        BarState.MISSING: faded(colours.muted, 0.18),
    }
    signs = {
        BarState.HELD_BACK: ("?", LIGHT.hold if dark else "#ffffff"),
        BarState.MISSING: ("✕", colours.line),
    }
    states = list(fills)
    columns = [f"−{back}" for back in range(RECENT - 1, 0, -1)] + ["latest"]
    cells = [
        (column, one.coverage.ticker.symbol, session, state)
        for one in found
        for column, (session, state) in zip(columns[-len(one.recent) :], one.recent, strict=True)
    ]
    figure = go.Figure()
    figure.add_heatmap(
        x=[cell[0] for cell in cells],
        y=[cell[1] for cell in cells],
        z=[states.index(cell[3]) for cell in cells],
        customdata=[f"{session:%Y-%m-%d}: {state}" for _, _, session, state in cells],
        hovertemplate="%{y} %{customdata}<extra></extra>",
        colorscale=_steps([fills[state] for state in states]),
        zmin=-0.5,
        zmax=len(states) - 0.5,
        showscale=False,
        xgap=3,
        ygap=3,
    )
    for state, (sign, colour) in signs.items():
        marked = [cell for cell in cells if cell[3] == state]
        figure.add_scatter(
            x=[cell[0] for cell in marked],
            y=[cell[1] for cell in marked],
            mode="text",
            text=sign,
            textfont={"size": 11, "color": colour},
            hoverinfo="skip",
            showlegend=False,
        )
    for state, fill in fills.items():
        sign, _ = signs.get(state, ("", ""))
        figure.add_scatter(
            x=[None],
            y=[None],
            mode="markers",
            marker={"symbol": "square", "size": 12, "color": fill},
            name=f"{state} {sign}".strip(),
        )
    tickers = [one.coverage.ticker.symbol for one in found]
    axis = {"type": "category", "showgrid": False, "zeroline": False, "fixedrange": True}
    figure.update_xaxes(side="top", categoryorder="array", categoryarray=columns, **axis)
    figure.update_yaxes(
        autorange="reversed", categoryorder="array", categoryarray=tickers, automargin=True, **axis
    )
    figure.update_layout(
        height=_AROUND_PIXELS + _ROW_PIXELS * max(2, len(found)),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "y": 0, "yanchor": "top", "x": 0, "xanchor": "left"},
    )
    return figure


def _row(one: Freshness, now: datetime) -> dict[str, object]:
    covered, outcome = one.coverage, one.outcome
    return {
        "Ticker": covered.ticker.symbol,
        "Name": display_name(covered.ticker),
        "Freshness": _words(one),
        "Last session": UNKNOWN if covered.last is None else f"{covered.last:%Y-%m-%d}",
        "Age": ago(one.closed_at, now),
        "Held back": covered.held_back,
        "Missing": covered.missing,
        "Last ingest": "never" if outcome is None else OUTCOME_LABELS.get(outcome.outcome, UNKNOWN),
        "Asked": "" if outcome is None else instant(outcome.at),
        "What was said": "" if outcome is None else str(outcome.message or ""),
        "Market": covered.ticker.market.label,
    }


def _waiting_row(one: Awaited) -> dict[str, object]:
    outcome = one.outcome
    return {
        "Ticker": one.ticker.symbol,
        "Name": display_name(one.ticker),
        "Freshness": "✕ not found, given up" if one.given_up else "◐ not fetched yet",
        "Last session": UNKNOWN,
        "Age": UNKNOWN,
        "Held back": None,
        "Missing": None,
        "Last ingest": "never" if outcome is None else OUTCOME_LABELS.get(outcome.outcome, UNKNOWN),
        "Asked": instant(one.added_at if outcome is None else outcome.at),
        "What was said": "" if outcome is None else str(outcome.message or ""),
        "Market": one.ticker.market.label,
    }


def _own_first(found: list[Freshness]) -> list[Freshness]:
    return [one for one in found if not one.coverage.sample] or found


def _words(one: Freshness) -> str:
    if one.coverage.sample:
        return "SAMPLE"
    return "● up to date" if one.up_to_date else f"◐ {_is(one).removeprefix('is ')}"


def _is(one: Freshness) -> str:
    if one.behind is None:
        return "has no bar that may be read"
    return f"is {counted(one.behind, 'session')} behind"


def _steps(colours: list[str]) -> list[tuple[float, str]]:
    """A colour scale of equal steps."""
    size = len(colours)
    return [(at / size, colour) for step, colour in enumerate(colours) for at in (step, step + 1)]
