"""What Alembic runs to reach the database: on the connection, and in the transaction, it is given.

It leaves logging as the entry point set it.
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
