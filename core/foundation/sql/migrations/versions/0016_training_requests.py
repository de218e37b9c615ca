"""Requests of a scope, their origin and beginning, the keys people gave, and leases on work."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    for column in (
        sa.Column("scope", sa.String(64), nullable=False, server_default=""),
        sa.Column("origin", sa.String(16), nullable=False, server_default="program"),
        sa.Column("started_at", instant, nullable=True),
        sa.Column("skipped_for", sa.Integer, nullable=True),
        sa.Column("sentence", sa.JSON, nullable=True),
    ):
        op.add_column("requests", column)
    rows = sa.table(
        "requests",
        sa.column("id", sa.Integer),
        sa.column("flow", sa.String),
        sa.column("parameters", sa.JSON),
        sa.column("who", sa.String),
        sa.column("scope", sa.String),
        sa.column("origin", sa.String),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(rows)).all():
        by_program = row.who == "program" or row.flow == "publish"
        values = {
            "scope": str(row.parameters.get("scope", ""))[:64],
            "origin": "program" if by_program else "page",
        }
        connection.execute(sa.update(rows).where(rows.c.id == row.id).values(**values))
    op.drop_index("requests_one_open", "requests")
    op.create_index(
        "requests_one_open",
        "requests",
        ["flow", "scope"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "request_keys",
        sa.Column("who", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("request", sa.Integer, sa.ForeignKey("requests.id"), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", instant, nullable=False),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(96), primary_key=True),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("acquired_at", instant, nullable=False),
        sa.Column("expires_at", instant, nullable=False),
        sa.Column("fence", sa.Integer, nullable=False),
    )
