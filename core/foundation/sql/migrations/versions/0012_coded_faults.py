"""Faults in the quarantine keep the code and the numbers of what is said of them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("quarantine", sa.Column("message", sa.JSON, nullable=True))
