"""Sessions that the exchange compares with none before."""

import numpy as np

from core.market_data.checks.unknown_actions import unknown_action_findings
from tests.support.check_rows import as_tuples, quiet


def test_each_is_a_question_of_its_own_but_for_the_first_row() -> None:
    bars, unknown = quiet(), np.zeros(60, bool)
    unknown[[0, 20, 21]] = True
    found = unknown_action_findings(bars, unknown)
    assert as_tuples(bars, found) == [("step", 20, 20, "actions"), ("step", 21, 21, "actions")]
    assert f"compares {bars['session'][20]:%Y-%m-%d} with no session" in found[0].reason
