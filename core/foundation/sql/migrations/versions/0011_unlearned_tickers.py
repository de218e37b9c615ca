"""Reports of monitoring say which served tickers the version never learned from."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("monitor_reports", sa.Column("unlearned", sa.JSON, nullable=True))
