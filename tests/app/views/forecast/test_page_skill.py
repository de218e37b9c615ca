"""What the page says of skill is of the horizon that was chosen, and "worse" is no "unproven"."""

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from app.api.routes import api
from app.state.stores import Stores
from tests.app.components.test_sentences import SOME
from tests.app.test_main import opened, texts
from tests.support.homes import AT

SENTENCES = {
    1: "Worse than the random walk and a constant width on all real tickers together at horizon 1",
    5: "Skill on all real tickers together at horizon 5: the width of the range carries",
    10: "No skill shown on all real tickers together at horizon 10: take the range as no better",
    20: "Worse than a constant width on all real tickers together at horizon 20: that the range",
}


@pytest.fixture
def mixed(sample: Stores) -> Stores:
    """A champion that is better at 5 sessions, worse at 1 and 20, and unproven at 10."""
    first = sample.registry.get(1)
    card = replace(first.card, skill=SOME, skill_by_ticker={})
    model = sample.registry.register(sample.registry.read(first), card, AT)
    sample.registry.promote(model.version, "ann", "for its skill", AT)
    return sample


@pytest.mark.parametrize("horizon", SENTENCES)
def test_the_sentence_is_of_the_chosen_horizon(mixed: Stores, horizon: int) -> None:
    shown = texts(opened(ticker="AAPL", h=str(horizon)))
    assert [one for one, sentence in SENTENCES.items() if sentence in shown] == [horizon]
    client = TestClient(api, raise_server_exceptions=False)
    response = client.post("/predict", json={"ticker": "AAPL", "horizon": horizon}).json()
    assert response["skill"]["sentence"].startswith(SENTENCES[horizon])
