"""Documents made from the program itself: `python -m tests.house.generated` writes them anew."""

import argparse
import importlib
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core.foundation.http_protocol import PROBLEM_TITLES as TITLES
from core.foundation.settings import PREFIX, Settings
from flows.cli import build_parser
from tests.house import arrows
from tests.house.messages import sentences
from tests.house.tree import ROOT

DOCS = ROOT / "docs"
NOTE = "<!-- Written by `make docs`; what stands here is changed in {}. -->"
LANGUAGES = {"Shell": "sh", "Python": "python"}
Schema = dict[str, Any]


def example() -> str:
    """`.env.example`: every setting with its default, and what `Settings` says of it."""
    lines = [
        "# Every setting with its default. Copy to .env and change what you need;",
        "# a variable of the same name in the environment wins over .env.",
        "# Written by make docs; what stands here is changed in core/foundation/settings.py.",
        "",
    ]
    for name, default, description in settings():
        lines += [*textwrap.wrap(description, 98, initial_indent="# ", subsequent_indent="# ")]
        lines.append(f"{name}={default}")
    return "\n".join(lines) + "\n"


def settings() -> Iterator[tuple[str, str, str]]:
    """Name, default and description of each setting."""
    for name, field in Settings.model_fields.items():
        yield PREFIX + name.upper(), str(field.default), field.description or ""


def settings_page() -> str:
    head = [
        "# Settings",
        "",
        NOTE.format("`core/foundation/settings.py`"),
        "",
        "Each is an environment variable or a line in `.env`; the environment wins. They are read",
        "once, at the start. [.env.example](../.env.example) lists them, ready to copy.",
        "",
        "| setting | default | what it says |",
        "|---|---|---|",
    ]
    rows = [
        f"| `{name}` | {f'`{default}`' if default else ''} | {description} |"
        for name, default, description in settings()
    ]
    return "\n".join([*head, *rows]) + "\n"


def cli_page() -> str:
    """Every command of the command line with its options."""
    commands = subcommands(build_parser())
    lines = [
        "# The command line",
        "",
        NOTE.format("`flows/cli.py`"),
        "",
        "`python -m flows <command>`, with the Python of `.venv`. The last line printed is a JSON",
        "object and the exit code 0, or one line on stderr says what is wrong and the exit code is",
        "another. Where some tickers fail the rest is kept, `status` is `partial`, `failed` names",
        "them, and the exit code is 0. Ctrl-C stops a command; what was stored before stays.",
        "",
    ]
    for name, (description, parser) in commands.items():
        lines += [f"## {name}", "", f"{description}.", ""]
        options = list(described(parser))
        if options:
            lines += ["| option | what it is |", "|---|---|", *options, ""]
    return "\n".join(lines).rstrip() + "\n"


def subcommands(
    parser: argparse.ArgumentParser,
) -> dict[str, tuple[str, argparse.ArgumentParser]]:
    """What each command does and its own parser, by name."""
    found = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {one.dest: one.help or "" for one in action._choices_actions}
            found |= {name: (helps[name], own) for name, own in action.choices.items()}
    return found


def described(parser: argparse.ArgumentParser) -> Iterator[str]:
    """A row of a table for each option."""
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction):
            continue
        name = action.option_strings[0] if action.option_strings else action.dest
        notes = [action.help or ""]
        if action.choices:
            notes.append(f"one of {', '.join(map(str, action.choices))}")
        if action.required and action.option_strings:
            notes.append("required")
        elif action.default not in (None, "", False):
            value = action.default
            shown = ",".join(value) if isinstance(value, (list, tuple)) else str(value)
            notes.append(f"`{shown}` if left out")
        yield f"| `{name}` | {'; '.join(notes)} |"


