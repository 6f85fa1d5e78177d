"""The Leases port: one row for each piece of work that only one process does at a time."""

from datetime import datetime

from sqlalchemy import Connection

from storage.database import Database
from storage.sql import one, run
from storage.times import ms

TAKE = (
    "INSERT INTO lease (name, owner, until) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE"
    " SET owner = excluded.owner, until = excluded.until WHERE lease.owner = excluded.owner OR lease.until <= ?"
)


class SqlLeases:
    """Leases in rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, name: str, owner: str, at: datetime, seconds: float) -> bool:
        """Take it or keep it longer. The writer is asked only if that would change something: reads are cheaper."""
        now, length = ms(at), int(seconds * 1000)

        def look(connection: Connection) -> bool | None:
            row = one(connection, "SELECT owner, until FROM lease WHERE name = ?", (name,))
            if row is None or row[1] <= now:
                return None
            return (None if row[1] - now <= length / 2 else True) if row[0] == owner else False

        had = await self._database.read(look)
        if had is not None:
            return had
        values = (name, owner, now + length, now)
        return await self._database.write(lambda connection: run(connection, TAKE, values).rowcount > 0)

    async def give_back(self, name: str, owner: str) -> None:
        """Let another process have it."""
        statement = "DELETE FROM lease WHERE name = ? AND owner = ?"
        await self._database.write(lambda connection: run(connection, statement, (name, owner)))
