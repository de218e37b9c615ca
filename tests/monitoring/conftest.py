"""The homes that other tests use too, and one as `make demo` and one monitoring leave it."""

import pytest

from core.forecasts.ledger import Ledger
from core.services.monitor import conclude, prepare
from core.services.sample import load_sample
from core.storage.outcomes import Outcomes
from core.storage.reports import Report, Reports
from monitoring.drift import measure
from tests.homes import AT, Home, open_home
from tests.services.conftest import copied, home, trained

__all__ = ["copied", "home", "trained"]


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Only to be read."""
    home = open_home(tmp_path_factory.mktemp("watched"))
    outcomes, ledger = Outcomes(home.database), Ledger(home.database)
    load_sample(
        *(home.intake, home.registry, home.audit, "ann", AT), outcomes=outcomes, ledger=ledger
    )
    compared = prepare(home.bars, home.registry)
    measured = measure(compared)
    report = conclude(compared, measured.distances, measured.quality, AT)
    Reports(home.database, home.path / "reports").add(report, measured.pages)
    return home


@pytest.fixture(scope="session")
def report(watched: Home) -> Report:
    return Reports(watched.database, watched.path / "reports").latest(1)[0]
