"""Every forecast and score sealed with the one before, and more of how each forecast fared."""

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_START = "0" * 64
_INSTANT = sa.DateTime(timezone=True)
_SEALS = ("previous", "hash")
_FORECASTS = sa.table(
    "forecasts",
    sa.column("id", sa.Integer),
    sa.column("ticker", sa.String),
    sa.column("as_of", sa.Date),
    sa.column("model_version", sa.Integer),
    sa.column("kind", sa.String),
    sa.column("created_at", _INSTANT),
    sa.column("last_close", sa.Float(53)),
    sa.column("law", sa.JSON),
    *map(sa.column, _SEALS),
)
_SCORES = sa.table(
    "scores",
    sa.column("position", sa.Integer),
    sa.column("forecast_id", sa.Integer),
    sa.column("horizon", sa.Integer),
    sa.column("scored_session", sa.Date),
    sa.column("actual", sa.Float(53)),
    sa.column("pinball", sa.Float(53)),
    sa.column("baseline_pinball", sa.Float(53)),
    sa.column("inside_80", sa.Float(53)),
    sa.column("width_80", sa.Float(53)),
    sa.column("scored_at", _INSTANT),
    sa.column("pit", sa.Float(53)),
    sa.column("crps", sa.Float(53)),
    sa.column("inside_50", sa.Float(53)),
    sa.column("inside_90", sa.Float(53)),
    *map(sa.column, _SEALS),
)


def upgrade() -> None:
    heads = op.create_table(
        "ledger_heads",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    with op.batch_alter_table("forecasts") as table:
        table.add_column(sa.Column("previous", sa.String(64), nullable=True))
        table.add_column(sa.Column("hash", sa.String(64), nullable=True))
    with op.batch_alter_table("scores") as table:
        for name in ("pit", "crps", "inside_50", "inside_90"):
            table.add_column(sa.Column(name, sa.Float(53), nullable=True))
        table.add_column(sa.Column("position", sa.Integer, nullable=True))
        table.add_column(sa.Column("previous", sa.String(64), nullable=True))
        table.add_column(sa.Column("hash", sa.String(64), nullable=True))
    _number_scores()
    for rows, key in ((_FORECASTS, "id"), (_SCORES, "position")):
        count, newest = _seal(rows, key)
        op.bulk_insert(heads, [{"name": rows.name, "rows": count, "hash": newest}])
    with op.batch_alter_table("forecasts") as table:
        table.alter_column("previous", existing_type=sa.String(64), nullable=False)
        table.alter_column("hash", existing_type=sa.String(64), nullable=False)
        table.drop_constraint("forecasts_once", type_="unique")
        once = ["ticker", "as_of", "model_version", "kind"]
        table.create_unique_constraint("forecasts_once", once)
    with op.batch_alter_table("scores") as table:
        table.alter_column("position", existing_type=sa.Integer, nullable=False)
        table.alter_column("previous", existing_type=sa.String(64), nullable=False)
        table.alter_column("hash", existing_type=sa.String(64), nullable=False)
        table.create_unique_constraint("scores_one_a_position", ["position"])


def _number_scores() -> None:
    rows = _SCORES
    order = (rows.c.scored_at, rows.c.forecast_id, rows.c.horizon)
    keys = op.get_bind().execute(sa.select(rows.c.forecast_id, rows.c.horizon).order_by(*order))
    own = sa.and_(
        rows.c.forecast_id == sa.bindparam("forecast"), rows.c.horizon == sa.bindparam("ahead")
    )
    numbered = [
        {"forecast": forecast, "ahead": horizon, "number": number}
        for number, (forecast, horizon) in enumerate(keys.all(), start=1)
    ]
    _update(sa.update(rows).where(own).values(position=sa.bindparam("number")), numbered)


def _seal(rows: Any, key: str) -> tuple[int, str]:
    """Seal the rows of a table in order; how many there are, and the hash of the last."""
    found, previous = [], _START
    columns = [column for column in rows.c if column.name not in _SEALS]
    for row in op.get_bind().execute(sa.select(*columns).order_by(rows.c[key])):
        plain = _plain(dict(row._mapping))
        content = json.dumps(plain, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(f"{previous}\n{content}".encode()).hexdigest()
        found.append({"number": row._mapping[key], "before": previous, "digest": digest})
        previous = digest
    values: dict[str, Any] = {"previous": sa.bindparam("before"), "hash": sa.bindparam("digest")}
    _update(sa.update(rows).where(rows.c[key] == sa.bindparam("number")).values(**values), found)
    return len(found), previous


def _update(statement: Any, parameters: list[dict[str, Any]]) -> None:
    if parameters:
        op.get_bind().execute(statement, parameters)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):  # SQLite forgets the zone, which was UTC
        aware = value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)
        return aware.isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return float(value) + 0.0
    return value
