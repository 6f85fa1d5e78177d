"""Routes of threads: open, list the archived ones, members."""

from collections.abc import Callable
from datetime import datetime

from tests.servers.discord import threads as rules
from tests.servers.discord.asking import ApiError, Ask, Invalid, Routes
from tests.servers.discord.channels import PRIVATE_THREAD, PUBLIC_THREAD, Channel
from tests.servers.discord.checks import thread_faults
from tests.servers.discord.guilds import Member
from tests.servers.discord.permissions import NOTHING, Can
from tests.servers.discord.routes_messages import checked, drafted
from tests.servers.discord.threads import Thread
from tests.servers.discord.world import Json


def open_from(ask: Ask) -> Json:
    message = ask.message(Can.CREATE_PUBLIC_THREADS | Can.READ_MESSAGE_HISTORY)
    _named(ask.body)
    if message.started is not None:
        raise ApiError(400, 160004)
    if message.channel.is_thread or message.channel.is_forum:
        raise ApiError(400, 50024)
    thread = rules.open_from(message, ask.us(message.channel), ask.body["name"])
    return thread.payload(ours=True)


def _named(body: Json) -> None:
    faults = thread_faults(body if "name" in body else body | {"name": ""})
    if faults:
        raise Invalid(faults)


def open_one(ask: Ask) -> Json:
    """A thread without a message, or a post in a forum (answered with its first message)."""
    channel = ask.channel()
    _named(ask.body)
    if channel.is_forum:
        return _open_post(ask, channel)
    private = ask.body.get("type", PRIVATE_THREAD) == PRIVATE_THREAD
    if ask.body.get("type", PRIVATE_THREAD) not in (PRIVATE_THREAD, PUBLIC_THREAD) or channel.is_thread:
        raise ApiError(400, 50024)
    ask.channel(Can.CREATE_PRIVATE_THREADS if private else Can.CREATE_PUBLIC_THREADS)
    thread = rules.open_thread(channel, ask.us(channel), ask.body["name"], private=private)
    return thread.payload(ours=True)


def _open_post(ask: Ask, forum: Channel) -> Json:
    ask.channel(Can.SEND_MESSAGES)
    if forum.require_tag and not ask.body.get("applied_tags"):
        raise ApiError(400, 40067)
    body = checked(ask.body.get("message") or {})
    draft = drafted(ask, forum, body)
    names = {tag.id: tag.name for tag in forum.tags}
    tags = [names[str(an_id)] for an_id in ask.body.get("applied_tags") or []]
    thread = rules.open_post(
        forum,
        ask.us(forum),
        ask.body["name"],
        draft.text,
        tags=tags,
        embeds=draft.embeds,
        components=draft.components,
        files=draft.files,
        flags=draft.flags,
        allowed_mentions=draft.allowed_mentions,
    )
    return thread.payload(ours=True) | {"message": thread.messages[thread.id].payload()}


def archived_public(ask: Ask) -> Json:
    channel = ask.channel(Can.READ_MESSAGE_HISTORY)
    return _page(ask, channel, lambda thread: not thread.is_private_thread)


def archived_private(ask: Ask) -> Json:
    channel = ask.channel(Can.READ_MESSAGE_HISTORY | Can.MANAGE_THREADS)
    return _page(ask, channel, lambda thread: thread.is_private_thread)


def archived_joined(ask: Ask) -> Json:
    """Private ones that we joined, by id from the newest."""
    channel = ask.channel(Can.READ_MESSAGE_HISTORY)
    us = ask.world.application.user.id
    mine = [one for one in _archived(channel) if one.is_private_thread and us in one.members]
    before = ask.number("before")
    mine.sort(key=lambda one: -int(one.id))
    return _listed(ask, [one for one in mine if before is None or int(one.id) < before])


def _archived(channel: Channel) -> list[Thread]:
    return [thread for thread in channel.guild.threads.values() if thread.parent is channel and thread.archived]


def _page(ask: Ask, channel: Channel, wanted: Callable[[Thread], bool]) -> Json:
    """Archived threads by the time of archiving, newest first, before a moment."""
    text = ask.query.get("before")
    try:
        before = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid([("before", "is not a moment")]) from None
    found = sorted((one for one in _archived(channel) if wanted(one)), key=lambda one: one.archive_timestamp)
    found.reverse()
    return _listed(ask, [one for one in found if before is None or one.archive_timestamp < before])


def _listed(ask: Ask, found: list[Thread]) -> Json:
    limit = ask.limit(50, 100, least=2)
    shown = found[:limit]
    us = ask.world.application.user.id
    return {
        "threads": [thread.payload() for thread in shown],
        "members": [thread.members[us] for thread in shown if us in thread.members],
        "has_more": len(found) > limit,
    }


def join(ask: Ask) -> None:
    thread = _open(ask)
    thread.invite(ask.us(thread))


def leave(ask: Ask) -> None:
    thread = _open(ask)
    thread.remove(ask.us(thread))


def add(ask: Ask) -> None:
    thread = _open(ask, Can.SEND_MESSAGES_IN_THREADS)
    thread.invite(_named_member(ask, thread))


def remove(ask: Ask) -> None:
    thread = _open(ask, Can.MANAGE_THREADS)
    thread.remove(_named_member(ask, thread))


def _open(ask: Ask, needed: Can = NOTHING) -> Thread:
    thread = ask.thread(needed)
    if thread.archived:
        raise ApiError(400, 50083)
    return thread


def _named_member(ask: Ask, thread: Thread) -> Member:
    member = thread.guild.members.get(ask.ids["user"])
    if member is None:
        raise ApiError(404, 10007)
    return member


def members(ask: Ask) -> list[Json]:
    if "members" not in ask.world.application.privileged:
        raise ApiError(403, 50001)
    return list(ask.thread().members.values())


def member(ask: Ask) -> Json:
    found = ask.thread().members
    an_id = ask.world.application.user.id if ask.ids["user"] == "@me" else ask.ids["user"]
    if an_id not in found:
        raise ApiError(404, 10007)
    return found[an_id]


ROUTES: Routes = {
    "POST /channels/{channel}/messages/{message}/threads": open_from,
    "POST /channels/{channel}/threads": open_one,
    "GET /channels/{channel}/threads/archived/public": archived_public,
    "GET /channels/{channel}/threads/archived/private": archived_private,
    "GET /channels/{channel}/users/@me/threads/archived/private": archived_joined,
    "PUT /channels/{channel}/thread-members/@me": join,
    "DELETE /channels/{channel}/thread-members/@me": leave,
    "PUT /channels/{channel}/thread-members/{user}": add,
    "DELETE /channels/{channel}/thread-members/{user}": remove,
    "GET /channels/{channel}/thread-members": members,
    "GET /channels/{channel}/thread-members/{user}": member,
}
