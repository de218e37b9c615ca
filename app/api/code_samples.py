"""How each route is called, with curl and from Python; every sample is run by a test."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

ADDRESS = "http://127.0.0.1:8501/api"


@dataclass(frozen=True)
class Sample:
    """One call.

    Parameters
    ----------
    path : with its parameters filled in.
    query, body : what is sent with it.
    acts : whether it needs a token, which the samples take from the variable TOKEN.
    key : what the request is called, so that to send it twice is to send it once.
    shows : the lines of Python that do something with `found`, what came back.
    """

    path: str
    shows: tuple[str, ...]
    query: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    acts: bool = False
    key: str = ""

    def curl(self) -> str:
        """The call as one command of a shell."""
        query = f"?{urlencode(self.query)}" if self.query else ""
        parts = ["curl --fail-with-body --silent --show-error"]
        if self.acts:
            parts.append('-H "Authorization: Bearer $TOKEN"')
        if self.key:
            parts.append(f"-H 'Idempotency-Key: {self.key}'")
        if self.body is not None:
            parts += ["-H 'Content-Type: application/json'", f"-d '{_json(self.body)}'"]
        return " \\\n  ".join([*parts, f"'{ADDRESS}{self.path}{query}'"])

    def python(self) -> str:
        """The call as a program of about ten lines."""
        given = f", params={self.query!r}".replace("'", '"') if self.query else ""
        if self.body is not None:
            given += f", json={_json(self.body, python=True)}"
        method = "get" if self.body is None else "post"
        lines = ["import httpx", ""]
        if self.acts:
            lines = ["import os", "import httpx", ""]
            lines.append('headers = {"Authorization": f"Bearer {os.environ[\'TOKEN\']}"}')
            if self.key:
                lines.append(f'headers["Idempotency-Key"] = "{self.key}"')
            given += ", headers=headers"
        lines += [
            f'with httpx.Client(base_url="{ADDRESS}") as api:',
            f'    response = api.{method}("{self.path}"{given})',
            "found = response.json()",
            "if response.is_error:",
            '    raise SystemExit(found["detail"])',
            *self.shows,
        ]
        return "\n".join(lines)


def _json(value: Any, python: bool = False) -> str:
    text = repr(value).replace("'", '"')
    return text if python else text.replace("True", "true").replace("False", "false")


SAMPLES: dict[tuple[str, str], tuple[Sample, ...]] = {
    ("get", "/health"): (Sample("/health", ('print(found["status"], found["tickers"])',)),),
    ("get", "/tickers"): (
        Sample(
            "/tickers",
            ("for one in found:", '    print(one["ticker"], one["name"], one["last_close"])'),
            query={"limit": 5},
        ),
    ),
    ("get", "/history/{ticker}"): (
        Sample(
            "/history/AAPL",
            ('for bar in found["bars"]:', '    print(bar["session"], bar["close"])'),
            query={"start": "2013-02-25", "limit": 3},
        ),
    ),
    ("post", "/predict"): (
        Sample(
            "/predict",
            ('for one in found["predictions"]:', '    print(one["target_session"], one["p_up"])'),
            body={"ticker": "AAPL", "horizon": 5},
        ),
        Sample(
            "/predict",
            (
                'print([one["ticker"] for one in found["forecasts"]])',
                'print([one["detail"] for one in found["errors"]])',
            ),
            body={"tickers": ["AAPL", "IBM", "ZZZZ"], "horizon": 5},
        ),
    ),
    ("get", "/forecasts/{ticker}"): (
        Sample(
            "/forecasts/AAPL",
            (
                'for one in found["forecasts"]:',
                '    print(one["as_of"], one["kind"], one["scored"])',
            ),
            query={"limit": 5},
        ),
    ),
    ("get", "/experiments"): (
        Sample(
            "/experiments",
            ("for one in found:", '    print(one["version"], one["name"], one["aliases"])'),
        ),
    ),
    ("get", "/drift"): (
        Sample(
            "/drift",
            (
                "for report in found:",
                '    print(report["at"], [one["verdict"] for one in report["signals"]])',
            ),
            query={"limit": 3},
        ),
    ),
    ("post", "/train"): (
        Sample(
            "/train",
            ('print(response.headers["location"], found["state"])',),
            body={"reason": "newer bars", "scope": "all"},
            acts=True,
            key="training-of-monday",
        ),
    ),
    ("get", "/runs/{id}"): (Sample("/runs/1", ('print(found["state"], found["note"])',)),),
}
