"""What is read of the ledger: scores, who served what, and that nothing was changed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa

from core.forecasts.ledger.past_forecasts import PastForecast, past_forecasts, track_record
from core.forecasts.ledger.shown_scores import shown_scores
from core.forecasts.ledger.tables import (
    SCORE_COLUMNS,
    SEALED_FORECASTS,
    SEALED_SCORES,
    forecasts,
    scores,
)
from core.foundation.errors import DamagedError
from core.foundation.sql.database import Database
from core.foundation.sql.hash_chain import START, Place, parse_hash
from core.reference.forecast_kinds import ForecastKind
from core.reference.renames import Renames
from core.reference.tickers import Ticker

_MAX_CACHED_ANSWERS = 7  # answers to the same question about past scores


@dataclass(frozen=True)
class Seals:
    """The number of rows of each kind by the ledger's own note, and the hash of the last one."""

    forecasts: int
    scores: int
    forecasts_hash: str
    scores_hash: str


@dataclass(frozen=True)
class Reading:
    """How far the ledger was verified, and whether that was all of it."""

    forecasts: Place = Place()
    scores: Place = Place()
    at_end: bool = False


class LedgerReader:
    """Reads the ledger; every read sees one consistent state.

    What was made of a renamed ticker under its old symbols is read with what was made since. Each
    row still says which symbol it was made under.

    Parameters
    ----------
    renames : gives the renames in force.
    """

    def __init__(self, database: Database, renames: Callable[[], Renames] = Renames) -> None:
        self._database = database
        self.renames = renames
        self._learned: dict[tuple[object, ...], pd.DataFrame] = {}

    def scores(self, kind: str) -> pd.DataFrame:
        """Every score of one kind with `ticker`, `as_of`, `model_version`, oldest first."""
        columns = (forecasts.c.ticker, forecasts.c.as_of, forecasts.c.model_version)
        query = (
            sa.select(*columns, *(scores.c[name] for name in SCORE_COLUMNS))
            .join(scores, scores.c.forecast_id == forecasts.c.id)
            .where(forecasts.c.kind == kind)
            .order_by(forecasts.c.id, scores.c.horizon)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        names = ["ticker", "as_of", "model_version", *SCORE_COLUMNS]
        return pd.DataFrame([tuple(row) for row in rows], columns=names)

    def track_record(self, ticker: Ticker, kind: str) -> pd.DataFrame:
        """Every forecast of one ticker and kind with its scores, one row a horizon.

        Returns
        -------
        `id`, `ticker` (as it was called), `model_version`, `created_at`, `as_of`, `horizon`,
        `target_session` (the one that came, else the one planned), `low`, `median`, `high` (the
        80 % interval, in prices of the close at `as_of`), `actual` (in the same; NaN before it is
        known), `inside_80` (likewise), `made_by` (the forecaster where the version did not make it
        alone, else empty); oldest first.
        """
        with self._database.read() as connection:
            return track_record(connection, self._names([ticker.symbol]), kind)

    def past_forecasts(
        self, ticker: Ticker, limit: int, offset: int = 0, kind: ForecastKind | None = None
    ) -> tuple[list[PastForecast], int]:
        """The forecasts of one ticker, whole, the newest first.

        Parameters
        ----------
        limit, offset : at most so many, from the one after the first so many.
        kind : only these; all when None.

        Returns
        -------
        They, and how many there are without `limit` and `offset`.
        """
        symbols = self._names([ticker.symbol])
        with self._database.read() as connection:
            return past_forecasts(connection, symbols, kind, limit, offset)

    def shown_scores(
        self, tickers: Iterable[str], versions: Iterable[int], horizons: int
    ) -> pd.DataFrame:
        """Scores of the live forecasts of these tickers, as people were shown them.

        Parameters
        ----------
        versions : only forecasts of these model versions; of several of one session, the last.
        horizons : from 1 to so many.

        Returns
        -------
        One row a (ticker as it is called now, as_of, horizon) that has a score, sorted so:
        `model_version`, `actual` and `median` (log total returns), `pinball`, `inside_80`,
        `width_80` (log return).
        """
        symbols, renames = self._names(tickers), self.renames()
        with self._database.read() as connection:
            return shown_scores(connection, symbols, versions, horizons, renames)

    def past_scores(
        self, calendar: str, versions: Iterable[int], as_of: pd.Timestamp
    ) -> pd.DataFrame:
        """The scores of live forecasts in the form that `core.models.recalibration` takes.

        Parameters
        ----------
        calendar : only tickers of this exchange calendar, since they err together.
        versions : only forecasts of these model versions.
        as_of : only targets that came by this session, as in a backtest.

        Returns
        -------
        One row a (horizon, target session) with the mean of `inside_50`, `inside_80` and
        `inside_90` over tickers, NaN where unknown, and `n`, how many scores it stands for.
        """
        # A nightly run asks for each ticker, and all of an exchange get the same result.
        of = tuple(versions)
        key = (self.seals().scores_hash, calendar, of, as_of)
        found = self._learned.get(key)
        if found is None:
            found = self._read_past_scores(calendar, of, as_of)
            self._learned = {**dict(list(self._learned.items())[-_MAX_CACHED_ANSWERS:]), key: found}
        return found.copy()

    def _read_past_scores(
        self, calendar: str, versions: tuple[int, ...], as_of: pd.Timestamp
    ) -> pd.DataFrame:
        inside = ("inside_50", "inside_80", "inside_90")
        means = [sa.func.avg(scores.c[name]).label(name) for name in inside]
        live = forecasts.c.kind == ForecastKind.LIVE
        with self._database.read() as connection:
            symbols = connection.execute(sa.select(forecasts.c.ticker).where(live).distinct())
            own = [one for one in symbols.scalars() if Ticker(one).market.calendar == calendar]
            query = (
                sa.select(scores.c.horizon, scores.c.scored_session, *means, sa.func.count())
                .join(forecasts, scores.c.forecast_id == forecasts.c.id)
                .where(live, forecasts.c.ticker.in_(own))
                .where(forecasts.c.model_version.in_(versions))
                .where(scores.c.scored_session <= as_of.date())
                .group_by(scores.c.horizon, scores.c.scored_session)
                .order_by(scores.c.horizon, scores.c.scored_session)
            )
            rows = [tuple(row) for row in connection.execute(query)]
        found = pd.DataFrame(rows, columns=["horizon", "target_session", *inside, "n"])
        return found.astype(
            {"horizon": "int64", "target_session": "datetime64[ns]", "n": "int64"}
            | dict.fromkeys(inside, "float64")
        )

    def served(self, tickers: Iterable[Ticker], as_of: date | None = None) -> list[dict[str, Any]]:
        """The forecasts of these tickers in the ledger with their forecaster, oldest first.

        Parameters
        ----------
        as_of : only those made from this session; all when None.

        Returns
        -------
        A mapping each; `made_by` is the name and version of who made it where that was not the
        model version alone, else None.
        """
        names = ("id", "ticker", "as_of", "model_version", "kind", "created_at", "hash")
        counted = sa.func.count(scores.c.horizon).label("scored")
        maker = forecasts.c.law["made_by"].label("made_by")
        query = (
            sa.select(*(forecasts.c[name] for name in names), maker, counted)
            .outerjoin(scores, scores.c.forecast_id == forecasts.c.id)
            .where(forecasts.c.ticker.in_(self._names(one.symbol for one in tickers)))
            .group_by(forecasts.c.id)
            .order_by(forecasts.c.id)
        )
        if as_of is not None:
            query = query.where(forecasts.c.as_of == as_of)
        with self._database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]

    def _names(self, symbols: Iterable[str]) -> list[str]:
        """All symbols that the tickers of these have or had."""
        renames = self.renames()
        return [name for one in symbols for name in renames.names(renames.now(one))]

    def tickers(self) -> list[Ticker]:
        """Every ticker with a forecast of any kind, as it was called, in alphabetical order."""
        query = sa.select(forecasts.c.ticker).distinct().order_by(forecasts.c.ticker)
        with self._database.read() as connection:
            return [Ticker(symbol) for symbol in connection.execute(query).scalars()]

    def seals(self) -> Seals:
        """The counts and hashes that the ledger notes, without reading its rows."""
        with self._database.read() as connection:
            return _seals(connection)

    def verify(self, noted: str | None = None) -> Seals:
        """Read every row and see that it is as it was written, in the order it was written.

        Parameters
        ----------
        noted : a hash this ledger had before, noted elsewhere: rows and seals that were all written
            anew leave no other trace. That of a ledger without rows is of every ledger.

        Raises
        ------
        InvalidInputError : what was kept is no hash.
        DamagedError : names the first that is not, forecasts before scores; or no row has the
            hash that was kept.
        """
        sought = START if noted is None else parse_hash(noted)
        with self._database.read() as connection:
            for table in (SEALED_FORECASTS, SEALED_SCORES):
                fault = table.fault(connection)
                if fault is not None:
                    raise DamagedError.of(fault)
            matches = (one.select().where(one.c.hash == sought) for one in (forecasts, scores))
            if sought != START and all(connection.execute(one).first() is None for one in matches):
                raise DamagedError(
                    "ledger.hash-unknown",
                    "No row has the hash {hash}...: either it is not one that verify printed for "
                    "this ledger, or rows were written anew since.",
                    {"hash": sought[:12]},
                )
            return _seals(connection)

    def read_on(self, since: Reading, rows: int) -> Reading | None:
        """`verify` in parts: at most so many further rows.

        What was read before is not read again, so a change made there since is not seen.

        Returns
        -------
        Where to go on from; None if a row, or the note of the newest, is not as it was written.
        """
        with self._database.read() as connection:
            first = SEALED_FORECASTS.read_on(connection, since.forecasts, rows)
            if first is None:
                return None
            left = rows - (first.rows - since.forecasts.rows)
            second = SEALED_SCORES.read_on(connection, since.scores, left)
        if second is None:
            return None
        return Reading(first, second, at_end=second.rows - since.scores.rows < left)

    def newest(self) -> datetime | None:
        """When the newest forecast was made; None if none was."""
        with self._database.read() as connection:
            return connection.execute(sa.select(sa.func.max(forecasts.c.created_at))).scalar()


def _seals(connection: sa.Connection) -> Seals:
    one, two = SEALED_FORECASTS.head(connection), SEALED_SCORES.head(connection)
    return Seals(
        one.rows if one else 0,
        two.rows if two else 0,
        one.hash if one else START,
        two.hash if two else START,
    )
