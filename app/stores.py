"""The stores of this process, opened once from the settings."""

from dataclasses import dataclass
from functools import lru_cache

from app.run_reader import RunReader
from app.runs import Runs
from core import wiring
from core.forecasts.ledger import Ledger
from core.registry.registry import ModelRegistry
from core.services.intake import Intake
from core.settings import Settings, load_settings
from core.storage.access import Access
from core.storage.audit import Audit
from core.storage.bars import ParquetBars
from core.storage.cache import Cache
from core.storage.lives import Lives
from core.storage.outbox import Outbox
from core.storage.outcomes import Outcomes
from core.storage.quarantine import Quarantine
from core.storage.reports import Reports
from core.storage.session_overrides import SessionOverrides


@dataclass(frozen=True)
class Stores:
    """Everything pages and routes read from and write to."""

    settings: Settings
    bars: ParquetBars
    cache: Cache
    registry: ModelRegistry
    runs_on_record: RunReader
    audit: Audit
    access: Access
    outbox: Outbox
    lives: Lives
    ledger: Ledger
    outcomes: Outcomes
    reports: Reports
    quarantine: Quarantine
    session_overrides: SessionOverrides
    runs: Runs

    @property
    def intake(self) -> Intake:
        """The way into the lake of bars."""
        return Intake(self.bars, self.quarantine)


@lru_cache(maxsize=1)
def stores() -> Stores:
    """Open the stores on first use."""
    settings = load_settings()
    wiring.learn_sessions(settings)
    return Stores(
        settings=settings,
        bars=wiring.open_bars(settings=settings),
        cache=wiring.open_cache(settings),
        registry=wiring.open_registry(settings),
        runs_on_record=RunReader(wiring.open_experiments(settings)),
        audit=wiring.open_audit(settings),
        access=wiring.open_access(settings),
        lives=wiring.open_lives(settings),
        outbox=wiring.open_outbox(settings),
        ledger=wiring.open_ledger(settings),
        outcomes=wiring.open_outcomes(settings),
        reports=wiring.open_reports(settings),
        quarantine=wiring.open_quarantine(settings),
        session_overrides=wiring.open_session_overrides(settings),
        runs=Runs(wiring.open_scheduler(settings)),
    )
