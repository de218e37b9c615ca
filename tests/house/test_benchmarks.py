"""The benchmarks run, on so little that nothing is measured."""

import json
import sys

import pytest

from tests.benchmarks.__main__ import main
from tests.benchmarks.bars import folder
from tests.benchmarks.measure import Figure, Size, table


def test_figures_of_a_lake_in_a_folder() -> None:
    figures = list(folder(Size(tickers=2, sessions=30, few=1, many=3)))
    assert {figure.count for figure in figures} == {1, 2, 3}
    assert all(figure.seconds > 0 and figure.memory > 0 for figure in figures)
    assert len({figure.what for figure in figures}) == len(figures)
    for figure in figures:
        assert json.loads(json.dumps(figure.to_dict()))["what"] == figure.what


def test_the_table_says_what_was_missed() -> None:
    slow, fast = Figure("slow", 2, 3.0, 1.0, 10.0, limit=2.5), Figure("fast", 2, 1.0, 1.0, 10.0)
    lines = table([slow, fast]).splitlines()
    assert lines[1].endswith("2.5 s MISSED") and "1500.00" in lines[1]
    assert lines[2].startswith("fast") and "MISSED" not in lines[2]


def test_a_benchmark_that_there_is_not_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["benchmarks", "speed"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "there is no benchmark speed; known are folder" in capsys.readouterr().err
