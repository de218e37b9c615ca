"""Backtests of several forecasters, brought to the rows that all of them share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import pandas as pd

from core.evaluation.metrics.skill import KEY
from core.foundation.errors import InvalidInputError
from core.reference.schema import HORIZONS
from core.reference.windows import window_text


class SampleSide(StrEnum):
    """Whether forecasts were made after the last session that their forecaster learned from."""

    OUT = "out"
    IN = "in"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class CommonRows:
    """Scores by forecaster, all with the same keys in the same order.

    Parameters
    ----------
    scores : frames as `core.evaluation.walk_forward.backtest.backtests` gives them.
    horizons : the horizons among them, as text: "1..20" or "5".
    """

    scores: dict[str, pd.DataFrame]
    horizons: str

    @classmethod
    def of(cls, runs: Mapping[str, pd.DataFrame]) -> "CommonRows":
        """Keep the (ticker, as_of, horizon) that every run scored; the runs are not changed.

        Raises
        ------
        InvalidInputError : there is no run, they share no row, or they saw different actuals.
        """
        if not runs:
            raise InvalidInputError(
                "leaderboard.no-backtest",
                "A leaderboard needs at least one backtest.",
                parameter="runs",
            )
        frames = {name: run.sort_values(KEY, ignore_index=True) for name, run in runs.items()}
        first = next(iter(frames.values()))
        if not all(frame[KEY].equals(first[KEY]) for frame in frames.values()):
            shared = first[KEY]
            for frame in frames.values():
                shared = shared.merge(frame[KEY], on=KEY, validate="one_to_one")
            frames = {name: shared.merge(frame, on=KEY) for name, frame in frames.items()}
            frames = {
                name: frame.sort_values(KEY, ignore_index=True) for name, frame in frames.items()
            }
        first = next(iter(frames.values()))
        if first.empty:
            raise InvalidInputError(
                "leaderboard.nothing-shared",
                "These backtests share no origin and horizon.",
                parameter="runs",
            )
        for name, frame in frames.items():
            if not np.array_equal(frame["actual"], first["actual"]):
                raise InvalidInputError(
                    "leaderboard.other-bars",
                    "The backtest of {name} is of other bars.",
                    {"name": name},
                    parameter="runs",
                )
        return cls(frames, f"{first['horizon'].min()}..{first['horizon'].max()}")

    def at(self, horizon: int) -> "CommonRows":
        """The scores of one horizon; frames without rows if it was not scored."""
        return CommonRows(
            {
                name: frame[frame["horizon"] == horizon].reset_index(drop=True)
                for name, frame in self.scores.items()
            },
            str(horizon),
        )

    def split(self, horizons: Sequence[int] | None) -> "list[CommonRows]":
        """The common rows of each of these horizons, or these for None.

        Raises
        ------
        InvalidInputError : a horizon that was never scored.
        """
        if horizons is None:
            return [self]
        known = set(self.first["horizon"])
        for horizon in horizons:
            if horizon not in known:
                raise InvalidInputError(
                    "leaderboard.bad-horizon",
                    "Horizon {horizon} was not scored; choose among {first}..{last}.",
                    {"horizon": horizon, "first": HORIZONS[0], "last": HORIZONS[-1]},
                    parameter="horizons",
                )
        return [self.at(horizon) for horizon in horizons]

    @property
    def first(self) -> pd.DataFrame:
        """The scores of the first forecaster, for what is the same in all."""
        return next(iter(self.scores.values()))

    @cached_property
    def losses(self) -> dict[str, np.ndarray]:
        """Mean pinball loss of every row by forecaster, and of a baseline that is none of them."""
        found = {name: frame["pinball"].to_numpy() for name, frame in self.scores.items()}
        for frame in self.scores.values():
            for name in frame["baseline"].unique():
                found.setdefault(str(name), frame["baseline_pinball"].to_numpy())
        return found

    @property
    def facts(self) -> dict[str, int | str]:
        """What every table says first: horizons, n, tickers, dates, window, sample."""
        first, last = self.first["as_of"].min(), self.first["as_of"].max()
        return {
            "horizons": self.horizons,
            "n": int((~self.first.duplicated(["ticker", "as_of"])).sum()),
            "tickers": int(self.first["ticker"].nunique()),
            "dates": int(self.first["as_of"].nunique()),
            "window": window_text(first, last),
            "sample": self._sample(),
        }

    @property
    def overlap(self) -> int:
        """Successive dates whose targets overlap, at the longest horizon among them."""
        rows = self.first[self.first["horizon"] == self.first["horizon"].max()]
        dates = np.unique(self.first["as_of"].to_numpy())
        begins = np.searchsorted(dates, rows["as_of"].to_numpy())
        ends = np.searchsorted(dates, rows["target_session"].to_numpy())
        return max(int((ends - begins).max()), 1)

    def _sample(self) -> SampleSide:
        """Whether every forecast was made after the last session its forecaster learned from."""
        found = set[SampleSide]()
        for frame in self.scores.values():
            until = frame.get("until")
            if until is None or until.isna().any():
                found.add(SampleSide.UNKNOWN)
            else:
                found.add(SampleSide.OUT if (until < frame["as_of"]).all() else SampleSide.IN)
        return next(
            name for name in (SampleSide.IN, SampleSide.UNKNOWN, SampleSide.OUT) if name in found
        )
