"""The records database: SQLite or PostgreSQL, its migrations, and rows sealed in a chain."""
