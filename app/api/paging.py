"""Long lists a page at a time: `limit` and `offset` in, a Link and the count as headers out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import Query, Request, Response

from app.api.parameters import whole_number

MAX_OFFSET = 1_000_000_000
_OWN = ("limit", "offset")
LINK, TOTAL = "Link", "X-Total-Count"
PAGED_HEADERS = {
    LINK: {
        "description": "addresses of the `first`, `prev`, `next` and `last` page (RFC 8288); "
        "without `next` it is the last",
        "schema": {"type": "string"},
    },
    TOTAL: {"description": "how many there are on all pages", "schema": {"type": "integer"}},
}


@dataclass(frozen=True)
class Page:
    """Which part of a list is wanted: at most `limit`, from the one after the first `offset`."""

    limit: int
    offset: int

    @property
    def end(self) -> int:
        """The offset of the next page."""
        return self.offset + self.limit


def page_of(default: int, most: int) -> Callable[..., Page]:
    """What reads the wanted page: `default` on it if nobody says, `most` at most."""

    def page(
        limit: Annotated[whole_number(1, most), Query(description="how many, at most")] = default,
        offset: Annotated[
            whole_number(0, MAX_OFFSET), Query(description="how many to pass over first")
        ] = 0,
    ) -> Page:
        return Page(limit, offset)

    return page


def set_links(request: Request, response: Response, page: Page, total: int) -> None:
    """Say how many there are, and where the other pages are, on the same host."""
    last = max(total - 1, 0) // page.limit * page.limit
    offsets = {"first": 0, "prev": max(page.offset - page.limit, 0), "next": page.end, "last": last}
    if page.offset == 0:
        del offsets["prev"]
    if page.end >= total:
        del offsets["next"]
    links = [f'<{_address(request, page, at)}>; rel="{name}"' for name, at in offsets.items()]
    response.headers[LINK] = ", ".join(links)
    response.headers[TOTAL] = str(total)


def _address(request: Request, page: Page, offset: int) -> str:
    others = [(name, value) for name, value in request.query_params.items() if name not in _OWN]
    query = urlencode([*others, ("limit", page.limit), ("offset", offset)])
    return f"{quote(request.url.path, safe='/%')}?{query}"
