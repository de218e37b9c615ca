"""Moves of an alias that undo an earlier one say so; of those made before nobody knows."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    with op.batch_alter_table("alias_moves") as table:
        table.add_column(sa.Column("back", sa.Boolean, nullable=False, server_default=sa.false()))
