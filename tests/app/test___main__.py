"""What the program says when it cannot go on."""

import errno
from pathlib import Path

import pytest

from app import __main__


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_names_the_home(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(what: str, stop: object) -> int:
        raise OSError(code, "No space left on device")

    monkeypatch.setenv("TICKERLENS_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("sys.argv", ["app", "signin"])
    monkeypatch.setattr(__main__, "act", full)
    assert __main__.main() == 1
    expected = (
        f"No space left on the disk that holds {tmp_path / 'home'}; free some and try again.\n"
    )
    assert capsys.readouterr().err == expected
