"""What several test processes look at is made by one of them, and a failure is no end."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import pytest

from tests.support.built_once import copy_of


def test_it_is_built_once_and_each_has_a_copy(tmp_path_factory: pytest.TempPathFactory) -> None:
    built: list[Path] = []

    def build(folder: Path) -> None:
        built.append(folder)
        sleep(0.2)  # so that the others ask meanwhile
        (folder / "made").write_text("1")

    with ThreadPoolExecutor(4) as pool:
        copies = list(pool.map(lambda _: copy_of(tmp_path_factory, "once", build), range(4)))
    assert len(built) == 1
    assert len(set(copies)) == 4
    (copies[0] / "made").write_text("2")
    assert [(copy / "made").read_text() for copy in copies[1:]] == ["1"] * 3


def test_what_failed_leaves_nothing_and_is_tried_anew(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        copy_of(tmp_path_factory, "anew", fail)
    copy = copy_of(tmp_path_factory, "anew", lambda folder: (folder / "made").touch())
    assert [path.name for path in copy.iterdir()] == ["made"]
