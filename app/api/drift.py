"""What monitoring found, as it is stored; Evidently is not asked."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic.json_schema import SkipJsonSchema

from app.api.paging import PAGED_HEADERS, Page, page_of, set_links
from app.api.parameters import MAX_NUMBER, known_parameters, whole_number
from app.api.schemas.drift_body import DriftAnswer
from app.state.stores import stores

router = APIRouter(dependencies=[Depends(known_parameters)])


@router.get("/drift", responses={200: {"headers": PAGED_HEADERS}})
def drift(
    request: Request,
    response: Response,
    page: Annotated[Page, Depends(page_of(30, 300))],
    version: Annotated[
        whole_number(1, MAX_NUMBER) | SkipJsonSchema[None],
        Query(description="only reports on this model version"),
    ] = None,
) -> list[DriftAnswer]:
    """The stored drift reports, the newest first."""
    reports = stores().reports
    set_links(request, response, page, reports.count(version))
    found = reports.latest(page.limit, version, page.offset)
    return [DriftAnswer.model_validate(one) for one in found]
