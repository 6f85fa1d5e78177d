"""The whole store."""

from pathlib import Path
from typing import Protocol

from bot.ports.delivery import Calendar, Outbox, Setbacks
from bot.ports.forum import Desk, Forum
from bot.ports.gaps import Gaps
from bot.ports.keeping import Keeping
from bot.ports.leases import Leases
from bot.ports.ledger import Ledger
from bot.ports.links import Links
from bot.ports.places import People, Places, Room
from bot.ports.sweeps import Sweeps


class Store(Protocol):
    """Everything durable. Every method of a part is one transaction; writes go through one writer, reads beside it.

    Times are aware datetimes, kept as epoch milliseconds. Text is cleaned before it is stored.
    """

    @property
    def ledger(self) -> Ledger:
        """Events in, changes out."""
        ...

    @property
    def forum(self) -> Forum:
        """Reads."""
        ...

    @property
    def gaps(self) -> Gaps:
        """What we may have missed."""
        ...

    @property
    def sweeps(self) -> Sweeps:
        """Rounds through what is on the web."""
        ...

    @property
    def leases(self) -> Leases:
        """Work that one process does at a time."""
        ...

    @property
    def desk(self) -> Desk:
        """Decisions about discussions."""
        ...

    @property
    def places(self) -> Places:
        """Spaces and channels."""
        ...

    @property
    def links(self) -> Links:
        """Links between spaces."""
        ...

    @property
    def people(self) -> People:
        """Members."""
        ...

    @property
    def calendar(self) -> Calendar:
        """Schedules and runs."""
        ...

    @property
    def outbox(self) -> Outbox:
        """Our posts."""
        ...

    @property
    def setbacks(self) -> Setbacks:
        """What was not posted."""
        ...

    @property
    def keeping(self) -> Keeping:
        """How long words are kept."""
        ...

    @property
    def room(self) -> Room:
        """The local room."""
        ...

    @property
    def trouble(self) -> str:
        """Why this process's last attempt to write failed, in a sentence; "" if it did not. Reading may still work."""
        ...

    async def backup(self, target: Path) -> None:
        """Write one consistent copy of the database to a file that does not exist yet (VACUUM INTO, pg_dump)."""
        ...

    async def close(self) -> None:
        """Finish what is queued and close."""
        ...
