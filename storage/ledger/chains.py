"""Reply chains: what answers a tracked message in the channel itself, or answers such an answer, belongs to it.

Such a message stands in its channel like any other (`thread` is its own position); `chain_id` keeps the chain to which
its references lead. It is in the chain's discussion unless it opens one of its own, as when somebody makes a thread of
it; what answers it then still belongs to the chain. Of two tracked messages on the way the nearer one holds.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from storage.ledger.messages import Differences, Row, differ, existing, write
from storage.sql import by_keys, many, rows, run

Spot = tuple[int, int]  # channel, position

# Everything that answers some messages, directly or not, and they themselves.
BELOW = (
    "WITH RECURSIVE below(channel_id, position) AS ("
    " SELECT CAST(column1 AS INTEGER), CAST(column2 AS BIGINT) FROM {keys}"
    " UNION SELECT m.channel_id, m.position FROM below b CROSS JOIN message m WHERE m.channel_id = b.channel_id"
    " AND m.reply_to = b.position AND m.reply_to IS NOT NULL AND m.thread = m.position)"
    " SELECT m.channel_id, m.position, m.reply_to, m.chain_id, m.discussion_id, own.id"
    " FROM below b CROSS JOIN message m LEFT JOIN discussion own ON own.channel_id = m.channel_id"
    " AND own.root = m.position WHERE m.channel_id = b.channel_id AND m.position = b.position"
    " AND m.thread = m.position AND m.author_id IS NOT NULL"
)
# Where the references of a message lead that answers one of these.
ABOVE = (
    "SELECT column1, column2, COALESCE(d.id, m.chain_id), d.id IS NOT NULL FROM {keys}"
    " LEFT JOIN discussion d ON d.channel_id = column1 AND d.root = column2 AND d.chain"
    " LEFT JOIN message m ON m.channel_id = column1 AND m.position = column2 AND m.thread = m.position"
)


class Link(NamedTuple):
    """A message in a channel, by what it answers."""

    reply_to: int | None
    chain: int | None
    discussion: int | None
    own: int | None  # the discussion that it opens


def begin(connection: Connection, root: Spot, discussion: int) -> bool:
    """Let a discussion have the answers in its channel from now on; False if it has them already."""
    done = run(connection, "UPDATE discussion SET chain = TRUE WHERE id = ? AND NOT chain", (discussion,))
    run(connection, "UPDATE channel SET chains = TRUE WHERE id = ?", (root[0],))
    return done.rowcount > 0


def answers(connection: Connection, root: Spot) -> set[Spot]:
    """What answers a message in its channel."""
    found = rows(
        connection,
        "SELECT m.channel_id, m.position FROM message m WHERE m.channel_id = ? AND m.reply_to = ?"
        " AND m.reply_to IS NOT NULL AND m.thread = m.position",
        root,
    )
    return {(row[0], row[1]) for row in found}


def follow(connection: Connection, changed: Iterable[Spot], differences: Differences) -> None:
    """Put messages that are new, or answer something else now, where their references lead, and all that answers them.

    Three look-ups for all of them; adds to the differences what that changes.
    """
    below = {(row[0], row[1]): Link(row[2], row[3], row[4], row[5]) for row in by_keys(connection, BELOW, changed)}
    leads = _leads(connection, below)
    chains = {spot: chain if chain != below[spot].own else None for spot, chain in leads.items()}
    homes = {spot: link.own if link.own is not None else chains[spot] for spot, link in below.items()}
    moved = {spot for spot, home in homes.items() if home != below[spot].discussion}
    updates = []
    for spot, old in existing(connection, moved).items():  # as it was: its new chain is not written yet
        own = below[spot].own is not None
        new = old._replace(discussion=homes[spot], chained=homes[spot] is not None and not own)
        differ(differences, old, new)
        _came(differences, new)
        updates.append(new)
    write(connection, [], updates)
    many(
        connection,
        "UPDATE message SET chain_id = ? WHERE channel_id = ? AND position = ?",
        [(chain, *spot) for spot, chain in chains.items() if chain != below[spot].chain],
    )


def _came(differences: Differences, row: Row) -> None:
    """A reply that came live is one now wherever it belongs to."""
    if row.live and row.chained and row.discussion is not None:
        differences.live[row.discussion] = max(row.sent_at, differences.live.get(row.discussion, 0))


def _leads(connection: Connection, below: Mapping[Spot, Link]) -> dict[Spot, int | None]:
    """The chain to which each message's references lead; to none where they go in a circle."""
    wanted = {(spot[0], link.reply_to) for spot, link in below.items() if link.reply_to is not None}
    above = {(row[0], row[1]): (row[2], bool(row[3])) for row in by_keys(connection, ABOVE, wanted)}
    leads: dict[Spot, int | None] = {}
    for spot in below:
        way: dict[Spot, None] = {}
        chain, at = None, spot
        while at not in way:
            if at in leads:
                chain = leads[at]
                break
            way[at] = None
            target = below[at].reply_to
            if target is None:
                break
            up = (spot[0], target)
            if above[up][1] or up not in below:
                chain = above[up][0]
                break
            at = up
        leads.update(dict.fromkeys(way, chain))
    return leads
