"""The Store over SQLModel tables, on SQLite and PostgreSQL."""

from storage.migrations import migrate
from storage.store import SqlStore, open_store

__all__ = ["SqlStore", "migrate", "open_store"]
