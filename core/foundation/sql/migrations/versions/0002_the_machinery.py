"""What was asked for, how ingests went, the ledger and its scores, reports, and runs in MLflow."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "requests",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(36), nullable=False, unique=True),
        sa.Column("flow", sa.String(32), nullable=False),
        sa.Column("parameters", sa.JSON, nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("asked_at", instant, nullable=False),
        sa.Column("run_id", sa.String(36), nullable=True),
        sa.Column("ended_at", instant, nullable=True),
        sa.Column("outcome", sa.String(32), nullable=True),
    )
    op.create_index(
        "requests_one_open",
        "requests",
        ["flow"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "ingest_outcomes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", instant, nullable=False),
        sa.Column("ticker", sa.String(20), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
    )
    op.create_table(
        "forecasts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("ticker", sa.String(20), nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("model_version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("last_close", sa.Float(53), nullable=False),
        sa.Column("law", sa.JSON, nullable=False),
        sa.UniqueConstraint("ticker", "as_of", "model_version", name="forecasts_once"),
    )
    op.create_table(
        "scores",
        sa.Column("forecast_id", sa.Integer, sa.ForeignKey("forecasts.id"), primary_key=True),
        sa.Column("horizon", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("scored_session", sa.Date, nullable=False),
        sa.Column("actual", sa.Float(53), nullable=False),
        sa.Column("pinball", sa.Float(53), nullable=False),
        sa.Column("baseline_pinball", sa.Float(53), nullable=False),
        sa.Column("inside_80", sa.Float(53), nullable=False),
        sa.Column("width_80", sa.Float(53), nullable=False),
        sa.Column("scored_at", instant, nullable=False),
    )
    op.create_table(
        "monitor_reports",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", instant, nullable=False),
        sa.Column("model_version", sa.Integer, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.Column("reference_window", sa.String(32), nullable=False),
        sa.Column("current_window", sa.String(32), nullable=False),
        sa.Column("signals", sa.JSON, nullable=False),
        sa.Column("told", sa.Boolean, nullable=False),
    )
    op.create_table(
        "mlflow_runs",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("at", instant, nullable=False),
    )
