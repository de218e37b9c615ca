"""Several forecasters at once: the same scores, told, kept when interrupted, and reproducible."""

import numpy as np
import pandas as pd
import pytest

from core.evaluation.walk_forward.backtest import backtests
from core.evaluation.walk_forward.provenance import ATTRIBUTE, Provenance, data_hash
from core.evaluation.walk_forward.splits import last_origins, walk_forward
from core.features.panel import Panel
from core.foundation.errors import NotEnoughHistoryError
from core.models import create
from core.models.har import Har
from tests.support.backtests import backtest
from tests.support.bars import walk

NAMES = ("har", "constant_width", "random_walk")


class Memory:
    """Keeps folds in a dict."""

    def __init__(self) -> None:
        self.folds: dict[str, pd.DataFrame] = {}

    def read(self, key: str) -> pd.DataFrame | None:
        return self.folds.get(key)

    def keep(self, key: str, scores: pd.DataFrame) -> None:
        self.folds[key] = scores


class Counted(Har):
    """`har` that counts its refits and may be interrupted in one."""

    def __init__(self, stop_at: int = 0, window: int = 2000) -> None:
        super().__init__(window)
        self.fits, self.stop_at = 0, stop_at

    def fit_panel(self, panel: Panel, until: pd.Timestamp | None = None) -> "Counted":
        self.fits += 1
        if self.fits == self.stop_at:
            raise KeyboardInterrupt
        return super().fit_panel(panel, until)


def test_together_they_score_what_each_scores_alone(panel_bars: pd.DataFrame) -> None:
    together = backtests({name: create(name) for name in NAMES}, panel_bars)
    assert list(together) == list(NAMES)
    for name in NAMES:
        alone = backtest(name, panel_bars)
        pd.testing.assert_frame_equal(together[name], alone, check_exact=True)
        assert together[name].attrs == alone.attrs and alone.attrs[ATTRIBUTE]


def test_progress_counts_every_fold_of_every_forecaster(panel_bars: pd.DataFrame) -> None:
    calls: list[tuple[int, int]] = []
    backtests(
        {name: create(name) for name in NAMES},
        panel_bars,
        progress=lambda done, total: calls.append((done, total)),
    )
    sessions = pd.DatetimeIndex(panel_bars["session"].unique()).sort_values()
    count = 3 * len(walk_forward(sessions, last_origins(sessions)))
    assert calls == [(k, count) for k in range(1, count + 1)]


def learnable(bars: pd.DataFrame) -> pd.DatetimeIndex:
    """Origins before which har can be fitted, in five folds."""
    return pd.DatetimeIndex(bars["session"].unique()).sort_values()[400:680:4]


def test_an_interrupted_walk_goes_on_where_it_stopped(panel_bars: pd.DataFrame) -> None:
    whole, first, second = Counted(), Counted(stop_at=4), Counted()
    origins = learnable(panel_bars)
    expected = backtests({"har": whole}, panel_bars, origins)["har"]
    cache = Memory()
    with pytest.raises(KeyboardInterrupt):
        backtests({"har": first}, panel_bars, origins, fold_cache=cache)
    assert len(cache.folds) == 3 and first.fits == 4
    found = backtests({"har": second}, panel_bars, origins, fold_cache=cache)["har"]
    assert (whole.fits, second.fits) == (5, 2)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    assert found.attrs == expected.attrs


def test_what_changed_starts_anew(panel_bars: pd.DataFrame) -> None:
    cache = Memory()
    origins = learnable(panel_bars)
    backtests({"har": Counted()}, panel_bars, origins, fold_cache=cache)
    shuffled = panel_bars.sample(frac=1, random_state=1)
    same, other_bars, other_params = Counted(), Counted(), Counted(window=1000)
    backtests({"again": same}, shuffled, origins, fold_cache=cache)
    assert same.fits == 0, "neither the row order nor the name it bears is an input"
    corrected = panel_bars.copy()
    corrected.loc[0, "close"] *= 1 + 1e-9
    backtests({"har": other_bars}, corrected, origins, fold_cache=cache)
    backtests({"har": other_params}, panel_bars, origins, fold_cache=cache)
    assert other_bars.fits == 5 == other_params.fits


def test_a_recalibrated_fold_is_not_taken_for_one_with_another_past() -> None:
    wilder = 0.02 * np.where(np.arange(700) < 420, 1.0, 4.0)  # so that there is much to learn
    bars = pd.concat([walk(f"T{k}", 700, k, wilder) for k in (1, 2)], ignore_index=True)
    sessions, cache = pd.DatetimeIndex(bars["session"].unique()), Memory()
    origins = sessions[420:660:4]  # folds of sixty sessions, of which the later run has the last
    whole = backtest("har", bars, origins, fold_cache=cache, recalibrated=True)
    later = origins[origins >= sessions[600]]
    found = backtest("har", bars, later, fold_cache=cache, recalibrated=True)
    expected = backtest("har", bars, later, recalibrated=True)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    before = whole[whole["as_of"] >= later[0]]["width_80"].to_numpy()
    assert (before != expected["width_80"].to_numpy()).any()


def test_who_cannot_forecast_is_left_out_unless_nobody_can() -> None:
    bars = walk("A", 330)
    sessions = pd.DatetimeIndex(bars["session"])
    entrants = {name: create(name) for name in NAMES}
    # Enough for the baseline's 131 sessions, not for a fit of har.
    assert list(backtests(entrants, bars, sessions[200:240:5])) == ["random_walk"]
    with pytest.raises(NotEnoughHistoryError, match="backtest of har needs"):
        backtests({"har": create("har")}, bars, sessions[200:240:5])


def test_the_provenance_names_every_input(panel_bars: pd.DataFrame) -> None:
    one = Provenance.of(data_hash(panel_bars), create("har"), create("random_walk"), 60)
    sessions = pd.DatetimeIndex(panel_bars["session"].unique()).sort_values()
    folds = walk_forward(sessions, last_origins(sessions))
    again = Provenance.of(data_hash(panel_bars), create("har"), create("random_walk"), 60)
    assert one.key(folds[0]) == again.key(folds[0]) != one.key(folds[1])
    others = [
        Provenance.of("0" * 64, create("har"), create("random_walk"), 60),
        Provenance.of(one.data_hash, create("har", window=9), create("random_walk"), 60),
        Provenance.of(one.data_hash, create("constant_width"), create("random_walk"), 60),
        Provenance.of(one.data_hash, create("har"), create("constant_width"), 60),
        Provenance.of(one.data_hash, create("har"), create("random_walk"), 61),
    ]
    assert len({each.key(folds[0]) for each in [one, *others]}) == 6
    assert backtest("har", panel_bars).attrs[ATTRIBUTE] == one.to_dict()


def test_the_same_provenance_gives_the_same_bytes(panel_bars: pd.DataFrame) -> None:
    one, two = backtest("har", panel_bars), backtest("har", panel_bars.iloc[::-1])
    assert one.attrs == two.attrs
    for name in one.select_dtypes("number"):
        assert one[name].to_numpy().tobytes() == two[name].to_numpy().tobytes()


def test_every_forecast_was_made_after_what_was_learned(scores: pd.DataFrame) -> None:
    sessions = pd.DatetimeIndex(scores["as_of"].unique()).union(scores["until"].unique())
    assert len(sessions) and (scores["until"] < scores["as_of"]).all()
    assert np.isfinite(scores[["crps", "pit", "scaled_error"]]).all().all()
    assert scores["pit"].between(0, 1).all()
