"""From rows to values, once for each: nothing else in the program knows what a row looks like."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from bot.models import Discussion, KnownChannel, MemberRef, MessageRef, Post, Stored, Thread, Withheld
from storage.sql import rows
from storage.times import maybe, moment

SHOWN = "(d.forced OR d.replies_ever > 0)"  # the thread is a discussion

DISCUSSION = (
    "SELECT d.id, d.channel_id, d.key, d.name, d.title_set, d.summary_set, d.title_made, d.summary_made, d.count,"
    " d.participants, d.highlights, d.waiting, d.last_at, d.opened_at, o.uid, o.name,"
    " o.opted_out_at IS NOT NULL OR o.erased_at IS NOT NULL, d.stored, b.name,"
    " b.opted_out_at IS NOT NULL OR b.erased_at IS NOT NULL, d.state_at, d.outcome,"
    " CASE WHEN d.stored = 'concluded' THEN (SELECT count(*) FROM message m WHERE m.discussion_id = d.id AND m.counted"
    " AND m.deleted_at IS NULL AND m.sent_at > d.state_at) ELSE 0 END,"
    " d.archive_after, d.archived, d.locked, d.gone_at IS NOT NULL AND d.gone_at > d.info_at, d.hidden, d.private,"
    " d.url FROM discussion d LEFT JOIN member o ON o.id = d.opener_id LEFT JOIN member b ON b.id = d.state_by"
)


def discussions_where(
    connection: Connection, channels: Mapping[int, KnownChannel], where: str, values: Sequence[Any] = ()
) -> list[Discussion]:
    """The discussions (of known channels) that a condition on `d` names, with its order and limit."""
    found = rows(connection, f"{DISCUSSION} WHERE {SHOWN} AND {where}", values)
    return [discussion(row, channels[row[1]]) for row in found if row[1] in channels]


def discussion(row: Sequence[Any], channel: KnownChannel) -> Discussion:
    """A row of DISCUSSION as a value."""
    space = channel.channel.space
    return Discussion(
        id=row[0],
        thread=Thread(channel.channel, row[2]),
        channel=channel,
        title=row[4] or row[3] or row[6],
        summary=row[5] or row[7],
        title_set=bool(row[4]),
        summary_set=bool(row[5]),
        count=row[8],
        participants=row[9],
        highlights=row[10],
        waiting=row[11],
        last_activity=moment(row[12]),
        opened_at=moment(row[13]),
        opener=None if row[14] is None else MemberRef(space, row[14]),
        opener_name=None if row[16] else row[15],
        stored=Stored(row[17]),
        state_by=None if row[19] else row[18],
        state_at=maybe(row[20]),
        outcome=row[21],
        replies_since=row[22],
        quiet_after=channel.quiet_after,
        archive_after=row[23],
        archived=bool(row[24]),
        locked=bool(row[25]),
        removed=bool(row[26]) or channel.removed,
        hidden=bool(row[27]),
        private=bool(row[28]),
        url=row[29],
    )


POST = (
    "SELECT m.channel_id, m.mid, m.discussion_id, a.uid, a.name, a.is_bot, m.text, m.deleted_at, a.opted_out_at,"
    " a.erased_at, m.counted, m.sent_at, m.edited_at, m.reply_to, m.files, m.votes, m.picked,"
    " m.held_author OR m.held_moderator, m.url, r.mid, m.voted_at, m.position"
    " FROM message m LEFT JOIN member a ON a.id = m.author_id"
    " LEFT JOIN message r ON r.channel_id = m.channel_id AND r.position = m.reply_to"
)


def posts_where(
    connection: Connection, channels: Mapping[int, KnownChannel], where: str, values: Sequence[Any] = ()
) -> list[Post]:
    """The messages that a condition on `m` names, with its order and limit."""
    return [post(row, channels[row[0]]) for row in rows(connection, f"{POST} WHERE {where}", values)]


def withheld(row: Sequence[Any]) -> Withheld | None:
    """Why a message's words are not shown, None if they are."""
    reasons = (
        (row[7] is not None, Withheld.DELETED),
        (row[3] is None, Withheld.UNSEEN),
        (row[9] is not None and row[6] is None, Withheld.ERASED),
        (row[8] is not None or row[9] is not None, Withheld.OPTED_OUT),
        (row[6] is None, Withheld.NOT_KEPT),
    )
    return next((reason for holds, reason in reasons if holds), None)


def post(row: Sequence[Any], channel: KnownChannel) -> Post:
    """A row of POST as a value; withheld words and names do not leave the database."""
    reason = withheld(row)
    named = reason in {None, Withheld.NOT_KEPT}
    return Post(
        ref=MessageRef(channel.channel, row[1]),
        discussion=row[2],
        author=None if row[3] is None else MemberRef(channel.channel.space, row[3]),
        author_name=row[4] if named else None,
        is_bot=bool(row[5]),
        text=row[6] if reason is None else None,
        withheld=reason,
        counted=bool(row[10]),
        sent_at=moment(row[11]),
        edited_at=moment(row[12]) if row[12] else None,
        reply_to=row[19],
        files=tuple(row[14].splitlines()) if reason is None and row[14] else (),
        votes=0 if row[17] or row[7] is not None else row[15],
        picked=bool(row[16]) and not row[17],
        url=row[18],
    )
