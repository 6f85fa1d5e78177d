"""The whole store over one database."""

import asyncio
from pathlib import Path

from storage.backup import backup
from storage.calendar import SqlCalendar
from storage.database import Database
from storage.desk import SqlDesk
from storage.forum import SqlForum
from storage.gaps import SqlGaps
from storage.keeping import SqlKeeping
from storage.leases import SqlLeases
from storage.ledger.ledger import SqlLedger
from storage.links import SqlLinks
from storage.migrations import migrate
from storage.outbox import SqlOutbox
from storage.people import SqlPeople
from storage.places import SqlPlaces
from storage.room import SqlRoom
from storage.setbacks import SqlSetbacks
from storage.sweeps import SqlSweeps


class SqlStore:
    """Everything durable, in SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.places = SqlPlaces(database)
        self.ledger = SqlLedger(database, self.places)
        self.forum = SqlForum(database, self.places)
        self.gaps = SqlGaps(database, self.places)
        self.sweeps = SqlSweeps(database, self.places)
        self.leases = SqlLeases(database)
        self.desk = SqlDesk(database)
        self.links = SqlLinks(database, self.places)
        self.people = SqlPeople(database, self.places)
        self.calendar = SqlCalendar(database, self.places)
        self.outbox = SqlOutbox(database, self.places)
        self.setbacks = SqlSetbacks(database, self.places)
        self.keeping = SqlKeeping(database)
        self.room = SqlRoom(database)

    @property
    def trouble(self) -> str:
        """Why nothing can be written just now, "" if that is not known."""
        return self.database.trouble

    async def backup(self, target: Path) -> None:
        """Write one consistent copy of the database."""
        await asyncio.to_thread(backup, self.database, target)

    async def close(self) -> None:
        """Finish what is queued and close."""
        await self.database.close()


def open_store(url: str) -> SqlStore:
    """Bring a database to this version's schema and open it. ConfigError in one sentence if that cannot be."""
    migrate(url)  # which looks at all of it first
    return SqlStore(Database(url))
