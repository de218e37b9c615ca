"""What is said of a full disk names a place that a person knows."""

import errno
from pathlib import Path

import pytest

from core.foundation.disk import explained, no_space
from core.foundation.errors import StorageError
from core.foundation.files import staging, write_atomic

HOME = Path("/srv/tickerlens")


def test_a_file_under_a_hidden_name_is_told_by_its_folder() -> None:
    with staging(HOME / "models", "model") as staged:
        sentence = str(no_space(staged))
    assert (
        sentence
        == f"No space left on the disk that holds {HOME / 'models'}; free some and try again."
    )
    assert str(HOME / "models" / "1.npz") in str(no_space(HOME / "models" / "1.npz"))


def test_what_is_written_in_two_steps_is_told_so_too(tmp_path: Path) -> None:
    def full(path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with staging(tmp_path, "model") as staged, pytest.raises(StorageError) as refused:
        write_atomic(staged, full)
    assert f"the disk that holds {tmp_path}; free" in refused.value.message


def test_without_a_file_the_home_is_named() -> None:
    found = explained(OSError(errno.ENOSPC, "No space left on device"), HOME)
    assert found is not None and f"holds {HOME}; free" in found.message
