"""From where an action came: the door and the network address; empty for those of before."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    for name, length in (("door", 16), ("address", 64)):
        column = sa.Column(name, sa.String(length), nullable=False, server_default="")
        op.add_column("audit", column)
