"""`make up` and `make down`, with a Docker that notes what it is told and asks the real Compose."""

import ast
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.launcher import stack
from tests.house.tree import ROOT
from tests.stack.conftest import COMPOSE

DOCKER = f"""#!{sys.executable}
import os, sys
from pathlib import Path
here = Path(__file__).parent
words = sys.argv[1:]
with (here / "told").open("a") as told:
    print(*words, file=told)
broken = (here / "broken").read_text() if (here / "broken").exists() else "nothing"
if " ".join(words).startswith(broken):
    sys.exit("first line\\nCannot connect.")
if words[:2] == ["volume", "inspect"] and not (here / "volume").exists():
    sys.exit("no such volume")
if "config" in words:
    os.execv("{COMPOSE}", ["docker-compose", *words[1:]])
if "exec" in words:
    port = next(word for word in words if word.startswith("TICKERLENS_PORT="))
    print("http://127.0.0.1:" + port.partition("=")[2] + "/api/signin?key=k")
"""


@dataclass(frozen=True)
class Fake:
    """A checkout, and a folder with the only `docker` that is found."""

    root: Path
    bin: Path

    def commands(self) -> list[str]:
        path = self.bin / "told"
        return path.read_text().splitlines() if path.exists() else []

    @property
    def env_file(self) -> Path:
        return self.root / stack.ENV_FILE


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    made = Fake(tmp_path / "a checkout", tmp_path / "bin")
    made.root.mkdir()
    made.bin.mkdir()
    (made.bin / "docker").write_text(DOCKER)
    (made.bin / "docker").chmod(0o755)
    (made.root / "docker-compose.yml").write_text((ROOT / "docker-compose.yml").read_text())
    monkeypatch.setenv("PATH", str(made.bin))
    for name in stack.PORTS:
        monkeypatch.delenv(name, raising=False)
    return made


def test_secrets_are_long_different_and_for_their_owner_alone(tmp_path: Path) -> None:
    stack.ensure_secrets(str(tmp_path))
    path = tmp_path / ".env.stack"
    lines = [one for one in path.read_text().splitlines() if one and not one.startswith("#")]
    values = [line.partition("=")[2] for line in lines]
    assert path.stat().st_mode & 0o777 == 0o600
    assert [line.partition("=")[0] for line in lines] == list(stack.SECRETS)
    assert (
        len(set(values)) == len(stack.SECRETS) == 9 and min(map(len, values)) >= 43
    )  # 32 bytes in base64
    # They become part of addresses, where any other character would mean something.
    assert all(value.replace("-", "").replace("_", "").isalnum() for value in values)


def test_secrets_are_made_once(tmp_path: Path) -> None:
    stack.ensure_secrets(str(tmp_path))
    before = (tmp_path / ".env.stack").read_bytes()
    stack.ensure_secrets(str(tmp_path))
    assert (tmp_path / ".env.stack").read_bytes() == before


def test_a_part_that_is_new_gets_its_secret_and_nothing_else_changes(tmp_path: Path) -> None:
    stack.ensure_secrets(str(tmp_path))
    path = tmp_path / ".env.stack"
    lines = path.read_text().splitlines()
    older = [one for one in lines if not one.startswith(("STACK_REDIS", "STACK_MINIO"))]
    path.write_text("\n".join(older) + "\nTICKERLENS_PORT=9000")
    stack.ensure_secrets(str(tmp_path))
    now = path.read_text().splitlines()
    assert now[: len(older) + 1] == [*older, "TICKERLENS_PORT=9000"]
    added = [one.partition("=")[0] for one in now[len(older) + 1 :]]
    assert added == ["STACK_MINIO_PASSWORD", "STACK_REDIS_PASSWORD"]
    assert path.stat().st_mode & 0o777 == 0o600 and list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(stack.Stop, match=r"\.env\.stack cannot be written: No such file"):
        stack.ensure_secrets(str(tmp_path / "gone"))


