"""Files are written whole or not at all, by one writer at a time."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core.foundation.errors import StorageError
from core.foundation.files import exclusive, sweep, write_atomic


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_and_its_folder_are_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    write_atomic(path, lambda temporary: temporary.write_text("one"))
    assert path.read_text() == "one" and names(path.parent) == ["a.txt"]


def test_old_bytes_survive_a_writer_that_fails_half_way(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write(temporary: Path) -> None:
        temporary.write_text("half of the ne")
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        write_atomic(path, write)
    assert path.read_text() == "old" and names(tmp_path) == ["a.txt"]


def test_a_reader_meets_the_old_bytes_until_the_new_are_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def write(temporary: Path) -> None:
        temporary.write_text("new")
        assert path.read_text() == "old" and temporary.parent == path.parent

    write_atomic(path, write)
    assert path.read_text() == "new"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(28, "No space left on device"), "^No space left on the disk that holds .*a.txt;"),
        (OSError(122, "Disk quota exceeded"), "^No space left on the disk that holds .*a.txt;"),
        (OSError("odd"), "a.txt could not be written: odd.$"),
    ],
)
def test_a_refusing_disk_is_one_sentence(tmp_path: Path, error: OSError, expected: str) -> None:
    def write(temporary: Path) -> None:
        raise error

    with pytest.raises(StorageError, match=expected):
        write_atomic(tmp_path / "a.txt", write)
    assert names(tmp_path) == []


def test_a_file_where_the_folder_should_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(StorageError, match="could not be written"):
        write_atomic(tmp_path / "taken" / "a.txt", lambda temporary: temporary.write_text("x"))


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_the_mode_is_the_one_asked_for(tmp_path: Path, mode: int) -> None:
    write_atomic(tmp_path / "a", lambda temporary: temporary.write_text("x"), mode)
    assert (tmp_path / "a").stat().st_mode & 0o777 == mode


KILLED = """
import os, signal, sys
from pathlib import Path
from core.foundation.files import write_atomic
def write(temporary):
    temporary.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
write_atomic(Path(sys.argv[1]) / "bars" / "a.txt", write)
"""


def test_sweep_removes_what_a_killed_writer_left(tmp_path: Path) -> None:
    assert subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)]).returncode == -9
    assert len(names(tmp_path / "bars")) == 1
    assert sweep(tmp_path) == 1
    assert names(tmp_path / "bars") == []


def test_sweep_leaves_a_living_writer_s_file_and_everybody_else_s(tmp_path: Path) -> None:
    others = [f".a.txt.{os.getpid()}.ab12_x.tmp", ".a.txt.1.ab12.tmp", "notes.tmp", ".swap.tmp"]
    for name in others:
        (tmp_path / name).write_text("")
    assert sweep(tmp_path) == 0
    assert names(tmp_path) == sorted(others)


ELSEWHERE = """
import os, sys, time
from pathlib import Path
from core.foundation.files import write_atomic
os.getpid = lambda: 999_999_999  # as if in another container, where numbers mean other processes
def write(temporary):
    temporary.write_text("half")
    print("writing", flush=True)
    sys.stdin.readline()
write_atomic(Path(sys.argv[1]) / "a.txt", write)
"""


def test_sweep_leaves_the_file_of_a_writer_in_another_container(tmp_path: Path) -> None:
    order = [sys.executable, "-c", ELSEWHERE, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(order, stdin=pipe, stdout=pipe, text=True) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == "writing\n"
        assert sweep(tmp_path) == 0
        writer.communicate("go on\n")
    assert writer.returncode == 0 and names(tmp_path) == ["a.txt"]


def test_sweep_of_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert sweep(tmp_path / "nothing") == 0


def test_exclusive_lets_one_in_at_a_time(tmp_path: Path) -> None:
    inside, most, entered = 0, 0, 0

    def work() -> None:
        nonlocal inside, most, entered
        with exclusive(tmp_path / "locks" / "a.lock"):
            inside += 1
            most, entered = max(most, inside), entered + 1
            time.sleep(0.01)
            inside -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (entered, most) == (6, 1)


def test_exclusive_lets_go_when_the_block_raises(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(KeyError), exclusive(tmp_path / "a.lock"):
            raise KeyError
