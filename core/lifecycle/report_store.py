"""What monitoring found: numbers in the records database, full reports as files."""

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.foundation.files import write_atomic
from core.foundation.messages import Message
from core.foundation.sql.database import Database, Instant, metadata
from core.foundation.stored_names import StoredNames
from core.foundation.stored_numbers import number, optional
from core.reference.windows import parse_window

MAX_FILES = 60  # full reports are megabytes; their numbers stay for good


class DriftVerdict(StrEnum):
    """What a signal says of what it watches."""

    IN_BAND = "in band"
    BEYOND = "beyond chance"
    TOO_LITTLE = "not enough data"


class SignalName(StrEnum):
    """What monitoring watches."""

    DATA = "data drift"  # the inputs moved
    PREDICTION = "prediction drift"  # the outputs moved
    DECAY = "performance decay"  # errors grew


_reports = sa.Table(
    "monitor_reports",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("model_version", sa.Integer, nullable=False),
    sa.Column("sample", sa.Boolean, nullable=False),
    sa.Column("reference_window", sa.String(32), nullable=False),
    sa.Column("current_window", sa.String(32), nullable=False),
    sa.Column("signals", sa.JSON, nullable=False),
    sa.Column("told", sa.Boolean, nullable=False, default=False),
    # Unknown of reports that were made before this was kept.
    sa.Column("unlearned", sa.JSON(none_as_null=True), nullable=True),
)
_NAMES, _SIGNAL_NAMES = StoredNames(training_asked="told"), StoredNames(reason="why")


@dataclass(frozen=True)
class Measure:
    """One number behind a signal: its column or metric, its value, and the bound of chance.

    `reference` is the same number on the reference where it has one there; None is unknown.
    """

    name: str
    value: float
    bound: float | None = None
    reference: float | None = None

    @property
    def beyond(self) -> bool:
        """Whether the value lies beyond its bound."""
        return self.bound is not None and self.value > self.bound


@dataclass(frozen=True)
class Signal:
    """What one of the three signals says.

    Parameters
    ----------
    n, n_reference : rows of the current window and of the reference, (ticker, session) pairs.
    beyond, budget : measures beyond their bound, and how many chance allows.
    reason : for `DriftVerdict.TOO_LITTLE`, what is lacking; else None.
    source, reference_source : of errors, whether those of the current window and of the reference
        are of "live" forecasts as people were shown them, or of "replayed" ones; else empty.
    window : of errors, first and last session of the current ones, empty if there is none.
    versions : which ones made the live forecasts of the current window.
    tickers : whose rows these are, where so many stand for all, see
        `core.lifecycle.monitor.monitoring_input`; 0 if they are of all.
    """

    name: SignalName
    verdict: DriftVerdict
    n: int
    n_reference: int
    beyond: int = 0
    budget: int = 0
    measures: tuple[Measure, ...] = ()
    reason: Message | None = None
    source: str = ""
    reference_source: str = ""
    window: str = ""
    versions: tuple[int, ...] = ()
    tickers: int = 0


@dataclass(frozen=True)
class Report:
    """One monitoring of one model version.

    Parameters
    ----------
    sample : the bars were sample ones.
    reference_window, current_window : "YYYY-MM-DD..YYYY-MM-DD", empty if there is none.
    training_asked : a training was asked for because of it.
    unlearned : tickers that the version served and never learned from; None if unknown.
    """

    at: datetime
    model_version: int
    sample: bool
    reference_window: str
    current_window: str
    signals: tuple[Signal, ...]
    id: int = 0
    training_asked: bool = False
    unlearned: tuple[str, ...] | None = None

    def signal(self, name: SignalName) -> Signal:
        """The signal of that name."""
        return next(one for one in self.signals if one.name == name)

    @property
    def session(self) -> date | None:
        """The last session of the current window; None if there is none."""
        window = parse_window(self.current_window)
        return None if window is None else window[1]

    @property
    def confirmed(self) -> bool:
        """Inputs moved beyond chance, and so did the outputs or the errors."""
        beyond = {one.name for one in self.signals if one.verdict == DriftVerdict.BEYOND}
        return SignalName.DATA in beyond and len(beyond) > 1


def report_to_dict(report: Report) -> dict[str, Any]:
    """A report as JSON-able values, what a signal lacks as a sentence, empty if nothing."""
    signals = [
        _SIGNAL_NAMES.stored(asdict(one) | {"reason": str(one.reason or "")})
        for one in report.signals
    ]
    values = {**_NAMES.stored(asdict(report)), "signals": signals}
    return {**values, "at": report.at.isoformat(), "confirmed": report.confirmed}


def reason_of(report: Report) -> Message:
    """Why a training is asked for."""
    beyond = [_beyond(one) for one in report.signals if one.verdict == DriftVerdict.BEYOND]
    return Message(
        "monitor.confirmed",
        "Confirmed in report {report} on {window}. {signals: }",
        {"report": report.id, "window": report.current_window, "signals": beyond},
    )


