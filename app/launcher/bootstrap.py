"""`make setup`: makes `.venv` and installs the locked packages into it.

Runs before anything is installed, on whatever `python3` is, so: standard library only, and no
syntax or annotation that Python 3.6 cannot read. An old Python gets a sentence, not a traceback.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

OLDEST, NEWEST = (3, 11), (3, 13)
UV = "uv==0.13.9"
LOCKS = ("requirements.txt", "requirements-dev.txt")
VENV = ".venv"
STAMP = os.path.join(VENV, "tickerlens.stamp")
VENV_PYTHON = os.path.join(VENV, "bin", "python")
NO_NETWORK = (
    "name resolution",
    "name or service not known",
    "nodename nor servname",
    "failed to resolve",
    "dns error",
    "connection refused",
    "connecterror",
    "connection error",
    "connection broken",
    "failed to establish",
    "network is unreachable",
    "timed out",
    "proxyerror",
    "error sending request",
    "from versions: none",
)


class Stop(Exception):
    """Setup cannot go on; the text is the one sentence to show."""


def in_range(version: Sequence[int]) -> bool:
    """Whether TickerLens runs on this Python."""
    return OLDEST <= tuple(version[:2]) <= NEWEST


def refusal(version: Sequence[int], path: str) -> str:
    """What to tell someone whose Python is too old or too new."""
    return (
        "TickerLens needs Python 3.11 to 3.13; this is {} ({}). "
        "Install one of these, or name it: make setup PYTHON=/path/to/python3.12"
    ).format(".".join(str(part) for part in version[:3]), path)


def probe(python: str, code: str) -> Optional[str]:
    """What that interpreter prints for `code`, or None if it does not run."""
    try:
        done = subprocess.run(
            [python, "-I", "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError:
        return None
    return done.stdout.decode().strip() if done.returncode == 0 else None


def version_of(python: str) -> Optional[Tuple[int, ...]]:
    """The version of an interpreter, or None if it does not run."""
    text = probe(python, "import sys; print('%d.%d.%d' % sys.version_info[:3])")
    return tuple(int(part) for part in text.split(".")) if text else None


def choose_python() -> str:
    """The interpreter to build with: this one, or else a suitable one found on PATH."""
    if in_range(sys.version_info[:3]):
        # Started from inside .venv, the interpreter behind it: .venv may be about to be remade.
        return getattr(sys, "_base_executable", None) or sys.executable
    for name in ("python3.13", "python3.12", "python3.11"):
        found = shutil.which(name)
        if found and in_range(version_of(found) or (0, 0)):
            return found
    raise Stop(refusal(sys.version_info[:3], sys.executable))


def locks_digest() -> str:
    """One fingerprint of both lock files."""
    total = hashlib.sha256()
    for name in LOCKS:
        with open(name, "rb") as handle:
            total.update(handle.read())
    return total.hexdigest()


def stamp_text(version: Tuple[int, ...]) -> str:
    """What the stamp of a finished install says."""
    return "{} {}\n".format(locks_digest(), ".".join(str(part) for part in version))


def finished(present: Tuple[int, ...]) -> bool:
    """Whether `.venv`, which runs this version now, holds what the locks ask for."""
    try:
        with open(STAMP) as handle:
            return handle.read() == stamp_text(present)
    except OSError:
        return False


@contextmanager
def alone() -> Iterator[None]:
    """Let one setup run at a time; a second one waits for the first."""
    with open(os.path.abspath(__file__)) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("Another setup is running here; waiting for it.", flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def execute(command: List[str], environment: Dict[str, str]) -> Tuple[bool, str]:
    """Run quietly; whether it worked, and what it said."""
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return done.returncode == 0, done.stdout.decode(errors="replace")


def no_network(output: str) -> bool:
    """Whether an installer's words mean that the package index could not be reached."""
    return any(words in output.lower() for words in NO_NETWORK)


