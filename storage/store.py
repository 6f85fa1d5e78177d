"""The whole store over one database."""

from storage.database import Database
from storage.ledger.ledger import SqlLedger
from storage.migrations import migrate
from storage.places import SqlPlaces


class SqlStore:
    """Everything durable, in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.places = SqlPlaces(database)
        self.ledger = SqlLedger(database, self.places)

    async def close(self) -> None:
        """Finish what is queued and close."""
        await self.database.close()


def open_store(url: str) -> SqlStore:
    """Bring a database to this version's schema and open it. ConfigError in one sentence if that cannot be."""
    migrate(url)
    return SqlStore(Database.open(url))
