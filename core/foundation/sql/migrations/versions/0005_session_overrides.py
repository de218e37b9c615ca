"""Sessions found to have happened, or not, other than the calendars say."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "session_overrides",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(64), nullable=False),
        sa.Column("calendar", sa.String(16), nullable=False),
        sa.Column("session", sa.Date, nullable=False),
        sa.Column("change", sa.String(16), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
    )
