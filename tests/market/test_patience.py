"""How long a source is left alone."""

from core.market.patience import Patience


def test_rests_double_up_to_a_quarter_of_an_hour_and_start_small_again() -> None:
    now = [0.0]
    patience = Patience(lambda: now[0])
    assert not patience.resting()
    for seconds in (60, 120, 240, 480, 900, 900):
        patience.rest()
        now[0] += seconds - 1
        assert patience.resting()
        now[0] += 0.1 * seconds + 1.1
        assert not patience.resting()
    patience.renew()
    patience.rest()
    now[0] += 67
    assert not patience.resting()
