"""What people say of messages as they highlight them. Their words: they go, and hide, as other words of theirs do."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from bot.markup import clean
from bot.models import NOTE_LIMIT, Channel, MemberRef, MessageRef, Note, Platform, Space
from storage.ledger.votes import ACTIVE
from storage.scopes import SPOT, member_id, somebody, spot
from storage.sql import by_keys, one, rows, run
from storage.times import moment

AT_MESSAGE = "m.channel_id = n.channel_id AND m.position = n.position"
VOTED = (
    "EXISTS (SELECT 1 FROM vote v WHERE v.channel_id = n.channel_id AND v.position = n.position"
    f" AND v.member_id = n.member_id AND {ACTIVE})"
)
NOTES = (
    "SELECT m.id, s.platform, s.sid, c.cid, m.mid, n.text, a.name, n.at FROM message m"
    f" JOIN note n ON {AT_MESSAGE} JOIN member a ON a.id = n.member_id"
    " JOIN channel c ON c.id = n.channel_id JOIN space s ON s.id = c.space_id"
)
SHOWN = f"m.deleted_at IS NULL AND a.opted_out_at IS NULL AND {VOTED}"
KEEP = (
    "INSERT INTO note (channel_id, position, member_id, text, at)"
    f" SELECT m.channel_id, m.position, ?, ?, ? FROM message m WHERE {SPOT} AND m.deleted_at IS NULL"
    " AND m.text IS NOT NULL ON CONFLICT (channel_id, position, member_id)"
    " DO UPDATE SET text = excluded.text, at = excluded.at"
)


def keep(connection: Connection, ref: MessageRef, by: MemberRef, text: str, at: int) -> bool:
    """Keep a note in place of the one before; "" takes it back. False if nothing changed."""
    words = clean(text).strip()[:NOTE_LIMIT]
    if words:
        return run(connection, KEEP, (somebody(connection, by), words, at, *spot(ref))).rowcount > 0
    row = one(connection, f"SELECT m.channel_id, m.position FROM message m WHERE {SPOT}", spot(ref))
    if row is None:
        return False
    delete = "DELETE FROM note WHERE channel_id = ? AND position = ? AND member_id = ?"
    return run(connection, delete, (*row, member_id(connection, by))).rowcount > 0


def at_messages(connection: Connection, messages: Sequence[int]) -> Mapping[int, tuple[Note, ...]]:
    """The notes that may be shown of some messages by our numbers, oldest first."""
    found = by_keys(connection, f"{NOTES} WHERE m.id IN ({{keys}}) AND {SHOWN}", messages)
    notes: dict[int, tuple[Note, ...]] = {}
    for row in sorted(found, key=lambda row: row[-1]):
        notes[row[0]] = (*notes.get(row[0], ()), _note(row))
    return notes


def at_message(connection: Connection, ref: MessageRef) -> list[Note]:
    """The notes that may be shown of one message, oldest first."""
    return [_note(row) for row in rows(connection, f"{NOTES} WHERE {SPOT} AND {SHOWN} ORDER BY n.at", spot(ref))]


def of_member(connection: Connection, member: int | None) -> list[Note]:
    """Everything that a member noted, oldest first."""
    return [_note(row) for row in rows(connection, f"{NOTES} WHERE n.member_id = ? ORDER BY n.at", (member,))]


def _note(row: Sequence[object]) -> Note:
    _, platform, sid, cid, mid, text, name, at = row
    ref = MessageRef(Channel(Space(Platform(str(platform)), str(sid)), str(cid)), str(mid))
    return Note(ref=ref, text=str(text), author_name=str(name), at=moment(int(str(at))))


def places_of(connection: Connection, member: int) -> list[tuple[int, int, int | None]]:
    """Where a member noted something: channel, position, discussion."""
    query = f"SELECT n.channel_id, n.position, m.discussion_id FROM note n JOIN message m ON {AT_MESSAGE}"
    return [(row[0], row[1], row[2]) for row in rows(connection, f"{query} WHERE n.member_id = ?", (member,))]


def erase(connection: Connection, member: int) -> None:
    """Delete a member's notes, and others' notes on what they wrote; from what our posts were frozen with as well."""
    run(
        connection,
        "UPDATE own_post SET card = NULL WHERE kind = 'highlight' AND id IN (SELECT p.post_id FROM placement p"
        " JOIN note n ON n.channel_id = p.channel_id AND n.position = p.position WHERE n.member_id = ?)",
        (member,),
    )
    run(
        connection,
        "DELETE FROM note WHERE member_id = ? OR EXISTS (SELECT 1 FROM message m WHERE m.channel_id = note.channel_id"
        " AND m.position = note.position AND m.author_id = ?)",
        (member, member),
    )