def _beyond(signal: Signal) -> Message:
    """That a signal is beyond chance, with what chance allows."""
    if signal.name == SignalName.DECAY:
        return Message("monitor.errors-grew", "Performance decay: errors grew beyond chance.")
    counts = {
        "beyond": signal.beyond,
        "measures": len(signal.measures),
        "allowed": signal.budget,
    }
    if signal.name == SignalName.PREDICTION:
        return Message(
            "monitor.outputs-moved",
            "Prediction drift: {beyond} of {measures} outputs moved beyond chance, which allows "
            "{allowed}.",
            counts,
        )
    return Message(
        "monitor.inputs-moved",
        "Data drift: {beyond} of {measures} inputs moved beyond chance, which allows {allowed}.",
        counts,
    )


class Reports:
    """Reports in the order they were made, and their files in a folder."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder

    def add(self, report: Report, pages: dict[str, str]) -> Report:
        """Keep a report and its full pages, HTML by name of letters."""
        values = {
            "at": report.at,
            "model_version": report.model_version,
            "sample": report.sample,
            "reference_window": report.reference_window,
            "current_window": report.current_window,
            "signals": _signals(report),
            "told": False,
            "unlearned": None if report.unlearned is None else list(report.unlearned),
        }
        with self._database.write() as connection:
            inserted = sa.insert(_reports).values(**values).returning(_reports.c.id)
            number = int(connection.execute(inserted).scalar_one())
            for name, html in pages.items():
                self._write(self._folder / f"{number}-{name}.html", html)
        self._forget_files()
        return self._select(_reports.c.id == number)[0]

    def latest(self, limit: int = 30, version: int | None = None, offset: int = 0) -> list[Report]:
        """The newest reports first, but for the first `offset`; of one model version, or of all
        when None."""
        return self._select(*_of(version), limit=limit, offset=offset)

    def count(self, version: int | None = None) -> int:
        """How many reports there are; of one model version, or of all when None."""
        query = sa.select(sa.func.count()).select_from(_reports).where(*_of(version))
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def pages(self, number: int) -> dict[str, Path]:
        """The full pages of a report that are still kept, by name."""
        found = self._folder.glob(f"{number}-*.html") if self._folder.is_dir() else []
        return {path.stem.partition("-")[2]: path for path in sorted(found)}

    def tell(self, report: Report) -> Report:
        """Note that a training was asked for because of a report; returns it so."""
        with self._database.write() as connection:
            chosen = sa.update(_reports).where(_reports.c.id == report.id)
            connection.execute(chosen.values(told=True))
        return replace(report, training_asked=True)

    def _select(
        self, *conditions: sa.ColumnElement[bool], limit: int = 1, offset: int = 0
    ) -> list[Report]:
        query = sa.select(_reports).where(*conditions).order_by(_reports.c.id.desc())
        with self._database.read() as connection:
            rows = connection.execute(query.limit(limit).offset(offset))
            return [_report(row) for row in rows]

    def _write(self, path: Path, html: str) -> None:
        write_atomic(path, lambda temporary: temporary.write_text(html, encoding="utf-8"))

    def _forget_files(self) -> None:
        pages = sorted(self._folder.glob("*.html"), key=lambda path: int(path.stem.split("-")[0]))
        for path in pages[:-MAX_FILES]:
            path.unlink(missing_ok=True)


def _of(version: int | None) -> tuple[sa.ColumnElement[bool], ...]:
    """The condition that a report is of a version; none of all."""
    return () if version is None else (_reports.c.model_version == version,)


def _signals(report: Report) -> list[dict[str, Any]]:
    found = []
    for one in report.signals:
        values = asdict(one) | {"reason": one.reason and one.reason.to_dict()}
        if not one.tickers:
            del values["tickers"]
        found.append(_SIGNAL_NAMES.stored(values))
    return found


def _reason(signal: dict[str, Any]) -> Message | None:
    """What a signal lacks; older reports have it as text, empty where nothing was."""
    reason = signal.get("reason")
    return Message.from_stored(reason) if reason else None


def _report(row: sa.Row[Any]) -> Report:
    signals = tuple(
        Signal(
            **{
                **_SIGNAL_NAMES.own(one),
                "name": SignalName(one["name"]),
                "verdict": DriftVerdict(one["verdict"]),
                "reason": _reason(_SIGNAL_NAMES.own(one)),
                "measures": tuple(map(_measure, one["measures"])),
                "versions": tuple(one.get("versions", ())),
            }
        )
        for one in row.signals
    )
    unlearned = None if row.unlearned is None else tuple(row.unlearned)
    values = _NAMES.own(row._asdict())
    return Report(**{**values, "signals": signals, "unlearned": unlearned})


def _measure(values: dict[str, Any]) -> Measure:
    known = {name: optional(values.get(name)) for name in ("bound", "reference")}
    return Measure(str(values["name"]), number(values["value"]), **known)
