"""One row of quantiles scored by hand."""

import numpy as np
import pytest

from core.evaluation.metrics.quantile_scores import quantile_scores

QUANTILES = np.array([[-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]])
FLAT = np.zeros((1, 7))


def test_losses_and_intervals_by_hand() -> None:
    found = quantile_scores(np.array([1.5]), QUANTILES, FLAT)
    # 0.05 * 4.5, 0.1 * 3.5, 0.25 * 2.5, 0.5 * 1.5, 0.75 * 0.5, then 0.1 * 0.5 and 0.05 * 1.5 above.
    losses = [0.225, 0.35, 0.625, 0.75, 0.375, 0.05, 0.075]
    assert found["pinball"][0] == pytest.approx(sum(losses) / 7)
    assert found["baseline_pinball"][0] == pytest.approx(1.5 * 0.5), "the levels' mean is a half"
    inside = {name: found[name][0] for name in ("inside_50", "inside_80", "inside_90")}
    assert inside == {"inside_50": 0.0, "inside_80": 1.0, "inside_90": 1.0}
    assert [found[f"width_{share}"][0] for share in (50, 80, 90)] == [2.0, 4.0, 6.0]
    assert 0.75 < found["pit"][0] < 0.90 and found["crps"][0] > 0.0
