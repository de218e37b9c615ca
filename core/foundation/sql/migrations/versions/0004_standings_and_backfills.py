"""How one stands with each source, and which past ranges were filled."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "source_standings",
        sa.Column("source", sa.String(200), primary_key=True),
        sa.Column("next_at", sa.Float(53), nullable=False),
        sa.Column("rest_until", sa.Float(53), nullable=False),
        sa.Column("rest_seconds", sa.Float(53), nullable=False),
        sa.Column("trial_until", sa.Float(53), nullable=False),
        sa.Column("since", sa.Float(53), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("what", sa.String(200), nullable=False),
    )
    op.create_table(
        "backfills",
        sa.Column("source", sa.String(16), primary_key=True),
        sa.Column("ticker", sa.String(20), primary_key=True),
        sa.Column("first", sa.Date, primary_key=True),
        sa.Column("last", sa.Date, primary_key=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ingest_outcomes_by_ticker", "ingest_outcomes", ["ticker", "id"])
