"""One request to an exchange, and the report that comes back."""

import http.client
import json
import time
from typing import Any
from urllib import error, parse, request

from core.market_data.sources.exchange import exchange_errors
from core.market_data.sources.exchange.reports import ExchangeReport
from core.market_data.sources.persistence import RequestState
from core.reference.tickers import Ticker

REQUEST_SECONDS = 10.0
_MOST_BYTES = 8_000_000  # a year of all ex dates is below one
_USER_AGENT = "TickerLens (a person's own study)"
# Who asks too often is led by both to a page that says it, or is refused.
_TOO_MANY = (*range(300, 400), 403, 429)


class _NoRedirect(request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        """None: a report is where it is asked for, and nothing else is reached."""


class ExchangeClient:
    """Asks the exchanges; may be used by several threads at once.

    Parameters
    ----------
    url : a base address that is asked instead of both; nothing else is then reached.
    """

    def __init__(self, url: str = "") -> None:
        self._url = url.rstrip("/")
        direct = [request.ProxyHandler({})] if self._url else []
        self._opener = request.build_opener(_NoRedirect(), *direct)

    def ask(self, report: ExchangeReport, ticker: Ticker, state: RequestState) -> dict[str, Any]:
        """One try, in turn and in time.

        Raises
        ------
        RateLimitedError : the exchange wants fewer requests.
        UnavailableError : it is out of order, too slow, cannot be reached, or sent no report.
        """
        state.deadline += state.acquire()
        left = state.deadline - time.monotonic()
        if left <= 0:
            raise exchange_errors.too_slow(report.exchange, ticker)
        try:
            with self._opener.open(self._sent(report), timeout=min(REQUEST_SECONDS, left)) as found:
                state.answered, state.status = True, found.status
                content = found.read(_MOST_BYTES)
        except error.HTTPError as refused:
            refused.close()
            state.answered, state.status = True, refused.code
            if refused.code in _TOO_MANY:
                raise exchange_errors.too_many(report.exchange, ticker) from refused
            raise exchange_errors.not_available(report.exchange, ticker, refused.code) from refused
        except TimeoutError as late:
            raise exchange_errors.too_slow(report.exchange, ticker) from late
        except http.client.HTTPException as cut:
            raise exchange_errors.unreadable(report, ticker) from cut
        except OSError as lost:
            if isinstance(getattr(lost, "reason", None), TimeoutError):
                raise exchange_errors.too_slow(report.exchange, ticker) from lost
            raise exchange_errors.unreachable(report.exchange, ticker) from lost
        try:
            body = json.loads(content)
        except ValueError as wrong:
            raise exchange_errors.unreadable(report, ticker) from wrong
        if not isinstance(body, dict):
            raise exchange_errors.unreadable(report, ticker)
        return body

    def _sent(self, report: ExchangeReport) -> request.Request:
        address, query = report.address, parse.urlencode(report.parameters)
        if self._url:
            address = self._url + parse.urlsplit(address).path
        headers = {"User-Agent": _USER_AGENT, "Accept": "application/json"}
        if report.by_form:
            return request.Request(address, query.encode(), headers)
        return request.Request(f"{address}?{query}", headers=headers)
