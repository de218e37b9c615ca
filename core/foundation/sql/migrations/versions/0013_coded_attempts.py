"""Attempts to fetch bars keep the code and the numbers of why they failed."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("ingest_outcomes", sa.Column("sentence", sa.JSON, nullable=True))
