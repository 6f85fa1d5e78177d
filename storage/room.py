"""The Room port: names in use in the local room, and our own posts there."""

import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.markup import clean
from bot.models import Channel, MemberRef, MessageRef, Platform, Space
from bot.ports import Changed
from storage.changes import note
from storage.database import Database
from storage.ledger.resolve import space_id
from storage.scopes import OF_CHANNEL, member_id
from storage.sql import number, one, rows, run
from storage.times import moment, ms

SECRET = "room-secret"  # noqa: S105 - the name of the setting that holds it
ROOM = Space(Platform.LOCAL, "local")


def folded(name: str) -> str:
    """How names are compared: without case and width."""
    return unicodedata.normalize("NFKC", " ".join(name.split())).casefold()


class SqlRoom:
    """What the local room keeps besides messages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def secret(self) -> bytes:
        """The key that signs names."""

        def work(connection: Connection) -> bytes:
            run(
                connection,
                "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
                (SECRET, secrets.token_hex(32)),
            )
            return bytes.fromhex(one(connection, "SELECT value FROM setting WHERE name = ?", (SECRET,))[0])

        return await self._database.write(work)

    async def take_name(self, name: str, at: datetime, held_for: int) -> MemberRef | None:
        """Take a name; None while somebody else holds it."""

        def work(connection: Connection) -> MemberRef | None:
            key, now = folded(name), ms(at)
            held = one(connection, "SELECT held_until FROM room_name WHERE folded = ?", (key,))
            if held is not None and held[0] > now:
                return None
            member = _newcomer(connection, clean(name), now)
            run(
                connection,
                "INSERT INTO room_name (folded, member_id, held_until) VALUES (?, ?, ?) ON CONFLICT (folded)"
                " DO UPDATE SET member_id = excluded.member_id, held_until = excluded.held_until",
                (key, member_id(connection, member), now + held_for * 1000),
            )
            return member

        return await self._database.write(work)

    async def hold_name(self, member: MemberRef, at: datetime, held_for: int) -> bool:
        """Hold a name on."""

        def work(connection: Connection) -> bool:
            done = run(
                connection,
                "UPDATE room_name SET held_until = ? WHERE member_id = ?",
                (ms(at) + held_for * 1000, member_id(connection, member)),
            )
            return done.rowcount > 0

        return await self._database.write(work)

    async def leave(self, member: MemberRef) -> None:
        """Let a name go."""

        def work(connection: Connection) -> None:
            run(connection, "DELETE FROM room_name WHERE member_id = ?", (member_id(connection, member),))

        await self._database.write(work)

    async def last_position(self, space: Space) -> int:
        """The highest position used in the room."""

        def work(connection: Connection) -> int:
            return max(
                number(
                    connection,
                    f"SELECT max((SELECT max(t.position) FROM {table} t WHERE t.channel_id = c.id)) FROM channel c"
                    " JOIN space s ON s.id = c.space_id WHERE s.platform = ? AND s.sid = ?",
                    (space.platform.value, space.id),
                )
                for table in ("message", "room_post")
            )

        return await self._database.read(work)

    async def put(self, ref: MessageRef, thread: str | None, card: str, marker: str, at: datetime) -> MessageRef:
        """Keep a post of ours; if the marker is there already, the message that has it."""

        def work(connection: Connection) -> MessageRef:
            channel = _channel(connection, ref.channel)
            done = run(
                connection,
                "INSERT INTO room_post (channel_id, position, mid, thread, card, marker, at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (channel_id, marker) DO NOTHING",
                (channel, ref.position, ref.id, thread, card, marker, ms(at)),
            )
            note(connection, Changed.ROOM, [channel] if done.rowcount else [])
            kept = one(connection, "SELECT mid FROM room_post WHERE channel_id = ? AND marker = ?", (channel, marker))
            return MessageRef(ref.channel, kept[0])

        return await self._database.write(work)

    async def change(self, ref: MessageRef, card: str) -> bool:
        """Replace a post's card."""
        return await self._touch(ref, "UPDATE room_post SET card = ? WHERE channel_id = ? AND position = ?", [card])

    async def remove(self, ref: MessageRef) -> bool:
        """Delete a post of ours."""
        return await self._touch(ref, "DELETE FROM room_post WHERE channel_id = ? AND position = ?", [])

    async def _touch(self, ref: MessageRef, statement: str, values: Sequence[object]) -> bool:
        def work(connection: Connection) -> bool:
            channel = _channel(connection, ref.channel)
            done = run(connection, statement, [*values, channel, ref.position]).rowcount > 0
            note(connection, Changed.ROOM, [channel] if done else [])
            return done

        return await self._database.write(work)

    async def find(self, channel: Channel, marker: str) -> MessageRef | None:
        """The post with a marker."""

        def work(connection: Connection) -> MessageRef | None:
            row = one(
                connection,
                f"SELECT mid FROM room_post WHERE channel_id = {OF_CHANNEL} AND marker = ?",
                (channel.space.platform.value, channel.space.id, channel.id, marker),
            )
            return None if row is None else MessageRef(channel, row[0])

        return await self._database.read(work)

    async def own(self, channel: Channel, thread: str | None = None) -> Sequence[tuple[MessageRef, str, datetime]]:
        """Our posts in a channel itself or in one thread, oldest first."""
        where = "thread IS NULL" if thread is None else "thread = ?"
        values = [channel.space.platform.value, channel.space.id, channel.id, *([] if thread is None else [thread])]

        def work(connection: Connection) -> list[tuple[MessageRef, str, datetime]]:
            found = rows(
                connection,
                f"SELECT mid, card, at FROM room_post WHERE channel_id = {OF_CHANNEL} AND {where} ORDER BY position",
                values,
            )
            return [(MessageRef(channel, row[0]), row[1], moment(row[2])) for row in found]

        return await self._database.read(work)


def _channel(connection: Connection, channel: Channel) -> int:
    """The number of a channel of the room. KeyError if nothing is known of it."""
    row = one(connection, f"SELECT {OF_CHANNEL}", (channel.space.platform.value, channel.space.id, channel.id))
    if row is None or row[0] is None:
        raise KeyError(channel)
    return int(row[0])


def _newcomer(connection: Connection, name: str, now: int) -> MemberRef:
    """A member for a name; whoever takes a name that was let go is somebody new."""
    member = MemberRef(ROOM, secrets.token_hex(8))
    run(
        connection,
        "INSERT INTO member (space_id, uid, name, name_at, is_bot) VALUES (?, ?, ?, ?, ?)",
        (space_id(connection, ROOM), member.id, name, now, False),
    )
    return member
