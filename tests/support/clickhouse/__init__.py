"""ClickHouse for tests: its real engine, in a process of its own, behind its HTTP interface."""
