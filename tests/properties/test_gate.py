"""The gate on real losses of two real forecasters, made equal, better and worse."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.evaluation.walk_forward.backtest import backtests
from core.evaluation.walk_forward.lookahead import find_lookahead
from core.models import create
from core.registry.gate import ChallengeKind, Evidence, GateVerdict, decide
from tests.benchmarks.entrants import Oracle
from tests.support import evaluation
from tests.support.trials import TRIALS

pytestmark = pytest.mark.evaluation
COUNT = max(TRIALS, 40)
SESSIONS, BLOCK, SHIFT = 250, 20, 0.03


@pytest.fixture(scope="module")
def paired() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores of `har` and of a perturbed one, every session of some years, 20 tickers and more."""
    bars = evaluation.large_us()
    sessions = pd.DatetimeIndex(sorted(bars["session"].unique()))
    until = "2018" if COUNT >= 200 else "2013"
    origins = sessions[(sessions >= "2009-06") & (sessions < until)]
    recipes = {"har": create("har"), "other": create("har", window=1000, penalty=300.0)}
    runs = backtests(recipes, bars, origins)
    columns = ["ticker", "as_of", "horizon", "pinball", "until", "inside_80", "inside_90"]
    first, other = (runs[name][columns] for name in recipes)
    assert first["ticker"].nunique() >= 20 and first["as_of"].nunique() > 3 * SESSIONS
    return first, other


def trials(
    paired: tuple[pd.DataFrame, pd.DataFrame], shift: float
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Challenger and champion of equal skill but for `shift`, over 250 sessions."""
    champion, other = paired
    dates, number = np.unique(champion["as_of"].to_numpy(), return_inverse=True)
    loss, gap = champion["pinball"].to_numpy(), (other["pinball"] - champion["pinball"]).to_numpy()
    source = np.random.default_rng(11)
    for _ in range(COUNT):
        start = int(source.integers(0, len(dates) - SESSIONS))
        rows = np.flatnonzero((number >= start) & (number < start + SESSIONS))
        own, difference = loss[rows], gap[rows]
        difference = difference - own * (difference.sum() / own.sum())
        signs = source.choice([-1.0, 1.0], -(-SESSIONS // BLOCK))
        difference *= signs[(number[rows] - start) // BLOCK]
        made = own + difference - shift * own
        yield other.iloc[rows].assign(pinball=made), champion.iloc[rows]


def promoted(
    paired: tuple[pd.DataFrame, pd.DataFrame], kind: ChallengeKind, shift: float
) -> Counter[str]:
    found = Counter(
        decide(Evidence(kind, own, other)).verdict for own, other in trials(paired, shift)
    )
    assert found.total() == COUNT
    print(f"{COUNT} of kind {kind}, {100 * shift:+.0f} % better: {dict(found)}")
    return found


def at_most(share: float) -> int:
    """Of `COUNT`; where they are few, what chance alone would make of that share."""
    return int(share * COUNT if COUNT >= 200 else stats.binom.ppf(0.99, COUNT, share))


def test_noise_seldom_passes_as_a_change(paired: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    assert promoted(paired, ChallengeKind.CHANGE, 0.0)[GateVerdict.PROMOTE] <= at_most(0.06)


@pytest.mark.soak
def test_three_percent_better_passes_as_a_change(
    paired: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    assert promoted(paired, ChallengeKind.CHANGE, SHIFT)[GateVerdict.PROMOTE] >= 0.8 * COUNT


def test_a_worse_change_never_passes(paired: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    assert promoted(paired, ChallengeKind.CHANGE, -SHIFT)[GateVerdict.PROMOTE] == 0


def test_a_refresh_of_equal_skill_passes(paired: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    assert promoted(paired, ChallengeKind.REFRESH, 0.0)[GateVerdict.PROMOTE] >= 0.9 * COUNT


@pytest.mark.soak
def test_a_refresh_three_percent_worse_seldom_passes(
    paired: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    assert promoted(paired, ChallengeKind.REFRESH, -SHIFT)[GateVerdict.PROMOTE] <= at_most(0.06)


def test_a_planted_leak_never_passes(paired: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    bars = evaluation.large_us()
    bars = bars[bars["ticker"].isin(sorted(bars["ticker"].unique())[:4])]
    bars = bars[bars["session"] < "2008"].reset_index(drop=True)
    sessions = pd.DatetimeIndex(sorted(bars["session"].unique()))
    fault = find_lookahead(Oracle, bars, [sessions[-200]])
    assert str(fault).startswith("It sees the future: its forecast of ")
    assert find_lookahead(lambda: create("har"), bars, [sessions[-200], sessions[-30]]) is None
    for own, other in trials(paired, 5 * SHIFT):
        assert (
            decide(Evidence(ChallengeKind.CHANGE, own, other, fault)).verdict == GateVerdict.REJECT
        )
