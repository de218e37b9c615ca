"""Which version forecasts the stored tickers now, and which of them it never learned from."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.foundation.errors import NotFoundError
from core.models import Forecaster
from core.reference.bar_sources import is_sample
from core.registry.registry import ModelRegistry, ModelVersion, Serving


@dataclass(frozen=True)
class ServedTickers:
    """One's own tickers, or where there are none the sample's, and what forecasts them.

    Tickers with a specialist of their own are in none of the lists.

    Parameters
    ----------
    serving : what forecasts them; None where no version can.
    champion : the version that is to; None before the first training.
    learned, unlearned : tickers that the serving version learned from, and those it never did.
    fallback : tickers that no version can serve, so that the fallback forecaster does.
    """

    serving: Serving | None
    champion: ModelVersion | None
    learned: tuple[str, ...] = ()
    unlearned: tuple[str, ...] = ()
    fallback: tuple[str, ...] = ()

    @property
    def version(self) -> int | None:
        """The version that serves; None where none does."""
        return None if self.serving is None else self.serving.model.version

    def of_version(self) -> tuple[ModelVersion, Forecaster]:
        """The version that serves, and its forecaster.

        Raises
        ------
        NotFoundError : no version does; says why.
        """
        if self.champion is None:
            raise NotFoundError(
                "champion.none-to-monitor", "There is no champion to monitor; train first."
            )
        if self.serving is None or self.serving.forecaster is None:
            raise NotFoundError(
                "champion.not-monitored",
                "No version can serve {count} tickers, so the fallback forecaster does; "
                "version {version} is not monitored. Train again.",
                {"count": len(self.fallback), "version": self.champion.version},
            )
        if not (self.learned or self.unlearned):
            raise NotFoundError(
                "champion.no-ticker-stored",
                "None of the champion's tickers is stored; train again.",
            )
        return self.serving.model, self.serving.forecaster


def served_tickers(registry: ModelRegistry, sources: Mapping[str, str]) -> ServedTickers:
    """Look up what serves.

    Parameters
    ----------
    sources : of each stored ticker's last bar.
    """
    own = {one for one, source in sources.items() if not is_sample(source)}
    special = registry.specialists()
    wanted = [
        one
        for one in sorted(own or sources)
        if one not in special or (one in own and special[one].card.sample)
    ]
    serving = registry.serving(sample=not own)
    if serving is None or serving.fallback:
        return ServedTickers(None, registry.champion(), fallback=tuple(wanted))
    card = serving.model.card
    known = [one for one in wanted if card.knows(one, sources[one])]
    unknown = [one for one in wanted if one not in known]
    return ServedTickers(serving, registry.champion(), tuple(known), tuple(unknown))


def count_on_fallback(registry: ModelRegistry, sources: Mapping[str, str]) -> int:
    """How many stored tickers the fallback forecaster serves because no version can.

    Parameters
    ----------
    sources : of each stored ticker's last bar.
    """
    kinds = [is_sample(source) for source in sources.values()]
    serving = {kind: registry.serving(sample=kind) for kind in set(kinds)}
    unserved = {kind for kind, now in serving.items() if now is not None and now.fallback}
    return sum(kind in unserved for kind in kinds)
