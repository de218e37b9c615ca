"""The page that describes the routes, drawn here from the OpenAPI document: it loads nothing."""

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from app.api.document import ABOUT, MEANINGS, document
from app.api.parameters import known_parameters
from core.foundation.http_protocol import PROBLEM_TITLES, problem_type

Json = dict[str, Any]

_STYLE = """
:root{color-scheme:light dark;--line:#8886;--soft:#8881;--accent:#2f6fb3}
@media (prefers-color-scheme:dark){:root{--accent:#7db4ee}}
body{font:16px/1.55 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
a{color:var(--accent)}h1,h2,h3{line-height:1.2}h2{margin-top:3rem;border-top:1px solid var(--line);
padding-top:1.5rem}nav ul{columns:2 18rem;padding-left:1.2rem}
pre,code{font:14px/1.45 ui-monospace,monospace}code{overflow-wrap:anywhere}
pre{overflow:auto;padding:.8rem;border:1px solid var(--line);border-radius:.4rem;
background:var(--soft)}
table{border-collapse:collapse;width:100%}.wide{overflow-x:auto}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
summary{cursor:pointer}.lock{border:1px solid var(--accent);border-radius:.4rem;padding:0 .4rem;
font-size:.8rem;color:var(--accent)}
"""

router = APIRouter(include_in_schema=False, dependencies=[Depends(known_parameters)])


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """Every route with what it takes and gives, for people."""
    return HTMLResponse("".join(_page(document(request.app))))


def _page(made: Json) -> Iterator[str]:
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>TickerLens API</title>'
    yield '<meta name="viewport" content="width=device-width">'
    yield f"<style>{_STYLE}</style></head><body><h1>TickerLens API</h1>"
    yield f"<p>{_text(ABOUT)}</p><p>Version {escape(made['info']['version'])}, as "
    yield '<a href="openapi.json">OpenAPI document</a>. <a href="../">Back to TickerLens</a></p>'
    routes = [
        (method, path, route)
        for path, methods in made["paths"].items()
        for method, route in methods.items()
    ]
    yield "<nav><ul>"
    for method, path, route in routes:
        title = f"{method.upper()} /api{path}"
        yield f'<li><a href="#{_anchor(method, path)}"><code>{escape(title)}</code></a></li>'
    yield '<li><a href="#problems">Problems</a></li><li><a href="#shapes">Shapes</a></li>'
    yield "</ul></nav><main>"
    for method, path, route in routes:
        yield from _route(method, path, route)
    yield from _problems()
    yield '<h2 id="shapes">Shapes</h2>'
    for name, schema in sorted(made["components"]["schemas"].items()):
        yield f'<h3 id="{escape(name)}">{escape(name)}</h3>'
        yield f"<p>{_text(schema.get('description', ''))}</p>"
        required = schema.get("required", ())
        yield from _table(
            ("field", "type", "what it is"),
            (
                (
                    f"<code>{escape(field)}</code>{'' if field in required else ' (optional)'}",
                    _kind(one),
                    _text(one.get("description", "")),
                )
                for field, one in schema.get("properties", {}).items()
            ),
        )
    yield "</main></body></html>"


def _route(method: str, path: str, route: Json) -> Iterator[str]:
    lock = ' <span class="lock">needs a token</span>' if route.get("security") else ""
    yield f'<h2 id="{_anchor(method, path)}">{method.upper()} <code>/api{escape(path)}</code>{lock}'
    yield f"</h2><p>{_text(route.get('description', ''))}</p>"
    taken = route.get("parameters", [])
    if taken:
        yield from _table(
            ("parameter", "where", "type", "what it is"),
            (
                (
                    f"<code>{escape(one['name'])}</code>",
                    escape(one["in"] + (", required" if one.get("required") else "")),
                    _kind(one["schema"]) + escape(_bounds(one["schema"])),
                    _text(one.get("description", "")),
                )
                for one in taken
            ),
        )
    body = route.get("requestBody", {}).get("content", {}).get("application/json")
    if body:
        yield f"<p>Takes {_kind(body['schema'])}.</p>"
    for status, one in route["responses"].items():
        content = one.get("content", {}).get("application/json")
        if content:
            yield f"<p>Gives {_kind(content['schema'])} with the status {status}.</p>"
            for example in content.get("examples", {}).values():
                shown = json.dumps(example["value"], indent=2, ensure_ascii=False)
                yield f"<details><summary>Example</summary><pre>{escape(shown)}</pre></details>"
    for sample in route["x-codeSamples"]:
        yield f"<p>{escape(sample['lang'])}</p><pre>{escape(sample['source'])}</pre>"
    yield "<p>May refuse with "
    refused = [code for code in route["responses"] if code[0] != "2"]
    yield ", ".join(f'<a href="{problem_type(int(code))[9:]}">{code}</a>' for code in refused)
    yield ".</p>"


def _problems() -> Iterator[str]:
    yield '<h2 id="problems">Problems</h2><p>A refusal has the type <code>application/problem+json'
    yield "</code>; its <code>type</code> leads to one of these.</p>"
    yield from _table(
        ("kind", "status", "when"),
        (
            (
                f'<span id="{problem_type(status).partition("#")[2]}">{escape(title)}</span>',
                str(status),
                _text(MEANINGS[status]),
            )
            for status, title in PROBLEM_TITLES.items()
        ),
    )


def _table(heads: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield '<div class="wide"><table><thead><tr>'
    yield "".join(f"<th>{escape(head)}</th>" for head in heads)
    yield "</tr></thead><tbody>"
    for row in rows:
        yield f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>"
    yield "</tbody></table></div>"


def _kind(schema: Json) -> str:
    """The type of a value in words, as HTML that leads to its shape."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return " or ".join(map(_kind, schema[choice]))
    if "enum" in schema:
        return "one of " + ", ".join(f"<code>{escape(str(one))}</code>" for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    values = schema.get("additionalProperties")
    if isinstance(values, dict):
        return f"object of {_kind(values)}"
    return escape(str(schema.get("type", "anything")))


def _bounds(schema: Json) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if most is None:
        return ""
    default = f", {schema['default']} if left out" if "default" in schema else ""
    return f" from {least:,} to {most:,}{default}"


def _anchor(method: str, path: str) -> str:
    return escape(f"{method}{path}".replace("/", "-").replace("{", "").replace("}", ""))


def _text(text: str) -> str:
    """Prose as HTML; what stands between backticks is code, and an empty line a new paragraph."""
    parts = escape(text).split("`")
    marked = "".join(f"<code>{one}</code>" if at % 2 else one for at, one in enumerate(parts))
    return marked.replace("\n\n", "</p><p>")
