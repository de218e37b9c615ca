"""What each night of a market did, and which schedules people want."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "nightly_runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("market", sa.String(16), nullable=False),
        sa.Column("session", sa.Date, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("steps", sa.JSON, nullable=False),
        sa.Column("reason", sa.JSON, nullable=True),
        sa.UniqueConstraint("market", "session", name="nightly_runs_one_a_session"),
    )
    op.create_table(
        "schedule_switches",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
    )
