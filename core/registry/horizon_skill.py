"""A version's skill at single horizons, also of one that was trained before they were stored."""

from dataclasses import replace
from functools import lru_cache

from core.evaluation.metrics.skill import Skill
from core.evaluation.walk_forward.walk_recipe import skills
from core.reference.renames import Renames
from core.registry.registry import ModelRegistry, ModelVersion


def measured(registry: ModelRegistry, model: ModelVersion) -> ModelVersion:
    """The version with its skill at single horizons, from stored scores where its card has none.

    Without stored scores it stays unmeasured.
    """
    overall = model.card.skill
    if overall is None or overall.horizons:
        return model
    whole, by_ticker = _from_scores(registry, model.version, model.sha256, registry.renames())
    own = {
        ticker: _with_horizons(one, by_ticker.get(ticker))
        for ticker, one in model.card.skill_by_ticker.items()
    }
    card = replace(model.card, skill=_with_horizons(overall, whole), skill_by_ticker=own)
    return replace(model, card=card)


def _with_horizons(stored: Skill, found: Skill | None) -> Skill:
    return stored if found is None else replace(stored, horizons=found.horizons)


@lru_cache(maxsize=8)
def _from_scores(
    registry: ModelRegistry, version: int, sha256: str, renames: Renames
) -> tuple[Skill | None, dict[str, Skill]]:
    scores = registry.scores(version)
    return skills(scores if scores is not None and "constant_pinball" in scores else None)
