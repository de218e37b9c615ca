"""Aliases of specialists, longer by a ticker, which may point at nothing again."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    with op.batch_alter_table("alias_moves") as table:
        table.alter_column(
            "alias", existing_type=sa.String(32), type_=sa.String(64), existing_nullable=False
        )
        table.alter_column("version", existing_type=sa.Integer, nullable=True)
