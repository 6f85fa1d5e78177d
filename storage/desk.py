"""The Desk port: what openers, authors and moderators decide."""

from datetime import datetime

from sqlalchemy import Connection

from bot.markup import clean
from bot.models import Level, MemberRef, MessageRef, Platform, Stored
from bot.ports import Changed
from storage import notes
from storage.changes import mark, mark_digests, note
from storage.database import Database
from storage.ledger import discussions
from storage.ledger.ingest import adopt, redact
from storage.ledger.solved import Said, decide, kept
from storage.ledger.votes import highlighted, move_highlights
from storage.scopes import SPOT, somebody, spot
from storage.sql import one, rows, run
from storage.times import ms

# Our posts that show a discussion, but for digests: its card, and what carries its words.
SHOWING = (
    "SELECT o.id FROM own_post o WHERE o.subject = ? OR o.id IN (SELECT p.post_id FROM placement p JOIN message m"
    " ON m.channel_id = p.channel_id AND m.position = p.position WHERE m.discussion_id = ?)"
)


class SqlDesk:
    """Decisions about discussions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def set_stored(self, discussion: int, stored: Stored, by: MemberRef, at: datetime, outcome: str = "") -> bool:
        """Conclude or reopen. Whoever changes the outcome counts as who concluded it; the time stays the first one."""

        def work(connection: Connection) -> bool:
            query = "SELECT stored, outcome, state_at, tagged FROM discussion WHERE id = ?"
            before = one(connection, query, (discussion,))
            kept_outcome = _kept_words(connection, discussion, outcome)
            if before is None or tuple(before[:2]) == (stored.value, kept_outcome):
                return False
            new: bool = before[0] != stored.value
            said = Said(stored.value, somebody(connection, by), ms(at), ms(at) if new else before[2])
            run(
                connection,
                "UPDATE discussion SET outcome = ?, said = ?, said_by = ?, said_at = ?, said_since = ?,"
                " stored = ?, state_by = ?, state_at = ?, unsettled = ? WHERE id = ?",
                (kept_outcome, *said, *decide(said, kept(before[3])), True, discussion),
            )
            mark_showing(connection, discussion)
            note(connection, Changed.DISCUSSION, [discussion])
            return new

        return await self._database.write(work)

    async def set_words(
        self, discussion: int, title: str | None, summary: str | None, by: MemberRef, at: datetime
    ) -> None:
        """Set title and summary. Each is kept with whoever set it: it goes when they opt out or are erased."""
        given = {"title": title, "summary": summary}

        def work(connection: Connection) -> None:
            who = somebody(connection, by)
            for name, words in given.items():
                if words is not None:
                    run(
                        connection,
                        f"UPDATE discussion SET {name}_set = ?, {name}_by = ?, {name}_at = ?, unsettled = ?"
                        " WHERE id = ?",
                        (_kept_words(connection, discussion, words), who, ms(at), True, discussion),
                    )
            mark_showing(connection, discussion)
            note(connection, Changed.DISCUSSION, [discussion])

        await self._database.write(work)

    async def set_hidden(self, discussion: int, hidden: bool, by: MemberRef, at: datetime) -> bool:
        """Hide or show, and heal every copy."""

        def work(connection: Connection) -> bool:
            done = run(
                connection,
                "UPDATE discussion SET hidden = ?, hidden_by = ?, hidden_at = ?, unsettled = ?"
                " WHERE id = ? AND hidden <> ?",
                (hidden, somebody(connection, by), ms(at), True, discussion, hidden),
            )
            if done.rowcount:
                mark_showing(connection, discussion)
                note(connection, Changed.DISCUSSION, [discussion])
            return done.rowcount > 0

        return await self._database.write(work)

    async def track(self, ref: MessageRef, by: MemberRef, at: datetime, *, chain: bool = False) -> int:
        """Make the message's thread a discussion, or find the one it is in already. KeyError if it was never seen."""

        def work(connection: Connection) -> int:
            row = one(connection, f"SELECT m.discussion_id, m.channel_id, m.mid FROM message m WHERE {SPOT}", spot(ref))
            if row is None:
                raise KeyError(ref)
            discussion, root = row[0], (int(row[1]), ref.position)
            if discussion is None:
                discussions.make(connection, {root: (row[2], ref.channel.space.platform)})
                discussion = discussions.known(connection, [root])[root].id
            if root in discussions.known(connection, [root]):
                adopt(connection, root, discussion, chain=chain and ref.channel.space.platform is Platform.DISCORD)
            run(connection, "UPDATE discussion SET forced = ?, unsettled = ? WHERE id = ?", (True, True, discussion))
            _log(connection, "track", root, by, at)
            note(connection, Changed.DISCUSSION, [discussion])
            return int(discussion)

        return await self._database.write(work)

    async def mark_answer(self, question: MessageRef, answer: MessageRef, by: MemberRef, at: datetime) -> None:
        """Mark a message as the answer to the questions in another one. KeyError unless one discussion has both."""

        def work(connection: Connection) -> None:
            asked, told = (
                one(connection, f"SELECT m.discussion_id FROM message m WHERE {SPOT}", spot(ref))
                for ref in (question, answer)
            )
            if asked is None or told is None or asked[0] is None or asked[0] != told[0]:
                raise KeyError(question, answer)
            run(
                connection,
                "INSERT INTO answered (discussion_id, question, answer, by_id, at) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (discussion_id, question) DO UPDATE SET answer = excluded.answer,"
                " by_id = excluded.by_id, at = excluded.at",
                (asked[0], question.position, answer.position, somebody(connection, by), ms(at)),
            )
            run(connection, "UPDATE discussion SET unsettled = ? WHERE id = ?", (True, asked[0]))
            note(connection, Changed.DISCUSSION, [asked[0]])

        await self._database.write(work)

    async def set_note(self, ref: MessageRef, by: MemberRef, text: str, at: datetime) -> bool:
        """Keep what a member says of a message, or take it back, and heal the posts that quote the message."""

        def work(connection: Connection) -> bool:
            changed = notes.keep(connection, ref, by, text, ms(at))
            if changed:
                query = f"SELECT m.channel_id, m.position, m.discussion_id FROM message m WHERE {SPOT}"
                row = one(connection, query, spot(ref))
                redact(connection, {(row[0], row[1])})
                note(connection, Changed.DISCUSSION, [] if row[2] is None else [row[2]])
            return changed

        return await self._database.write(work)

    async def hold(self, ref: MessageRef, by: MemberRef, as_moderator: bool, held: bool, at: datetime) -> bool:
        """Take a highlight down or block it, or lift that."""
        column = "held_moderator" if as_moderator else "held_author"

        def work(connection: Connection) -> bool:
            query = f"SELECT m.channel_id, m.discussion_id, m.{column} FROM message m WHERE {SPOT}"
            row = one(connection, query, spot(ref))
            if row is None or bool(row[2]) == held:
                return False
            place = (int(row[0]), ref.position)
            before = highlighted(connection, [place])
            run(
                connection,
                f"UPDATE message SET {column} = ? WHERE channel_id = ? AND position = ?",
                (held, *place),
            )
            move_highlights(connection, before, highlighted(connection, [place]))
            redact(connection, {place})
            _log(connection, f"{column} {held}", place, by, at)
            note(connection, Changed.DISCUSSION, [] if row[1] is None else [row[1]])
            return True

        return await self._database.write(work)


def _kept_words(connection: Connection, discussion: int, words: str) -> str:
    """What is kept of words that somebody set: none where only numbers are kept."""
    counts_only = (
        "SELECT 1 FROM discussion d JOIN channel c ON c.id = d.channel_id JOIN space s ON s.id = c.space_id"
        " WHERE d.id = ? AND c.level = ? AND NOT s.hosted"
    )
    return "" if rows(connection, counts_only, (discussion, Level.COUNT.value)) else clean(words)


def mark_showing(connection: Connection, discussion: int) -> None:
    """Mark our posts that show a discussion."""
    mark(connection, [row[0] for row in rows(connection, SHOWING, (f"card:{discussion}", discussion))])
    mark_digests(connection, discussion)


def _log(connection: Connection, kind: str, place: tuple[int, int], by: MemberRef, at: datetime) -> None:
    """Record who decided what about a message."""
    run(
        connection,
        "INSERT INTO act (kind, channel_id, position, by_id, at) VALUES (?, ?, ?, ?, ?)",
        (kind, *place, somebody(connection, by), ms(at)),
    )