def test_a_disk_that_refuses_leaves_no_half_of_the_secrets(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        with pytest.raises(stack.Stop, match=r"\.env\.stack cannot be written: File too large\.$"):
            stack.ensure_secrets(str(tmp_path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


def test_git_and_docker_never_see_the_secrets() -> None:
    ignored = subprocess.run(["git", "check-ignore", "-q", stack.ENV_FILE], cwd=ROOT)
    assert ignored.returncode == 0
    assert f"!{stack.ENV_FILE}" not in (ROOT / ".dockerignore").read_text()


def test_up_says_where_everything_is(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    assert stack.up(str(fake.root)) == 0
    output = capsys.readouterr().out
    assert "TickerLens is ready at http://127.0.0.1:8501\n" in output
    assert "once: http://127.0.0.1:8501/api/signin?key=k\n" in output
    for name, port in (("prefect", 4200), ("mlflow", 5000), ("exporter", 9109)):
        assert f"{name:<27} http://127.0.0.1:{port}\n" in output
    for name, port in (("prometheus", 9090), ("grafana", 3000)):
        assert f"{name:<27} http://127.0.0.1:{port}\n" in output
    secrets = [line.partition("=")[2] for line in fake.env_file.read_text().splitlines()[1:7]]
    assert not any(secret in output for secret in secrets)
    (start,) = [line for line in fake.commands() if " up " in line]
    assert "--env-file .env.stack up --detach --build --wait" in start


def test_up_again_after_a_port_was_moved(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    stack.up(str(fake.root))
    text = fake.env_file.read_text()
    assert "# TICKERLENS_PORT=8501\n" in text and "# TICKERLENS_GRAFANA_PORT=3000\n" in text
    text = text.replace("# TICKERLENS_PORT=8501", "TICKERLENS_PORT=8600")
    fake.env_file.write_text(text)
    capsys.readouterr()
    assert stack.up(str(fake.root)) == 0
    output = capsys.readouterr().out
    assert "ready at http://127.0.0.1:8600\n" in output
    assert "once: http://127.0.0.1:8600/api/signin?key=k\n" in output
    assert fake.env_file.read_text() == text


def test_new_secrets_are_refused_where_old_data_is(fake: Fake) -> None:
    (fake.bin / "volume").write_text("")
    with pytest.raises(stack.Stop, match=r"bring that file back, or delete the data with "):
        stack.up(str(fake.root))
    assert not fake.env_file.exists()
    stack.ensure_secrets(str(fake.root))
    assert stack.up(str(fake.root)) == 0


@pytest.mark.parametrize(
    ("damaged", "sentence"),
    [
        ("compose version", "Docker is here without its Compose plugin; install that first."),
        ("version", "Docker's engine does not answer: Cannot connect."),
    ],
)
def test_a_docker_that_does_not_work_is_one_sentence(
    damaged: str, sentence: str, fake: Fake
) -> None:
    (fake.bin / "broken").write_text(damaged)
    for action in (stack.up, stack.down):
        with pytest.raises(stack.Stop) as caught:
            action(str(fake.root))
        assert str(caught.value) == sentence
    assert not fake.env_file.exists()


def test_a_start_that_fails_says_what_to_look_at(fake: Fake) -> None:
    (fake.bin / "broken").write_text("compose --project-name tickerlens --env-file .env.stack up")
    with pytest.raises(stack.Stop, match=r"docker compose .* --env-file \.env\.stack ps --all$"):
        stack.up(str(fake.root))


def test_down_keeps_the_data(fake: Fake) -> None:
    with pytest.raises(stack.Stop, match="There is no stack to stop"):
        stack.down(str(fake.root))
    stack.ensure_secrets(str(fake.root))
    assert stack.down(str(fake.root)) == 0
    (stop,) = [line for line in fake.commands() if line.split()[-2:-1] == ["down"]]
    assert stop.endswith(" down --remove-orphans")


@pytest.mark.parametrize("what", ["up", "down"])
def test_without_docker_the_program_says_so_in_one_line(what: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "app/launcher/stack.py", what],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Docker is not installed; ")
    assert len(done.stderr.splitlines()) == 1


def test_an_old_python_can_read_it() -> None:
    source = (ROOT / "app" / "launcher" / "stack.py").read_text()
    tree = ast.parse(source, feature_version=(3, 7))
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported and imported <= set(sys.stdlib_module_names)
