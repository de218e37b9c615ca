"""Which version forecasts a ticker."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core.reference.tickers import Ticker
from core.registry.aliases import AliasRole
from core.registry.registry import ModelRegistry
from core.registry.versions import Serving


@dataclass(frozen=True)
class _Looked:
    """What was looked up while `stamp` was in force."""

    stamp: str | None
    special: frozenset[str]
    names: dict[int, str]
    general: dict[bool | None, Serving | None] = field(default_factory=dict)


class Servings:
    """Looks up what forecasts which ticker, and asks the database again only after a change.

    Parameters
    ----------
    stamp : gives a text that changes with any version, alias or rename; None where none is known,
        and then each call of `of` asks anew.
    """

    def __init__(self, registry: ModelRegistry, stamp: Callable[[], str] | None = None) -> None:
        self._registry = registry
        self._stamp = stamp
        self._looked: _Looked | None = None

    def of(
        self, tickers: Sequence[Ticker], of_sample: Callable[[Ticker], bool]
    ) -> dict[Ticker, Serving | None]:
        """What forecasts each: its specialist if it has one for these bars, else the champion.

        What learned from sample bars alone forecasts no others.

        Parameters
        ----------
        of_sample : whether a ticker's stored bars are sample ones; asked only where it matters.

        Returns
        -------
        None for each before the first training.
        """
        looked = self._look()
        return {one: self._one(looked, one, of_sample) for one in tickers}

    def versions(self, name: str) -> list[int]:
        """The versions of a forecaster."""
        return [version for version, of in self._look().names.items() if of == name]

    def _look(self) -> _Looked:
        stamp, looked = self._stamp() if self._stamp else None, self._looked
        if looked is None or stamp is None or looked.stamp != stamp:
            special = frozenset(self._registry.aliases.tickers(AliasRole.CHAMPION))
            names = {one.version: one.name for one in self._registry.versions()}
            self._looked = looked = _Looked(stamp, special, names)
        return looked

    def _one(
        self, looked: _Looked, ticker: Ticker, of_sample: Callable[[Ticker], bool]
    ) -> Serving | None:
        if ticker.symbol in looked.special:
            now = self._registry.serving(ticker.symbol)
            if now is None or not (now.model.card.sample or now.ticker or now.failed):
                return now  # serves any bars
            return self._registry.serving(ticker.symbol, of_sample(ticker))
        now = self._general(looked, None)
        if now is None or not (now.model.card.sample or now.failed):
            return now
        return self._general(looked, of_sample(ticker))

    def _general(self, looked: _Looked, sample: bool | None) -> Serving | None:
        if sample not in looked.general:
            looked.general[sample] = self._registry.serving(sample=sample)
        return looked.general[sample]
