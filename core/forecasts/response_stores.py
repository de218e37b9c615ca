"""Where forecasts are kept, and what tells whether one may be out of date."""

import hashlib
from functools import partial
from typing import Protocol

from core.evaluation.walk_forward.provenance import METHOD
from core.forecasts.stores import WithSources
from core.foundation.caches.cache import Cache, ProcessCache
from core.foundation.caches.edition import Editions
from core.foundation.caches.edition_stamp import EditionStamp
from core.foundation.caches.file_cache import FileCache
from core.foundation.caches.opened_once import opened_once
from core.foundation.caches.response_memory import ResponseMemory
from core.foundation.files import looks
from core.foundation.settings import Settings
from core.foundation.source_commit import VERSION
from core.foundation.sql.database import Database
from core.reference.sessions import Calendars


class WithAllStores(WithSources, Protocol):
    """What has all that a forecast is made from."""

    @property
    def settings(self) -> Settings:
        """What was set."""

    @property
    def records(self) -> Database:
        """The records database."""

    def refresh_calendars(self) -> Calendars:
        """The exchange calendars, read again."""


class WithResponses:
    """What keeps forecasts, each opened on first use."""

    @opened_once
    def cache(self: WithAllStores) -> Cache:
        """Where forecasts are kept for a while, for every process."""
        if not self.settings.cache_url:
            return ProcessCache(behind=FileCache(self.settings.home / "forecasts-kept.db"))
        from core.foundation.caches.redis_cache import RedisCache  # its client costs 0.1 s

        return RedisCache(self.settings.cache_url)

    @opened_once
    def forecast_stamp(self: WithAllStores) -> EditionStamp:
        """A text that changes with anything a forecast is made from, or its answer."""
        edition = Editions((self.bars.edition, self.records.edition))
        return EditionStamp(edition, partial(_stamp, self))

    @opened_once
    def responses(self: "WithKeeping") -> ResponseMemory:
        """Forecasts as they are sent, see `core.forecasts.response.body`."""
        return ResponseMemory(self.forecast_stamp.now, self.cache)


class WithKeeping(Protocol):
    """What a response is kept with."""

    @property
    def cache(self) -> Cache:
        """Where forecasts are kept for a while."""

    @property
    def forecast_stamp(self) -> EditionStamp:
        """A text that changes with anything a forecast is made from."""


def _stamp(stores: WithAllStores) -> str:
    bars, registry, ledger = stores.bars, stores.registry, stores.ledger
    moves = registry.aliases.all()  # what no alias ever pointed at serves nobody
    versions = sorted({version for _, version in moves if version is not None})
    files = [(one, looks(registry.artifact(one))) for one in versions]
    parts = (VERSION, METHOD, bars.stamp(), moves, files, ledger.seals().scores_hash)
    # Another process may have found something out about a session.
    return hashlib.sha256(repr((*parts, stores.refresh_calendars().stamp)).encode()).hexdigest()
