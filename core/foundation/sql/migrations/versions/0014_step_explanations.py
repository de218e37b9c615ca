"""Steps in the quarantine keep what a person said they were."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("quarantine", sa.Column("explanation", sa.String(40), nullable=True))
