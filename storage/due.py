"""Which of our posts are due, and in what order."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

from sqlalchemy import Connection

from bot.models import Channel, Platform, Space, Thread
from bot.ports import Busy, Edits, Posts
from storage.scopes import Channels, Condition
from storage.sql import chunks, marks, rounded, rows

T = TypeVar("T")
COLUMNS = (
    "id, kind, subject, channel_id, thread, marker, state, card, mid, attempts, dirty_at, next_change_at, planned_at,"
    " reason"
)
FEWEST = 16  # channels, places and spaces that a statement has room for
FREE = "leased_until <= ? AND not_before <= ?"

# Of what changed, each change that waits makes a post as urgent as if it had gone stale so many changes earlier. Where
# calls are short that halves the time that a change waits, and nothing is overtaken for ever.
WEIGHT = 400
URGENCY = f"dirty_at - {WEIGHT} * (marks - claimed_marks)"

# What is due, each part by its index: what was never shown, then what failed to be changed, what the clock made untrue,
# and what changed: what waits longest and with most changes first.
DUE = (
    ("1", f"state = 'planned' AND {FREE}", "planned_at"),
    ("1", f"state = 'sending' AND mid IS NULL AND {FREE}", "planned_at"),
    ("2", f"state IN ('sending', 'parked') AND mid IS NOT NULL AND {FREE}", "planned_at"),
    ("3", f"next_change_at <= ? AND state = 'live' AND {FREE}", "next_change_at"),
    ("4", f"state = 'live' AND dirty_at IS NOT NULL AND {FREE}", URGENCY),
)


def due(
    connection: Connection,
    now: int,
    limit: int,
    elsewhere: Condition,
    singly: Collection[int] = (),
    had: Mapping[int, int] = MappingProxyType({}),
) -> list[Any]:
    """At most `limit` posts to send or edit, and never two for one place: new ones first, then edits.

    Channels take turns, and in each the most urgent post comes first. `had` tells how many turns channels had lately:
    who had fewer comes first. A channel in `singly` is one place together with all its threads, for new posts.
    """
    found: list[Any] = []
    condition, more = elsewhere
    before, turns = _before(had)
    for part, where, order in DUE:
        values = (turns, (now,) * where.count("?"), more, (limit,))
        turn = f"row_number() OVER (PARTITION BY channel_id ORDER BY {order}, id){before}"
        query = (
            f"SELECT {COLUMNS}, {turn} AS turn, {part}, {order} AS urgency FROM own_post WHERE {where} AND {condition}"
            " ORDER BY turn, urgency, id LIMIT ?"
        )
        found += rows(connection, query, [each for part in values for each in part])
    first: dict[tuple[int, str | None], Any] = {}
    for row in sorted(found, key=lambda row: (row[8] is not None, *row[-3:], row[0])):
        first.setdefault((row[3], NEW if row[3] in singly and row[8] is None else row[4]), row)
    return list(first.values())[:limit]


def _before(had: Mapping[int, int]) -> Condition:
    """The SQL that adds the turns that channels had lately to those they get now."""
    turns = _filled(sorted(had.items()), (0, 0))
    return f" + CASE channel_id {'WHEN ? THEN ? ' * len(turns)}ELSE 0 END", [each for turn in turns for each in turn]


def _filled(some: Sequence[T], nothing: T) -> list[T]:
    """Pad a list with `nothing`, so that lists come in few lengths: each length makes five statements of its own."""
    return rounded([*some, *[nothing] * (FEWEST - len(some))])


NEW_IN = "CASE WHEN mid IS NULL THEN channel_id ELSE -1 END"  # where it is to be posted; -1 if it was, as no channel is
NEW = "new"  # never the id of a thread
PLACE = "CAST(channel_id AS TEXT) || ':' || COALESCE(thread, '')"
WITHIN = "channel_id IN (SELECT id FROM channel WHERE space_id IN (SELECT id FROM space WHERE {spaces}))"
PLATFORM = f"platform IN ({marks(len(Platform))})"
SPACE = "platform IN ('discord', 'local', 'slack') AND sid"  # the index wants both; no id is that of two spaces


def elsewhere(busy: Collection[Busy], channels: Channels) -> Condition:
    """The condition that leaves out what stands in busy places, spaces and platforms."""
    keys = {known.channel: key for key, known in channels.items()} if busy else {}
    wider: list[Platform | Space | Edits] = []
    places: list[str] = []
    posts: list[int] = []
    for each in busy:
        match each:
            case Channel():
                places.append(f"{keys.get(each)}:")
            case Thread():
                places.append(f"{keys.get(each.channel)}:{each.id}")
            case Posts(channel=channel):
                posts.append(keys.get(channel, 0))
            case _:
                wider.append(each)
    parts = [*_outside(wider), *_not_in(PLACE, places, ""), *_not_in(NEW_IN, posts, 0)]
    return " AND ".join(part for part, _ in parts), [value for _, values in parts for value in values]


def _in(what: str, some: Collection[T], nothing: T) -> list[Condition]:
    """Conditions of which one holds where `what` is one of these; `nothing` is a value that `what` never has."""
    return [(f"{what} IN ({marks(len(part))})", list(part)) for part in chunks(_filled(list(some), nothing))]


def _not_in(what: str, left_out: Collection[T], nothing: T) -> list[Condition]:
    """Conditions that all hold where `what` is none of these."""
    return [(f"NOT {condition}", values) for condition, values in _in(what, left_out, nothing)]


def _outside(busy: Collection[Platform | Space | Edits]) -> Iterator[Condition]:
    """Conditions that leave out busy platforms and spaces, and edits where only those have to wait.

    They read the same however much is busy, so that their statements stay prepared.
    """
    platforms = [each.value if each in busy else "" for each in Platform]
    spaces = [each.id for each in busy if isinstance(each, Space)]
    changing = [each.space.id for each in busy if isinstance(each, Edits)]
    yield f"NOT {WITHIN.format(spaces=PLATFORM)}", [*platforms]
    for condition, values in _in(SPACE, spaces, ""):
        yield f"NOT {WITHIN.format(spaces=condition)}", values
    for condition, values in _in(SPACE, changing, ""):
        yield f"(mid IS NULL OR NOT {WITHIN.format(spaces=condition)})", values
