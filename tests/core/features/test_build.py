"""The feature frame: shape, warm-up, market means, and what must not matter."""

import numpy as np
import pandas as pd
import pytest

from core.features import build
from core.features.spec import HAR, FeatureSpec
from core.foundation.errors import InvalidInputError, SchemaError
from core.reference.adjustments import adjust
from tests.support.bars import walk, walks


def test_frame_has_one_row_a_bar_and_nan_only_in_warm_up() -> None:
    found = build(walks(2, 200))
    assert list(found.columns) == ["ticker", "session", *HAR.names]
    assert (found.dtypes[list(HAR.names)] == "float64").all()
    for _, rows in found.groupby("ticker"):
        known = rows[list(HAR.names)].notna()
        assert not known.iloc[: HAR.warm_up].any().any()
        assert known.iloc[HAR.warm_up :].all().all()


def test_adjusted_bars_give_the_same_features_as_raw_ones() -> None:
    bars = walk("A", 300)
    bars.loc[150, "dividend"] = 2.0
    bars.loc[200, "split_ratio"] = 4.0
    bars.loc[200:, ["open", "high", "low", "close"]] /= 4.0
    raw, adjusted = build(bars), build(adjust(bars).sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(raw, adjusted)
    assert raw["log_variance_1"].loc[200] < np.log(0.1**2), "a split is not a crash"


def test_features_do_not_depend_on_the_price_level() -> None:
    cheap, dear = build(walk("A", 300, start_price=1.0)), build(walk("A", 300, start_price=1e4))
    pd.testing.assert_frame_equal(cheap, dear, rtol=1e-9)


def test_market_mean_is_over_the_tickers_that_have_the_session() -> None:
    late = walk("B", 400, 2).iloc[100:]
    bars = pd.concat([walk("A", 400, 1), late.iloc[:-50], walk("2330.TW", 400, 3)])
    found = build(bars).set_index(["ticker", "session"])["market_log_variance_10"]
    own = build(bars).set_index(["ticker", "session"])["log_variance_10"]
    sessions = own["A"].index
    both, only_a, warming = sessions[300], sessions[380], sessions[200]
    np.testing.assert_allclose(found["A"][both], (own["A"][both] + own["B"][both]) / 2)
    near = {"rtol": 0.0, "atol": 1e-12}  # as fine as the market's sums count
    np.testing.assert_allclose(found["A"][only_a], own["A"][only_a], **near)
    warm_up = "a ticker in warm-up has no say yet"
    np.testing.assert_allclose(found["A"][warming], own["A"][warming], **near, err_msg=warm_up)
    np.testing.assert_allclose(found["2330.TW"], own["2330.TW"], **near)


def test_one_ticker_is_its_own_market() -> None:
    found = build(walk("A", 200))
    own, market = found["log_variance_3"], found["market_log_variance_3"]
    np.testing.assert_allclose(market, own, rtol=0.0, atol=1e-12)


def test_empty_and_one_row_bars_have_no_features() -> None:
    assert build(walk("A", 1))[list(HAR.names)].isna().all().all()
    assert build(walk("A", 1).iloc[:0]).empty


def test_repeated_sessions_and_bad_factors_are_refused() -> None:
    bars = walk("A", 150)
    with pytest.raises(SchemaError, match="session appears twice"):
        build(pd.concat([bars, bars.iloc[-1:]]))
    with pytest.raises(SchemaError, match="adj_factor"):
        build(adjust(bars).assign(adj_factor=0.0))


def test_ticker_without_a_calendar_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="calendar"):
        build(walk("SAP.XX", 150))


def test_digest_changes_with_a_feature_and_only_then() -> None:
    assert FeatureSpec().digest == HAR.digest
    assert FeatureSpec(momentum_windows=(20, 60)).digest != HAR.digest
