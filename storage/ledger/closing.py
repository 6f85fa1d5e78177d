"""Channels that close and open again: what is said meanwhile was never meant for the web.

Once somebody wrote while a channel was closed, all that is older than its opening stays off the web, as after a raise.
While nobody did, everything is back when it opens.
"""

from collections.abc import Iterable

from sqlalchemy import Connection

from bot.models import Level
from bot.ports import Changed
from storage.changes import note
from storage.sql import many

CLOSED = "(private OR nsfw OR connect OR COALESCE(removed_at >= info_at, FALSE))"
READ = "COALESCE(NULLIF(gap_after, 0), watermark)"  # what comes after that may have been said after it closed
CLOSE = (
    f"UPDATE channel SET closed_until = NULL, closed_from = CASE WHEN {READ} BETWEEN 1 AND ? THEN {READ} + 1"
    f" ELSE CAST(? AS BIGINT) END WHERE id = ? AND level > {Level.DIGEST.value}"
    " AND (closed_from IS NULL OR closed_until IS NOT NULL)"
)
AS_TOLD = f"{CLOSE} AND info_at <= ?"
AS_KNOWN = f"{CLOSE} AND {CLOSED}"
OPEN = (
    "UPDATE channel SET closed_until = ?, web_from = CASE WHEN web_from > closed_from THEN CAST(? AS BIGINT) + 1"
    f" ELSE web_from END WHERE id = ? AND closed_from IS NOT NULL AND closed_until IS NULL AND NOT {CLOSED}"
)
HOLD_BACK = (
    "UPDATE channel SET web_from = COALESCE(closed_until, CAST(? AS BIGINT)) + 1"
    " WHERE id = ? AND web_from <= closed_from"
)


def close(connection: Connection, told: Iterable[tuple[int, int, int]]) -> None:
    """Keep from when on channels are closed, before it is kept what they are now; each with a position and its time."""
    many(connection, AS_TOLD, [(position, position, channel, at) for channel, position, at in sorted(told)])


def reopen(connection: Connection, told: Iterable[tuple[int, int, int]]) -> None:
    """Keep until when channels were closed that are open now."""
    many(connection, OPEN, [(position, position, channel) for channel, position, _ in sorted(told)])


def hold_back(connection: Connection, said: Iterable[tuple[int, int]]) -> None:
    """Somebody wrote while a channel was closed; `said` has channels and positions."""
    found = dict(sorted(said))
    if found:
        many(connection, HOLD_BACK, [(position, channel) for channel, position in found.items()])
        note(connection, Changed.CHANNEL, sorted(found))
