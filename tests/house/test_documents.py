"""What a page names is found, so that what does not exist would be seen."""

import pytest

from tests.house.documents import code, commands, drawn, headings, links, modules, paths, reach
from tests.house.test_docs import importable

PAGE = """
# Who may do what?

See [data](data.md#your-own-tickers), [above](#who), [elsewhere](https://example.org/a#b) and
`core/models/har.py`, `.ci/run`, `core.models.create`, `var/bars/`, but make sure of it.

```
make run     # and make test
.venv/bin/python -m flows train --gate --reason "a try"
```

`python -m flows rollback --ticker 2330.TW` ends here, --again

```mermaid
flowchart TD
    app[app: pages] --> workflows
    workflows --> models[models]
```
"""


def test_links_are_split_into_page_and_heading() -> None:
    assert list(links(PAGE)) == [("data.md", "your-own-tickers"), ("", "who")]


def test_headings_are_named_as_links_name_them() -> None:
    assert headings(PAGE) >= {"who-may-do-what"}


def test_paths_and_modules_of_ours_are_found() -> None:
    assert paths(PAGE) == {"core/models/har.py", ".ci/run"}
    assert modules(PAGE) == {"core.models.create"}


def test_prose_is_no_code() -> None:
    assert "make run" in code(PAGE) and "make sure" not in code(PAGE)


def test_commands_come_with_their_options() -> None:
    assert list(commands(PAGE)) == [
        ("train", ' --gate --reason "a try"'),
        ("rollback", " --ticker 2330.TW"),
    ]


def test_arrows_are_read_from_the_picture_and_followed() -> None:
    found = drawn(PAGE)
    assert found == {("app", "workflows"), ("workflows", "models")}
    assert reach(found) == found | {("app", "models")}


@pytest.mark.parametrize(
    ("name", "exists"),
    [
        ("core.models", True),
        ("core.models.create", True),
        ("core.models.nothing", False),
        ("core.nothing.create", False),
    ],
)
def test_a_dotted_name_is_a_module_or_in_one(name: str, exists: bool) -> None:
    assert importable(name) is exists
