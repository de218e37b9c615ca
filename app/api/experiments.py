"""The model versions of this home and where each stands; MLflow is not asked."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from app.api.paging import PAGED_HEADERS, Page, page_of, set_links
from app.api.parameters import known_parameters
from app.api.schemas.skill_body import BandAnswer, VersionSkill
from app.api.schemas.version_body import GateAnswer, VersionAnswer
from app.state import alias_holders
from app.state.stores import stores
from core.forecasts.forecast import skill_to_dict
from core.registry.registry import ModelVersion

router = APIRouter(dependencies=[Depends(known_parameters)])


@router.get("/experiments", responses={200: {"headers": PAGED_HEADERS}})
def experiments(
    request: Request, response: Response, page: Annotated[Page, Depends(page_of(20, 100))]
) -> list[VersionAnswer]:
    """Every model version, the newest first, with its skill and what the gate said."""
    versions = stores().registry.versions()[::-1]
    set_links(request, response, page, len(versions))
    aliases = alias_holders.aliases()
    return [
        _version(one, [alias for alias, model in aliases.items() if model.version == one.version])
        for one in versions[page.offset : page.end]
    ]


def _version(model: ModelVersion, aliases: list[str]) -> VersionAnswer:
    card, skill = model.card, skill_to_dict(model.card.skill, model.card.scope)
    return VersionAnswer(
        version=model.version,
        name=model.name,
        created_at=model.created_at,
        aliases=aliases,
        scope=card.scope,
        tickers=len(card.tickers),
        evaluated_tickers=len(card.evaluated_tickers or card.tickers),
        window=card.window,
        bars=card.bars,
        sample=card.sample,
        params=card.params,
        seconds=card.seconds,
        actor=card.actor or None,
        reason=card.reason or None,
        run_id=card.run or None,
        commit=card.commit or None,
        data_hash=card.data_hash,
        sha256=model.sha256,
        skill=None if skill is None else VersionSkill.model_validate(skill),
        gate=_gate(model),
    )


def _gate(model: ModelVersion) -> GateAnswer | None:
    found = stores().registry.decisions.latest(1, model.version)
    if not found:
        return None
    decision = found[0].decision
    band = decision.loss_reduction
    lapsed = alias_holders.why_lapsed(model, model.card.only_ticker)
    return GateAnswer(
        at=found[0].at,
        champion=found[0].champion,
        verdict=decision.verdict,
        kind=decision.kind,
        reasons=[str(one) for one in decision.reasons],
        loss_reduction=None if band is None else BandAnswer(**vars(band)),
        n=decision.n,
        lapsed=None if lapsed is None else str(lapsed),
    )
