"""From rows to values, once for each: nothing else in the program knows what a row looks like."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from bot.models import Discussion, KnownChannel, MemberRef, MessageRef, Platform, Post, Stored, Thread, Withheld
from bot.urls import HERE_URLS
from storage.sql import rows
from storage.times import maybe, moment

SHOWN = "(d.forced OR d.replies_ever > 0)"  # the thread is a discussion
SILENT = "{a}.opted_out_at IS NOT NULL OR ({a}.erased_at IS NOT NULL AND {at} <= {a}.erased_at)"  # shows no words

DISCUSSION = (
    "SELECT d.id, d.channel_id, d.key, d.name, d.title_set, d.summary_set, d.title_made, d.summary_made, d.count,"
    " d.participants, d.highlights, d.waiting, d.last_at, d.opened_at, o.uid, o.name,"
    f" {SILENT.format(a='o', at='d.opened_at')}, d.stored, b.name, {SILENT.format(a='b', at='d.state_at')}, d.state_at,"
    " d.outcome,"
    " CASE WHEN d.stored = 'concluded' THEN (SELECT count(*) FROM message m WHERE m.discussion_id = d.id AND m.counted"
    " AND m.deleted_at IS NULL AND m.sent_at > d.state_at) ELSE 0 END,"
    " d.archive_after, d.archived, d.locked, d.gone_at IS NOT NULL AND d.gone_at > d.info_at, d.hidden, d.private,"
    " CASE WHEN d.url = '' THEN COALESCE((SELECT m.url FROM message m WHERE m.discussion_id = d.id"
    f" AND m.position = d.root), '') ELSE d.url END, {SILENT.format(a='t', at='d.title_at')},"
    f" {SILENT.format(a='s', at='d.summary_at')}, d.chain,"
    " d.state_by IS NULL AND (d.stored = 'concluded' OR d.state_at IS NOT NULL)"
    " FROM discussion d LEFT JOIN member o ON o.id = d.opener_id LEFT JOIN member b ON b.id = d.state_by"
    " LEFT JOIN member t ON t.id = d.title_by LEFT JOIN member s ON s.id = d.summary_by"
)


def discussions_where(
    connection: Connection, channels: Mapping[int, KnownChannel], where: str, values: Sequence[Any] = ()
) -> list[Discussion]:
    """The discussions (of known channels) that a condition on `d` names, with its order and limit."""
    found = rows(connection, f"{DISCUSSION} WHERE {SHOWN} AND {where}", values)
    return [discussion(row, channels[row[1]]) for row in found if row[1] in channels]


def discussion(row: Sequence[Any], channel: KnownChannel) -> Discussion:
    """A row of DISCUSSION as a value: the words of who shows none do not leave the database.

    A thread's name is its opener's. What was made carries nobody's words who opted out: it is cleared when they do.
    """
    (
        key, _, root, name, title_set, summary_set, title_made, summary_made, count, participants, highlights, waiting,
        last_at, opened_at, opener, opener_name, opener_silent, stored, state_name, state_silent, state_at, outcome,
        replies_since, archive_after, archived, locked, gone, hidden, private, url, title_silent,
        summary_silent, chain, by_tag,
    ) = row  # fmt: skip
    title, summary = "" if title_silent else title_set, "" if summary_silent else summary_set
    thread = Thread(channel.channel, root)
    given = title or ("" if opener_silent else name)
    return Discussion(
        id=key, thread=thread, channel=channel, url=url or _in_the_room(thread),
        title=given or title_made, title_set=bool(title), title_made=not given,
        summary=summary or summary_made, summary_set=bool(summary),
        count=count, participants=participants, highlights=highlights, waiting=waiting,
        last_activity=moment(last_at),
        opened_at=moment(opened_at),
        opener=None if opener is None else MemberRef(channel.channel.space, opener),
        opener_name=None if opener_silent else opener_name,
        stored=Stored(stored), state_by_tag=bool(by_tag), state_at=maybe(state_at),
        state_by=None if state_silent else state_name,
        outcome="" if state_silent else outcome,
        replies_since=replies_since,
        quiet_after=channel.quiet_after, archive_after=archive_after,
        archived=bool(archived), locked=bool(locked), removed=bool(gone) or channel.removed,
        hidden=bool(hidden), private=bool(private), chain=bool(chain),
    )  # fmt: skip


def _in_the_room(thread: Thread) -> str:
    """Where the local room shows a thread: no platform tells us that. "" for other platforms."""
    return HERE_URLS.room_thread(thread) if thread.channel.space.platform is Platform.LOCAL else ""


COLUMNS = (
    "m.channel_id, m.mid, m.discussion_id, a.uid, a.name, a.is_bot, m.text, m.deleted_at, a.opted_out_at,"
    " a.erased_at, m.counted, m.sent_at, m.edited_at, m.files, m.votes, m.picked, m.held_author OR m.held_moderator,"
    " m.url, r.mid, m.id, m.thread"
)
REPLIED = " LEFT JOIN message r ON r.channel_id = m.channel_id AND r.position = m.reply_to"
POST = f"SELECT {COLUMNS} FROM message m LEFT JOIN member a ON a.id = m.author_id{REPLIED}"
SENT_AT, NUMBER = 11, 19  # where the time and the message's own number stand in a row of POST


def posts_where(
    connection: Connection, channels: Mapping[int, KnownChannel], where: str, values: Sequence[Any] = ()
) -> list[Post]:
    """The messages that a condition on `m` names, with its order and limit."""
    return [post(row, channels[row[0]]) for row in rows(connection, f"{POST} WHERE {where}", values)]


def post(row: Sequence[Any], channel: KnownChannel, *, own: bool = False) -> Post:
    """A row of POST as a value; withheld words and names do not leave the database, but to their `own` author."""
    (
        _, mid, discussion_id, author, name, is_bot, text, deleted_at, opted_out_at, erased_at, counted, sent_at,
        edited_at, files, votes, picked, held, url, reply_to, _, thread,
    ) = row  # fmt: skip
    reason: Withheld | None = None
    if deleted_at is not None:
        reason = Withheld.DELETED
    elif author is None:
        reason = Withheld.UNSEEN
    elif erased_at is not None and sent_at <= erased_at:
        reason = Withheld.ERASED
    elif opted_out_at is not None:
        reason = None if own else Withheld.OPTED_OUT
    elif text is None:
        reason = Withheld.NOT_KEPT
    shown = reason is None
    where = channel.channel
    ref = MessageRef(where, mid)
    if not url and where.space.platform is Platform.LOCAL:
        url = HERE_URLS.room_message(ref, Thread(where, mid if thread is None else str(thread)))
    return Post(
        ref=ref,
        discussion=discussion_id,
        author=None if author is None else MemberRef(where.space, author),
        author_name=name if shown or reason is Withheld.NOT_KEPT else None,
        is_bot=bool(is_bot),
        text=text if shown else None,
        withheld=reason,
        counted=bool(counted),
        sent_at=moment(sent_at),
        edited_at=moment(edited_at) if edited_at else None,
        reply_to=reply_to,
        files=tuple(files.splitlines()) if files and shown else (),
        votes=0 if held or deleted_at is not None else votes,
        picked=bool(picked) and not held,
        url=url,
    )