def http_page() -> str:
    """Every route with what it takes and gives, from the OpenAPI document."""
    document = importlib.import_module("app.api.routes").api.openapi()
    meanings = importlib.import_module("app.api.document").MEANINGS
    schemas = document["components"]["schemas"]
    lines = [
        "# HTTP",
        "",
        NOTE.format("`app/api/`"),
        "",
        "All of it in the app's own process, at its own address. This page is also served by the",
        "app, at `/api/docs`, and as OpenAPI document at `/api/openapi.json`. Reading needs no",
        "sign-in, what acts needs a developer's token; `GET /metrics` is for Prometheus, see",
        "[operations](operations.md). Every example on this page is run by a test.",
        "",
        "A long list comes a page at a time: `limit` and `offset` choose it, the header Link leads",
        "to the first, previous, next and last page (RFC 8288), and X-Total-Count says how many",
        "there are on all. A parameter that a route does not have is refused.",
        "",
        "A refusal has a status of 4xx and one sentence as problem details (RFC 9457,",
        "`application/problem+json`): `type`, `title`, `status`, `detail`, and our own `code`, one",
        "of [these](messages.md), and `parameter`, the name of what is at fault.",
        "",
        "| status | title | when |",
        "|---|---|---|",
        *(f"| {status} | {title} | {meanings[status]} |" for status, title in TITLES.items()),
        "",
    ]
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            lines += list(routed(method.upper(), path, route, schemas))
    shown = [name for name in schemas if "Validation" not in name and "_" not in name]
    for name in sorted(shown):
        described = f"{schemas[name].get('description', '').strip()}"
        lines += [f"## {name}", "", described, "", *fields(schemas[name]), ""]
    return "\n".join(lines).rstrip() + "\n"


def routed(method: str, path: str, route: Schema, schemas: Schema) -> Iterator[str]:
    full = path if path.startswith("/api/") else f"/api{path}"
    yield from (f"## {method} {full}", "", route.get("description", route["summary"]).strip(), "")
    taken = route.get("parameters", [])
    if taken:
        yield from ("| parameter | where | type | what it is |", "|---|---|---|---|")
    for one in taken:
        where = one["in"] + (", required" if one.get("required") else "")
        description = one.get("description", "")
        yield f"| `{one['name']}` | {where} | {kind(one['schema'])} | {description} |"
    if taken:
        yield ""
    for what, body in (("Takes", route.get("requestBody")), ("Gives", response_schema(route))):
        content = (body or {}).get("content", {}).get("application/json", {}).get("schema")
        if content:
            yield from (f"{what} {kind(content)}.", "")
    refused = ", ".join(code for code in route["responses"] if not code.startswith("2"))
    yield from (f"May refuse with {refused}.", "")
    for sample in route["x-codeSamples"]:
        yield from (f"```{LANGUAGES[sample['lang']]}", sample["source"], "```", "")


def response_schema(route: Schema) -> Schema:
    """What a route gives when all is well."""
    found: Schema = next(
        (one for code, one in route["responses"].items() if code.startswith("2")), {}
    )
    return found


def fields(schema: Schema) -> Iterator[str]:
    yield from ("| field | type | what it is |", "|---|---|---|")
    for name, one in schema.get("properties", {}).items():
        yield f"| `{name}` | {kind(one)} | {one.get('description', '')} |"


def kind(schema: Schema) -> str:
    """The type of a value in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return " or ".join(kind(one) for one in schema[choice])
    if "enum" in schema:
        return "one of " + ", ".join(f"`{one}`" for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {kind(schema['items'])}"
    values = schema.get("additionalProperties")
    if isinstance(values, dict):
        return f"object of {kind(values)}"
    return str(schema.get("type", "anything"))


def messages_page() -> str:
    """Every sentence with a code, once, for who translates them."""
    lines = [
        "# Messages",
        "",
        NOTE.format("the modules that raise or return them"),
        "",
        "Every sentence that has a code, in English, with what stands in its braces. Behind a",
        "colon there is how a number is written, or what stands between the items of a list. A",
        "code has one text and stays the same for good: it is stored, and HTTP clients get it.",
        "",
        "| code | sentence | parameters |",
        "|---|---|---|",
    ]
    for one in {one.code: one for one in sentences()}.values():
        names = ", ".join(f"`{name}`" for name in one.names)
        lines.append(f"| `{one.code}` | {one.text.replace('|', chr(92) + '|')} | {names} |")
    return "\n".join(lines) + "\n"


def architecture_page() -> str:
    """The page as it stands, with the table of arrows counted anew."""
    return arrows.placed((DOCS / "architecture.md").read_text(), arrows.current())


PAGES: dict[Path, Callable[[], str]] = {
    ROOT / ".env.example": example,
    DOCS / "settings.md": settings_page,
    DOCS / "cli.md": cli_page,
    DOCS / "http.md": http_page,
    DOCS / "messages.md": messages_page,
    DOCS / "architecture.md": architecture_page,
}


if __name__ == "__main__":
    for path, made in PAGES.items():
        path.write_text(made())
        print(path.relative_to(ROOT))
