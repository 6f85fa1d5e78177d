"""The Store over SQLModel tables, on SQLite and PostgreSQL."""
