"""What the gate said of challengers."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "challenger", sa.Integer, sa.ForeignKey("model_versions.version"), nullable=False
        ),
        sa.Column("champion", sa.Integer, sa.ForeignKey("model_versions.version"), nullable=False),
        sa.Column("told", sa.JSON, nullable=False),
    )
