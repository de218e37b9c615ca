"""docker-compose.yml: valid, pinned, closed to the outside, and without a secret in it."""

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from app.launcher import stack
from core.foundation.settings import PREFIX, Settings
from core.market_data.lake.clickhouse import Address
from tests.house.tree import ROOT
from tests.stack.conftest import compose

TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE_ONLY = {"TICKERLENS_PROMETHEUS_PORT", "TICKERLENS_GRAFANA_PORT"}
EXACT = re.compile(
    r"[a-z0-9./-]+:(v?\d+\.\d+(\.\d+){0,2}(-[a-z0-9.]+)?|RELEASE\.\d{4}-\d\d-\d\dT[\d-]+Z)"
)
ONCE = {"room", "buckets"}  # they do one thing and end
STORES = {"postgres", "minio", "clickhouse", "redis"}
Services = dict[str, Any]


def test_compose_takes_the_file(env_file: Path) -> None:
    done = compose(env_file, "config", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")


def test_compose_refuses_without_the_secrets() -> None:
    done = compose("/dev/null", "config", "--quiet")
    assert done.returncode != 0
    for name in stack.SECRETS:
        assert f"required variable {name} is missing a value: comes from make up" in done.stderr


@pytest.mark.parametrize("name", stack.SECRETS)
def test_no_secret_may_be_left_out(name: str, env_file: Path, tmp_path: Path) -> None:
    lines = env_file.read_text().splitlines()
    (tmp_path / "env").write_text("\n".join(one for one in lines if not one.startswith(name)))
    assert name in compose(tmp_path / "env", "config", "--quiet").stderr


def test_every_variable_has_a_default_or_is_required() -> None:
    used = re.findall(r"\$\{(\w+)(.*?)\}", TEXT)
    required = {name for name, rest in used if rest.startswith(":?")}
    assert required == set(stack.SECRETS)
    assert [name for name, rest in used if not rest.startswith((":?", ":-"))] == []
    assert "$" not in re.sub(r"\$\{\w+:[?-][^}$]*\}", "", TEXT)


def test_every_password_is_a_secret_of_make_up(services: Services, secrets_of: set[str]) -> None:
    assert len(secrets_of) == len(stack.SECRETS)
    found = []
    for service in services.values():
        for name, value in (service.get("environment") or {}).items():
            if re.search(r"(PASSWORD|SECRET|TOKEN|AUTH|AUTH_STRING)$", name):
                found.append(value.rpartition(":")[2])
            elif value and urlsplit(value).password is not None:
                found.append(urlsplit(value).password)
    assert len(found) >= 12 and set(found) == secrets_of


def test_nothing_but_the_environment_holds_a_secret(
    services: Services, secrets_of: set[str]
) -> None:
    rest = {
        name: {key: value for key, value in one.items() if key != "environment"}
        for name, one in services.items()
    }
    assert not any(secret in str(rest) for secret in secrets_of)


def test_one_part_cannot_open_another_s_database(services: Services) -> None:
    texts = {name: str(one.get("environment")) for name, one in services.items()}
    opened = {"app": "records", "worker": "records", "exporter": "records"}
    opened |= {"mlflow": "mlflow", "prefect": "prefect"}
    made = services["postgres"]["environment"]
    for service, part in opened.items():
        expected = [(part, made[f"{part.upper()}_PASSWORD"], part)]
        assert re.findall(r"://(\w+):(\S+?)@postgres/(\w+)", texts[service]) == expected
    assert "postgres" not in texts["grafana"]


def test_programs_that_open_a_database_themselves_are_told_the_driver(services: Services) -> None:
    for service, driver in (("mlflow", "psycopg2"), ("prefect", "asyncpg")):
        assert f"postgresql+{driver}://" in str(services[service]["environment"])


def test_clients_know_the_password_of_prefect(services: Services) -> None:
    password = services["prefect"]["environment"]["PREFECT_SERVER_API_AUTH_STRING"]
    assert password.startswith("tickerlens:")
    for name in ("app", "worker", "exporter"):
        assert services[name]["environment"]["TICKERLENS_PREFECT_AUTH"] == password
    assert services["prefect"]["environment"]["PREFECT_API_AUTH_STRING"] == password


def test_ports_are_open_to_this_machine_only(services: Services) -> None:
    ports = [port for one in services.values() for port in one.get("ports", [])]
    assert len(ports) == len(stack.PORTS) == 6
    assert {port["host_ip"] for port in ports} == {"127.0.0.1"}
    assert {int(port["published"]) for port in ports} == set(stack.PORTS.values())
    assert not any("network_mode" in one for one in services.values())


def test_every_port_can_be_moved(resolve: Callable[..., Services]) -> None:
    moved = {name: str(port + 10_000) for name, port in stack.PORTS.items()}
    services = resolve(**moved)
    ports = [port for one in services.values() for port in one.get("ports", [])]
    assert {port["published"] for port in ports} == set(moved.values())
    assert {str(port["target"]) for port in ports} & set(moved.values()) == set()
    prefect = services["prefect"]["environment"]
    assert prefect["PREFECT_UI_API_URL"] == "http://127.0.0.1:14200/api"
    assert prefect["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"] == "http://127.0.0.1:14200"
    allowed = services["mlflow"]["command"][-1].split(",")
    assert allowed == ["mlflow:5000", "127.0.0.1:15000", "localhost:15000"]


def test_every_image_is_exact(services: Services) -> None:
    images = {one["image"] for one in services.values()}
    assert len(images) == 8
    assert [one for one in images if not EXACT.fullmatch(one)] == []


@pytest.mark.parametrize("image", ["postgres", "postgres:17", "grafana/grafana:latest", "a:v3"])
def test_an_inexact_image_would_be_seen(image: str) -> None:
    assert not EXACT.fullmatch(image)


def test_only_the_app_builds_the_image(services: Services) -> None:
    ours = {name for name, one in services.items() if one["image"].startswith("tickerlens:")}
    assert ours == {"app", "worker", "exporter", "prefect", "mlflow", "room"}
    assert {name for name, one in services.items() if "build" in one} == {"app"}
    assert {services[name]["pull_policy"] for name in ours} == {"never"}


def test_no_container_may_do_more_than_it_must(services: Services) -> None:
    for name, one in services.items():
        assert re.fullmatch(r"[1-9]\d*:\d+", one["user"]), name
        assert one["cap_drop"] == ["ALL"] and "cap_add" not in one, name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert one["read_only"] is True and not one.get("privileged"), name
        assert 0 < int(one["mem_limit"]) <= 3 * 2**30, name
        assert one["restart"] == ("no" if name in ONCE else "unless-stopped"), name
        binds = [mount for mount in one.get("volumes", []) if mount["type"] == "bind"]
        assert all(mount["read_only"] for mount in binds), name


def test_only_what_stores_data_is_cut_off(services: Services, written: dict[str, Any]) -> None:
    assert written["networks"]["inside"]["internal"] is True
    for name, one in services.items():
        if name in STORES | ONCE:
            assert set(one["networks"]) == {"inside"} and "ports" not in one, name
        else:
            assert set(one["networks"]) == {"inside", "outside"}, name


def test_bars_are_on_s3_mirrored_and_cached(services: Services) -> None:
    environment = services["app"]["environment"]
    key, secret = (environment[f"TICKERLENS_S3_{name}"] for name in ("KEY", "SECRET"))
    minio, clickhouse = services["minio"]["environment"], services["clickhouse"]["environment"]
    assert (key, secret) == (minio["MINIO_ROOT_USER"], minio["MINIO_ROOT_PASSWORD"])
    assert environment["TICKERLENS_S3_URL"] == "http://minio:9000"
    made = services["buckets"]["entrypoint"][-1].removeprefix("stack/")
    assert environment["TICKERLENS_BARS_URL"].startswith(f"s3://{made}/")
    assert (
        services["buckets"]["environment"]["MC_HOST_stack"] == f"http://{key}:{secret}@minio:9000"
    )
    copy = Address.parse(environment["TICKERLENS_CLICKHOUSE_URL"])
    assert (copy.host, copy.port) == ("clickhouse", 8123)
    assert (
        vars(copy).items()
        >= {
            "user": clickhouse["CLICKHOUSE_USER"],
            "password": clickhouse["CLICKHOUSE_PASSWORD"],
            "database": clickhouse["CLICKHOUSE_DB"],
        }.items()
    )
    password = services["redis"]["environment"]["REDISCLI_AUTH"]
    assert environment["TICKERLENS_CACHE_URL"] == f"redis://:{password}@redis:6379/0"
    for name in ("worker", "exporter"):
        assert services[name]["environment"].items() >= {
            item for item in environment.items() if item[0] != "HEALTH_URL"
        }


def test_what_is_waited_for_can_be_healthy(services: Services) -> None:
    for name, one in services.items():
        for other, how in one.get("depends_on", {}).items():
            wanted = "completed_successfully" if other in ONCE else "healthy"
            assert how["condition"] == f"service_{wanted}", (name, other)
        if name in ONCE:
            assert any(name in other.get("depends_on", {}) for other in services.values()), name
        elif not one["image"].startswith("tickerlens:"):
            assert one["healthcheck"]["test"][0] == "CMD", name
        elif name != "app":  # whose address the image knows
            address = urlsplit(one["environment"]["HEALTH_URL"])
            targets = [port["target"] for port in one.get("ports", [])]
            assert address.hostname == ("prefect" if name == "worker" else "127.0.0.1"), name
            assert address.port in (targets or [4200]), name


def test_bound_files_are_in_the_checkout(services: Services) -> None:
    sources = {
        Path(mount["source"]).relative_to(ROOT).as_posix()
        for one in services.values()
        for mount in one.get("volumes", [])
        if mount["type"] == "bind"
    }
    grafana = {"monitoring/grafana/provisioning", "monitoring/grafana/dashboards"}
    assert sources >= grafana
    assert [one for one in sources - grafana if not (ROOT / one).exists()] == []


def test_data_is_in_named_volumes(services: Services, written: dict[str, Any]) -> None:
    mounts = [
        (name, mount["source"], mount["target"])
        for name, one in services.items()
        for mount in one.get("volumes", [])
        if mount["type"] == "volume"
    ]
    assert {source for _, source, _ in mounts} == set(written["volumes"])
    sharing = {(name, target) for name, source, target in mounts if source == "home"}
    assert sharing == {(name, "/data") for name in ("app", "worker", "exporter")}
    assert services["app"]["environment"]["TICKERLENS_HOME"] == "/data"
    assert f"{written['name']}_postgres" == stack.VOLUME


def test_settings_are_settings(services: Services) -> None:
    fields = {PREFIX + name.upper() for name in Settings.model_fields}
    named = set(re.findall(rf"\b{PREFIX}[A-Z0-9_]+\b", TEXT))
    assert named <= fields | COMPOSE_ONLY and set(stack.PORTS) <= named
    for name in ("app", "worker", "exporter"):
        environment = services[name]["environment"]
        assert set(environment) - {"HEALTH_URL"} <= fields
        values = {
            key.removeprefix(PREFIX).lower(): value
            for key, value in environment.items()
            if key.startswith(PREFIX) and value
        }
        settings = Settings(**values)
        assert {"app", "exporter", "127.0.0.1"} <= set(settings.host_names)
        assert settings.prefect_address == "http://prefect:4200/api"


def test_prometheus_and_grafana_ask_nobody_outside(services: Services) -> None:
    grafana = services["grafana"]["environment"]
    assert grafana["PROMETHEUS_URL"] == "http://prometheus:9090"
    off = ("ANALYTICS_REPORTING", "NEWS_NEWS_FEED", "AUTH_ANONYMOUS", "SNAPSHOTS_EXTERNAL")
    assert {grafana[f"GF_{name}_ENABLED"] for name in off} == {"false"}
    checks = ("UPDATES", "PLUGIN_UPDATES")
    assert {grafana[f"GF_ANALYTICS_CHECK_FOR_{name}"] for name in checks} == {"false"}
    assert grafana["GF_PLUGINS_PREINSTALL_DISABLED"] == "true"


def test_prometheus_finds_the_same_jobs_on_both_sizes(services: Services) -> None:
    folder = ROOT / "monitoring" / "prometheus"
    config = yaml.safe_load((folder / "prometheus.yml").read_text())
    expected = {
        "app": ("127.0.0.1:8501", "app:8501"),
        "exporter": ("127.0.0.1:9109", "exporter:9109"),
    }
    assert [one["job_name"] for one in config["scrape_configs"]] == list(expected)
    for one in config["scrape_configs"]:
        (read,) = one["file_sd_configs"]
        assert read["files"] == [f"targets/{one['job_name']}.yml"]
        for where, target in zip(("targets", "stack"), expected[one["job_name"]], strict=True):
            found = yaml.safe_load((folder / where / f"{one['job_name']}.yml").read_text())
            assert found == [{"targets": [target]}]
    mounted = {m["target"]: m["source"] for m in services["prometheus"]["volumes"]}
    assert mounted["/etc/prometheus/targets"] == str(folder / "stack")
    for name, (_, target) in expected.items():
        port = services[name]["ports"][0]["target"]
        assert target == f"{name}:{port}"


@pytest.mark.parametrize("name", ["app.server", "flows.__main__", "monitoring.exporter"])
def test_commands_exist(name: str, services: Services) -> None:
    commands = " ".join(" ".join(one.get("command") or []) for one in services.values())
    assert name.removesuffix(".__main__") in commands
    if name == "monitoring.exporter" and not (ROOT / "monitoring" / "exporter.py").is_file():
        pytest.skip("The exporter is not built yet.")
    assert importlib.util.find_spec(name) is not None
