"""`make up` and `make down`: the full stack in containers, with secrets that are made once.

Python and Docker are all this needs, so: standard library only, and no syntax or annotation that
an old Python cannot read.
"""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
from typing import Any, Dict, List, Mapping

PROJECT = "tickerlens"
VOLUME = PROJECT + "_postgres"
ENV_FILE = ".env.stack"
SECRETS = (
    "STACK_POSTGRES_PASSWORD",
    "STACK_RECORDS_PASSWORD",
    "STACK_MLFLOW_PASSWORD",
    "STACK_PREFECT_PASSWORD",
    "STACK_PREFECT_API_PASSWORD",
    "STACK_GRAFANA_PASSWORD",
    "STACK_MINIO_PASSWORD",
    "STACK_CLICKHOUSE_PASSWORD",
    "STACK_REDIS_PASSWORD",
)
SECRET_BYTES = 32
PORTS = {
    "TICKERLENS_PORT": 8501,
    "TICKERLENS_PREFECT_PORT": 4200,
    "TICKERLENS_MLFLOW_PORT": 5000,
    "TICKERLENS_EXPORTER_PORT": 9109,
    "TICKERLENS_PROMETHEUS_PORT": 9090,
    "TICKERLENS_GRAFANA_PORT": 3000,
}


class Stop(Exception):
    """The stack cannot go on; the text is the one sentence to show."""


def ensure_secrets(root: str) -> None:
    """Make the file with the stack's secrets; one that is there keeps all it has.

    Only secrets of parts that are new since it was made are added to it.
    """
    path = os.path.join(root, ENV_FILE)
    try:
        with open(path) as source:
            text = source.read()
    except FileNotFoundError:
        text = "# Secrets of the full stack. They alone open its data: keep this file.\n"
    except OSError as error:
        raise Stop("{} cannot be read: {}.".format(path, error.strerror))
    known = {line.partition("=")[0] for line in text.splitlines()}
    missing = [name for name in SECRETS if name not in known]
    if not missing:
        return
    lines = ["{}={}".format(name, secrets.token_urlsafe(SECRET_BYTES)) for name in missing]
    if len(missing) == len(SECRETS):
        lines += [
            "",
            "# Ports on 127.0.0.1. To move one, remove its #, change it, and make up again.",
        ]
        lines += ["# {}={}".format(name, port) for name, port in PORTS.items()]
    if not text.endswith("\n"):
        text += "\n"
    replace_file(path, text + "\n".join(lines) + "\n")


def replace_file(path: str, text: str) -> None:
    """Write a file for its owner alone, whole or not at all: half of it would pass for all."""
    draft = path + ".new"
    try:
        with contextlib.suppress(FileNotFoundError):
            os.remove(draft)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w") as target:
                target.write(text)
            os.replace(draft, path)
        except OSError:
            os.remove(draft)
            raise
    except OSError as error:
        raise Stop("{} cannot be written: {}.".format(path, error.strerror))


def check_docker(root: str) -> None:
    """See that Docker, its Compose and its engine are there."""
    if shutil.which("docker") is None:
        raise Stop(
            "Docker is not installed; the full stack needs Docker 25 or newer with Compose "
            "(make run needs neither)."
        )
    if ask(root, "docker", "compose", "version").returncode != 0:
        raise Stop("Docker is here without its Compose plugin; install that first.")
    engine = ask(root, "docker", "version", "--format", "{{.Server.Version}}")
    if engine.returncode != 0:
        errors = engine.stderr.strip().splitlines() or ["no reason given"]
        raise Stop("Docker's engine does not answer: {}".format(errors[-1]))


def check_data(root: str) -> None:
    """Refuse to make new secrets where stored data needs the old ones."""
    if os.path.exists(os.path.join(root, ENV_FILE)):
        return
    if ask(root, "docker", "volume", "inspect", VOLUME).returncode == 0:
        raise Stop(
            "There is data of an earlier stack ({0}), but {1}, which holds its passwords, is "
            "gone; bring that file back, or delete the data with docker volume rm {0}.".format(
                VOLUME, ENV_FILE
            )
        )


def compose(*words: str) -> List[str]:
    """The command line of Compose on this stack."""
    return ["docker", "compose", "--project-name", PROJECT, "--env-file", ENV_FILE] + list(words)


def addresses(config: Mapping[str, Any]) -> Dict[str, str]:
    """Where each service is reached from this machine, from what Compose resolved."""
    return {
        name: "http://{}:{}".format(port["host_ip"], port["published"])
        for name, service in config["services"].items()
        for port in service.get("ports", [])
    }


def up(root: str) -> int:
    """Start everything, wait until it is healthy, and say where it is."""
    check_docker(root)
    check_data(root)
    ensure_secrets(root)
    command = compose("up", "--detach", "--build", "--wait", "--remove-orphans")
    if subprocess.call(command, cwd=root) != 0:
        raise Stop(
            "Not everything came up; what did not is listed by: {}".format(
                " ".join(compose("ps", "--all"))
            )
        )
    config = ask(root, *compose("config", "--format", "json"))
    found = addresses(json.loads(config.stdout))
    app = found.pop("app")
    # In its container the app has a port of its own; the link must lead to the one outside.
    port = "TICKERLENS_PORT=" + app.rpartition(":")[2]
    signin = compose("exec", "-T", "--env", port, "app", "python", "-m", "app", "signin")
    print("TickerLens is ready at {}".format(app))
    print("  sign in as developer, once: {}".format(ask(root, *signin).stdout.strip()))
    for name, address in sorted(found.items()):
        print("  {:<27} {}".format(name, address))
    print("The passwords are in {}: Prefect asks for tickerlens:password,".format(ENV_FILE))
    print("Grafana for the user admin. make down stops everything and keeps the data.")
    return 0


def down(root: str) -> int:
    """Stop everything; the data stays in its volumes."""
    check_docker(root)
    if not os.path.exists(os.path.join(root, ENV_FILE)):
        raise Stop("There is no stack to stop: {} does not exist.".format(ENV_FILE))
    return subprocess.call(compose("down", "--remove-orphans"), cwd=root)


def ask(root: str, *command: str) -> "subprocess.CompletedProcess[str]":
    """Run a command for its answer."""
    return subprocess.run(
        command,
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
    )


def main() -> int:
    """Do `up` or `down` with the checkout this file is in."""
    here = os.path.dirname(os.path.abspath(__file__))
    root = os.path.dirname(os.path.dirname(here))
    try:
        return {"up": up, "down": down}[sys.argv[1]](root)
    except Stop as reason:
        print(reason, file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped here; make down ends what was started.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
