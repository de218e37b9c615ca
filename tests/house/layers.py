"""Who may import whom, as data, and the walk that finds what breaks it."""

import ast
from collections.abc import Iterator
from pathlib import Path

OWN = ("app", "core", "flows", "monitoring")

# A file directly in core/ is a leaf, except the one that puts everything together.
LEAF = "core leaf"
LAYERS: dict[str, set[str]] = {
    LEAF: {LEAF},
    "core.market": {LEAF},
    "core.storage": {LEAF},
    "core.features": {LEAF},
    "core.models": {"core.features", LEAF},
    "core.registry": {"core.models", "core.storage", LEAF},
    "core.forecasts": {"core.features", "core.models", "core.registry", "core.storage", LEAF},
}
LAYERS["core.services"] = {*LAYERS, "core.services"} - {"core.services"}
LAYERS["core.wiring"] = {*LAYERS}
LAYERS["app"] = {*LAYERS}
LAYERS["monitoring"] = {*LAYERS} - {"core.wiring", "app"}
LAYERS["flows"] = {*LAYERS, "monitoring.drift"} - {"app", "monitoring"}

# Programs that a person or supervisord starts: they read the settings and build the adapters.
ENTRY = ("app", "flows", "monitoring.exporter")
ENVIRONMENT = (
    "core.settings",
    "app.__main__",
    "app.bootstrap",
    "app.server",
    "flows.__main__",
    "flows.serving",
    "monitoring.exporter",
)

# Third parties behind one door: the only modules, with all below them, that may import each.
DOORS: dict[str, tuple[str, ...]] = {
    "streamlit": ("app",),
    "plotly": ("app.components",),
    "prefect": ("flows", "app.runs"),
    "httpx": ("app.runs",),
    "evidently": ("monitoring.drift",),
    "prometheus_client": ("monitoring", "app.metrics"),
    "mlflow": ("core.registry",),
    "yfinance": ("core.market.client",),
    "curl_cffi": ("core.market.client",),  # yfinance's own HTTP client
    "alembic": ("core.storage",),
    "clickhouse_connect": ("core.storage.clickhouse",),
    "urllib3": ("core.storage.clickhouse",),  # what its client raises and waits with
    "redis": ("core.storage.redis_cache",),
    "pyarrow": ("core.storage",),
    "boto3": ("core.storage.s3",),
    "botocore": ("core.storage.s3",),
    # the database, and the stores built on it
    "sqlalchemy": ("core.storage", "core.registry", "core.forecasts.ledger"),
}


def breaches(root: Path, path: Path) -> Iterator[str]:
    """Every line of a file that imports or reads what it may not, as a sentence."""
    module = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
    layer = layer_of(module, root)
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        line = getattr(node, "lineno", 0)
        where = f"{path.relative_to(root)}:{line}"
        for target in imported(node, module, path.name == "__init__.py"):
            reason = forbidden(module, layer, target, root)
            if reason:
                yield f"{where} imports {target}: {reason}"
        if reads_environment(node) and module not in ENVIRONMENT:
            yield f"{where} reads the environment: only settings and entry points do"


def layer_of(module: str, root: Path) -> str:
    """The row of the table a module of ours belongs to."""
    top, _, rest = module.partition(".")
    if top != "core":
        return top
    part = rest.partition(".")[0]
    if part in ("", "wiring") or (root / "core" / part).is_dir():
        return f"core.{part}" if part else LEAF
    return LEAF


def forbidden(module: str, layer: str, target: str, root: Path) -> str:
    """Why this module may not import the target; empty if it may."""
    top = target.partition(".")[0]
    doors = DOORS.get(top)
    if doors is not None and not any(within(module, door) for door in doors):
        return f"only {' and '.join(doors)} may"
    if top not in OWN:
        return ""
    if within(target, "core.wiring") and module != "core.wiring":
        return "" if any(within(module, entry) for entry in ENTRY) else "only entry points may"
    if layer not in LAYERS:
        return f"{layer} is not in the table of layers"
    other = layer_of(target, root)
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
