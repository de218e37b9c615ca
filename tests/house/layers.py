"""Who may import whom, as data, and the walk that finds what breaks it."""

import ast
from collections.abc import Iterator
from pathlib import Path

OWN = ("app", "core", "flows", "monitoring")

# The rooms of core, each with those it may import beside its own.
BASE = {"core.foundation", "core.reference"}
LAYERS: dict[str, set[str]] = {
    "core.foundation": set(),
    "core.reference": {"core.foundation"},
    "core.market_data": {*BASE},
    "core.features": {*BASE},
    "core.models": {"core.features", *BASE},
    "core.evaluation": {"core.models", "core.features", *BASE},
}
LAYERS["core.registry"] = {"core.evaluation", *LAYERS["core.evaluation"]}
LAYERS["core.lifecycle"] = {"core.registry", "core.market_data.lake", *LAYERS["core.registry"]}
LAYERS["core.forecasts"] = {*LAYERS["core.lifecycle"]}
LAYERS["core.wiring"] = {*LAYERS}
LAYERS["core.workflows"] = {*LAYERS}
LAYERS["app"] = {*LAYERS}
LAYERS["monitoring"] = {*LAYERS} - {"core.wiring", "app"}
LAYERS["flows"] = {*LAYERS, "monitoring.evidently_report"} - {"app", "monitoring"}

# Programs that a person or supervisord starts: they read the settings and build the adapters.
ENTRY = ("app", "flows", "monitoring.exporter", "core.workflows")
ENVIRONMENT = (
    "core.foundation.settings",
    "app.__main__",
    "app.launcher.bootstrap",
    "app.server",
    "flows.__main__",
    "flows.serving",
    "monitoring.exporter",
)

# What pages, commands, flows and routes reach through `core.workflows` alone, so that the same
# work leaves the same behind from every door.
WORK = {
    "core.forecasts.ledger.score.score",
    "core.forecasts.serve.forecast",
    "core.lifecycle.monitor.build_report",
    "core.lifecycle.promote.promote",
    "core.lifecycle.promote.roll_back",
    "core.lifecycle.publish.publish",
    "core.lifecycle.train.train",
    "core.market_data.backfill.backfill",
    "core.market_data.ingest.ingest",
    "core.market_data.reconcile_sessions.reconcile",
    "core.market_data.replicate.mirror",
}

# Third parties behind one door: the only modules, with all below them, that may import each.
DOORS: dict[str, tuple[str, ...]] = {
    "streamlit": ("app",),
    "plotly": ("app.components", "app.views"),
    "prefect": ("flows", "app.state.prefect_client"),
    "httpx": ("app.state.prefect_client",),
    "evidently": ("monitoring.evidently_report",),
    "prometheus_client": ("monitoring", "app.web.metrics"),
    "mlflow": ("core.registry",),
    "yfinance": ("core.market_data.sources.yahoo_client",),
    "curl_cffi": ("core.market_data.sources.yahoo_client",),  # yfinance's own HTTP client
    "uvicorn": ("core.foundation.http_protocol", "monitoring.serving"),
    "h11": ("core.foundation.http_protocol",),  # what uvicorn reads HTTP with
    "alembic": ("core.foundation.sql",),
    "clickhouse_connect": ("core.market_data.lake.clickhouse",),
    "urllib3": ("core.market_data.lake.clickhouse",),  # what its client raises and waits with
    "authlib": ("app.api.oidc",),
    "limits": ("app.web.rate_limits",),
    "redis": ("core.foundation.caches",),
    "numba": ("core.features.compiled",),
    "pyarrow": ("core.market_data.lake",),
    "boto3": ("core.market_data.lake.s3_objects",),
    "botocore": ("core.market_data.lake.s3_objects",),
    # the database, and the stores built on it
    "sqlalchemy": (
        "core.foundation",
        "core.market_data.records",
        "core.market_data.sources.rate_limit_store",
        "core.registry",
        "core.forecasts.ledger",
        "core.lifecycle.report_store",
    ),
}


def breaches(root: Path, path: Path) -> Iterator[str]:
    """Every line of a file that imports or reads what it may not, as a sentence."""
    module = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
    layer = layer_of(module)
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        line = getattr(node, "lineno", 0)
        where = f"{path.relative_to(root)}:{line}"
        for target in imported(node, module, path.name == "__init__.py"):
            reason = forbidden(module, layer, target)
            if reason:
                yield f"{where} imports {target}: {reason}"
        if reads_environment(node) and module not in ENVIRONMENT:
            yield f"{where} reads the environment: only settings and entry points do"


def layer_of(module: str) -> str:
    """The row of the table a module of ours belongs to."""
    return ".".join(module.split(".")[: 2 if module.startswith("core.") else 1])


def forbidden(module: str, layer: str, target: str) -> str:
    """Why this module may not import the target; empty if it may."""
    top = target.partition(".")[0]
    doors = DOORS.get(top)
    if doors is not None and not any(within(module, door) for door in doors):
        return f"only {' and '.join(doors)} may"
    if top not in OWN:
        return ""
    if within(target, "core.wiring") and module != "core.wiring":
        return "" if any(within(module, entry) for entry in ENTRY) else "only entry points may"
    if target in WORK and not module.startswith("core."):
        return "only core.workflows does that work"
    if layer not in LAYERS:
        return f"{layer} is not in the table of layers"
    other = layer_of(target)
    same = other == layer
    allowed = same or other in LAYERS[layer] or any(within(target, one) for one in LAYERS[layer])
    return "" if allowed else f"{layer} may not import {other}"


def within(module: str, folder: str) -> bool:
    """Whether a module is this one or below it."""
    return module == folder or module.startswith(folder + ".")


def imported(node: ast.AST, module: str, is_package: bool) -> list[str]:
    """The dotted names a statement imports; `from a import b` counts as `a.b`."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    base = node.module or ""
    if node.level:
        parents = module.split(".")
        parents = parents[: len(parents) - node.level + is_package]
        base = ".".join([*parents, *filter(None, [base])])
    return [f"{base}.{alias.name}" for alias in node.names]


def reads_environment(node: ast.AST) -> bool:
    """Whether an expression reaches for the environment by any of its names."""
    names = {"environ", "environb", "getenv", "getenvb", "putenv"}
    if isinstance(node, ast.ImportFrom):
        return node.module == "os" and any(alias.name in names for alias in node.names)
    if not isinstance(node, ast.Attribute) or node.attr not in names:
        return False
    return isinstance(node.value, ast.Name) and node.value.id == "os"
