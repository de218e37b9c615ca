"""Every sentence that core hands to a person has a code, one text, and values as parameters."""

import ast
import re

import pytest

from tests.house.messages import (
    WORDS_WITHOUT_CODE,
    Sentence,
    kinds,
    made_in,
    sentences,
    sources,
    uncoded,
)

ERRORS = {"TickerLensError", "NotFoundError"}


def test_every_error_and_message_is_a_code_and_its_parameters() -> None:
    trees = sources()
    errors = kinds(trees.values())
    assert len(errors) > 10
    found = [one for path, tree in trees.items() for one in made_in(path, tree, errors)]
    assert len(found) > 20
    assert [one for one in found if isinstance(one, str)] == []


def test_core_says_nothing_without_a_code() -> None:
    trees = sources()
    errors = kinds(trees.values())
    assert [one for path, tree in trees.items() for one in uncoded(path, tree, errors)] == []
    assert trees.keys() >= WORDS_WITHOUT_CODE.keys()


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ('reason = "It was not measured."', True),
        ('return f"version {version} cannot serve"', True),
        ('Signal(reason=f"{n} rows are needed")', True),
        ('Answer({"why": "Nothing is here."})', True),
        ('Message("a.b", "It was not measured.")', False),
        ('NotFoundError("a.b", "{x} is gone.", {"x": 1})', False),
        ('raise ValueError(f"{x} is no instant: it lacks a zone.")', False),
        ('_log.warning("the clock is wrong: %s.", text)', False),
        ('def f():\n    """What it gives."""\n    return f"{first}..{last}"', False),
        ('state = "not enough data"', False),
    ],
)
def test_a_sentence_without_a_code_is_seen(text: str, seen: bool) -> None:
    assert bool(uncoded("core/a.py", ast.parse(text), ERRORS)) is seen
    assert uncoded("app/a.py", ast.parse(text), ERRORS) == []


def test_one_code_has_one_text_and_one_text_one_code() -> None:
    texts: dict[str, set[str]] = {}
    codes: dict[str, set[str]] = {}
    for one in sentences():
        texts.setdefault(one.code, set()).add(one.text)
        codes.setdefault(one.text, set()).add(one.code)
    assert {code: own for code, own in texts.items() if len(own) > 1} == {}
    assert {text: own for text, own in codes.items() if len(own) > 1} == {}


def test_no_sentence_has_a_word_for_which_the_field_has_its_own() -> None:
    old = re.compile(r"\b(laws?|strides?|fared|foretold|setback|rivals?|duels?|gone back)\b")
    assert old.search("It has no usable law.")
    assert [one for one in sentences() if old.search(one.text.lower())] == []


def found_in(text: str) -> list[Sentence | str]:
    return list(made_in("a.py", ast.parse(text), ERRORS))


@pytest.mark.parametrize(
    "text",
    [
        'NotFoundError("Nothing is here.")',
        'NotFoundError("a.b-c")',
        'NotFoundError("a.b-c", told)',
        'NotFoundError("a.b-c", f"{x} is gone.")',
        'NotFoundError(code, "It is gone.")',
        'NotFoundError("a.B", "It is gone.")',
        'NotFoundError("a", "It is gone.")',
        'Message("a.b2", "It is gone.")',
        'Message("a.b", "{x} is gone.")',
        'Message("a.b", "{x} is gone.", {"y": 1})',
        'Message("a.b", "{x} is gone.", {"x": 1, "y": 1})',
        'Message("a.b", "{x} is gone.", {"y": 1, **more})',
        'Message("a.b", "{} is gone.", {"": 1})',
        'Message("a.b", "{x.y} is gone.", {"x.y": 1})',
        'Message("a.b", "{x:%Y} is gone.", {"x": day})',
        'Message("a.b", "{x} is gone.", {"x": f"the {y}"})',
        'Message("a.b", "{x} is gone.", {"x": " and ".join(y)})',
        'Message("a.b", "{x} is gone.", {"x": "one" if y else "two"})',
        'NotFoundError.of("It is gone.")',
        'NotFoundError.of(f"{x} is gone.")',
        "type(error)(told)",
        '(NotFoundError if late else TickerLensError)("It is slow.")',
    ],
)
def test_each_fault_is_seen(text: str) -> None:
    (fault,) = found_in(text)
    assert isinstance(fault, str) and fault.startswith("a.py:1: ")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('NotFoundError("a.b-c", "It is gone.", parameter="x")', ()),
        ('errors.NotFoundError("a.b", "{x} of {y:,} is {{gone}}.", {"x": 1, "y": n})', ("x", "y")),
        ('Message("a.b", "{x} is gone.", values)', ("x",)),
        ('Message("a.b", "{x} of {y} is gone.", {"x": 1, **more})', ("x", "y")),
        ('Message("a.b", "It is one of {x: or }.", {"x": sorted(y)})', ("x",)),
    ],
)
def test_what_is_right_is_read(text: str, names: tuple[str, ...]) -> None:
    (found,) = found_in(text)
    assert isinstance(found, Sentence) and found.names == names


def test_what_is_no_error_is_passed_over() -> None:
    assert found_in('ValueError("x")\nNotFoundError.of(sentence)\nA.of("x")\ntype(x)') == []


def test_kinds_are_found_through_their_bases() -> None:
    text = "class B(A): ...\nclass A(errors.TickerLensError): ...\nclass C(ValueError): ..."
    assert kinds([ast.parse(text)]) == {"TickerLensError", "A", "B"}