def explain(output: str) -> Stop:
    """The sentence for an install that failed."""
    if no_network(output):
        return Stop(
            "The package index cannot be reached; connect to the network and run make setup again."
        )
    if "no space left" in output.lower():
        return Stop("The disk is full; TickerLens needs about 3 GB to install.")
    tail = "\n".join(output.strip().splitlines()[-8:])
    return Stop("The packages could not be installed:\n" + tail)


def make_venv(python: str) -> None:
    """Make `.venv`, or empty and make it again if a previous attempt left half of one."""
    if probe(python, "import ensurepip, venv") is None:
        version = version_of(python) or (3, 11)
        raise Stop(
            "{} comes without venv; install it first: sudo apt install python{}.{}-venv".format(
                python, version[0], version[1]
            )
        )
    worked, output = execute([python, "-m", "venv", "--clear", VENV], dict(os.environ))
    if not worked:
        raise explain(output)


def install() -> None:
    """Install what the locks say, with uv where it can be had and with pip where not."""
    pip = [VENV_PYTHON, "-m", "pip", "--disable-pip-version-check"]
    quick = ["--retries", "1", "--timeout", "30"]
    locks = [part for name in LOCKS for part in ("-r", name)]
    environment = dict(os.environ, UV_PYTHON_DOWNLOADS="never", PIP_NO_INPUT="1")
    worked, output = execute(pip + ["install", "--quiet"] + quick + [UV], environment)
    if not worked and no_network(output):
        raise explain(output)
    if worked:
        command = [VENV_PYTHON, "-m", "uv", "pip", "install", "--python", VENV_PYTHON]
        worked, output = execute(command + ["--require-hashes"] + locks, environment)
        if not worked and not no_network(output):
            raise explain(output)
    if not worked:
        # uv does not read pip's own settings; where those name a mirror, only pip gets through.
        # The locks are complete, and pip cannot match hashes to extras that it resolves itself.
        command = pip + ["install", "--quiet", "--no-deps", "--require-hashes"] + quick
        worked, output = execute(command + locks, environment)
    if not worked:
        raise explain(output)


def size_of(folder: str) -> float:
    """Gigabytes under a folder."""
    total = 0
    for parent, _, names in os.walk(folder):
        total += sum(os.lstat(os.path.join(parent, name)).st_size for name in names)
    return total / 1e9


def setup(this_python: bool) -> None:
    """Bring `.venv` to what the locks say; says nothing if it is there already."""
    if this_python and not in_range(sys.version_info[:3]):
        raise Stop(refusal(sys.version_info[:3], sys.executable))
    with alone():
        present = version_of(VENV_PYTHON) or (0, 0)
        other = this_python and present[:2] != sys.version_info[:2]
        if finished(present) and not other:
            return
        python = choose_python()
        started = time.time()
        if other or not in_range(present) or probe(VENV_PYTHON, "import pip") is None:
            print("Making {} with {}".format(VENV, python), flush=True)
            make_venv(python)
            print("  {:.0f} s".format(time.time() - started), flush=True)
        step = time.time()
        print(
            "Installing the packages of {} (1 to 5 minutes)".format(" and ".join(LOCKS)), flush=True
        )
        if os.path.exists(STAMP):
            os.remove(STAMP)
        install()
        version = version_of(VENV_PYTHON)
        if version is None:
            raise Stop(
                "{} does not run after the install; delete {} and try again.".format(
                    VENV_PYTHON, VENV
                )
            )
        with open(STAMP, "w") as handle:
            handle.write(stamp_text(version))
        print(
            "  {:.0f} s, {:.1f} GB in {}".format(time.time() - step, size_of(VENV), VENV),
            flush=True,
        )


def main() -> int:
    """Set up the checkout this file is in."""
    here = os.path.dirname(os.path.abspath(__file__))
    os.chdir(os.path.dirname(os.path.dirname(here)))
    try:
        setup("--this-python" in sys.argv[1:])
    except Stop as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; run make setup again to go on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
