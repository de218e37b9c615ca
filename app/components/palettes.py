"""Colours: the reader's own for up and down, and one family for forecasts in light and dark."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """How rises and falls are drawn; every use also carries an arrow, a sign or a shape."""

    label: str
    up: str
    down: str


PALETTES = {
    "us": Palette("Green up, red down", "#22a06b", "#e0524a"),
    "tw": Palette("Red up, green down", "#e0524a", "#22a06b"),
    "cb": Palette("Blue up, orange down", "#2673b8", "#e08a00"),
}
DEFAULT_PALETTE = "us"
LINES = ("#c77d0a", "#8e5bb5", "#2a9d8f", "#b5476b")  # that mean neither up nor down


@dataclass(frozen=True)
class Ink:
    """What charts are drawn with on a light or a dark page; `hold` is for bars held back,
    `page` is what lies behind."""

    line: str
    accent: str
    muted: str
    grid: str
    hold: str
    page: str


LIGHT = Ink("#1f2a37", "#2f6fb3", "#7b8794", "rgba(31,42,55,.08)", "#8347b0", "#ffffff")
DARK = Ink("#e6ebf2", "#6fb1ef", "#93a1b3", "rgba(230,235,242,.10)", "#c79aec", "#0f1722")


def ink(dark: bool) -> Ink:
    """The ink for a page."""
    return DARK if dark else LIGHT


def faded(colour: str, alpha: float) -> str:
    """A #rrggbb colour as rgba with the given opacity."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"
