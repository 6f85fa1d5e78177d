"""Finds what a command is about: channels, discussions and messages that the asker may read, and no others.

Nobody is told whether something is hidden, private, in another space or unknown: it is "not found".
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.access import Who, may
from bot.commands.context import Context
from bot.errors import CommandError
from bot.models import (
    Asker,
    Channel,
    Command,
    Discussion,
    KnownChannel,
    MessageRef,
    Platform,
    Post,
    Role,
    Space,
    Thread,
    position_of,
)
from bot.texts import Texts
from bot.urls import ChatLink, ForumLink

_NUMBER = re.compile(r"#?(\d{1,18})", re.ASCII)
_CHANNEL = re.compile(r"<#([^|>]+)(?:\|[^>]*)?>")
MICROS = 1_000_000
SHOWN = 10  # channels named in an answer


def asker_in(command: Command, channel: Channel) -> Asker:
    """The asker as seen from a channel.

    On Discord people may be moderators of single channels, so what is vouched for here says nothing of another one.
    """
    elsewhere = channel != command.channel and channel.space.platform is Platform.DISCORD
    if elsewhere and Role.ADMIN not in command.asker.roles and not command.asker.everywhere:
        return replace(command.asker, roles=frozenset({Role.MEMBER}))
    return command.asker


async def discussion_for(context: Context, command: Command, texts: Texts) -> Discussion:
    """The discussion that is named, or that the message or thread belongs to. CommandError if there is none."""
    named = command.args.get("discussion") or command.args.get("link") or ""
    discussion = await _named(context, command, named) if named else await _here(context, command)
    if discussion is None and not named and command.thread is None and command.target is None:
        raise CommandError(texts.say("Say which discussion: use this inside its thread, or give a link to it."))
    if discussion is None or not await may_see(context, command, discussion):
        raise CommandError(texts.say("I don't know that discussion. Use this inside its thread, or give a link to it."))
    return discussion


async def _here(context: Context, command: Command) -> Discussion | None:
    forum = context.store.forum
    if command.target is not None and (found := await forum.containing(command.target)) is not None:
        return found
    return None if command.thread is None else await forum.discussion_of(command.thread)


async def _named(context: Context, command: Command, text: str) -> Discussion | None:
    """A discussion by its number, a link to it, or a link to a message of it."""
    forum = context.store.forum
    if (number := _NUMBER.fullmatch(text.strip())) is not None:
        return await forum.discussion(int(number.group(1)))
    match context.urls.parse_link(text):
        case ForumLink(discussion=number_):
            return await forum.discussion(number_)
        case ChatLink() as link:
            for channel in await _channels_of(context, command, link):
                if link.message and (found := await forum.containing(MessageRef(channel, link.message))):
                    return found
                thread = link.thread or link.message or (link.channel if link.platform is Platform.DISCORD else "")
                if thread and (found := await forum.discussion_of(Thread(channel, thread))):
                    return found
        case None:
            pass
    return None


async def may_see(context: Context, command: Command, discussion: Discussion) -> bool:
    """Whether the asker may be told of a discussion at all."""
    if discussion.removed or (discussion.private and command.thread != discussion.thread):
        return False
    scope = await context.scope_of(command)
    moderator = may(Who.MODERATOR, asker_in(command, discussion.thread.channel))
    return discussion.channel.key in scope.channels and (moderator or not discussion.hidden)


async def message_for(context: Context, command: Command, texts: Texts, name: str = "link") -> Post:
    """The message that is linked to (argument `name`), or that a menu was used on. CommandError if there is none."""
    text = command.args.get(name, "")
    ref = await _linked(context, command, text) if text else command.target
    if ref is None and not text:
        raise CommandError(texts.say("Say which message: paste the link to it, or use this from the message's menu."))
    post = await context.store.forum.post(ref) if ref is not None else None
    if ref is not None and post is None:
        raise CommandError(await _not_kept(context, command, ref, texts))
    if post is None or not await _may_see_post(context, command, post):
        raise CommandError(_no_message(texts))
    return post


async def _not_kept(context: Context, command: Command, ref: MessageRef, texts: Texts) -> str:
    """What to say about a message that is not stored, where the asker can open its channel: why that is so."""
    if ref.channel == command.channel and await context.store.places.channel(ref.channel) is None:
        return texts.say("I am not in this channel, so I know none of its messages. Add me first.")
    channel = _same(ref.channel, await context.readable(command))
    if channel is None or channel.settings.watched:
        return _no_message(texts)
    return texts.say(
        "I don't follow {channel}, so I know no message of it. A moderator can run /folkmoot-admin watch there first.",
        channel=name_of(channel),
    )


def _no_message(texts: Texts) -> str:
    return texts.say("I don't know that message. Copy the link from the message itself and try again.")


async def _may_see_post(context: Context, command: Command, post: Post) -> bool:
    if post.discussion is not None:
        discussion = await context.store.forum.discussion(post.discussion)
        return discussion is not None and await may_see(context, command, discussion)
    scope = await context.scope_of(command)
    known = await context.store.places.channel(post.ref.channel)
    return known is not None and known.key in scope.channels


async def _linked(context: Context, command: Command, text: str) -> MessageRef | None:
    match context.urls.parse_link(text):
        case ForumLink(discussion=number, position=position):
            discussion = await context.store.forum.discussion(number)
            if discussion is None:
                return None
            channel = discussion.thread.channel
            return MessageRef(channel, discussion.thread.id if position is None else id_at(channel.space, position))
        case ChatLink() as link if link.message:
            refs = [MessageRef(channel, link.message) for channel in await _channels_of(context, command, link)]
            for ref in refs:
                if await context.store.forum.post(ref) is not None:
                    return ref
            return refs[0] if len(refs) == 1 else None
    return None


async def _channels_of(context: Context, command: Command, link: ChatLink) -> Sequence[Channel]:
    """The channels that a link may mean: the one it names, or (Discord threads) any that the asker can open."""
    space = Space(link.platform, link.space or command.channel.space.id)
    if space != command.channel.space:
        return ()
    channels = [known.channel for known in await context.readable(command)]
    named = [channel for channel in channels if channel.id == link.channel]
    return named or (channels if link.platform is Platform.DISCORD else ())


def id_at(space: Space, position: int) -> str:
    """The platform's id of the message at a position."""
    if space.platform is Platform.SLACK:
        return f"{position // MICROS}.{position % MICROS:06}"
    return str(position)


def is_same(ref: MessageRef, other: MessageRef) -> bool:
    """Whether two references mean one message, however its id is written."""
    return ref.channel == other.channel and position_of(ref.id) == position_of(other.id)


async def channel_for(
    context: Context, command: Command, texts: Texts, name: str = "channel", *, removed: bool = False
) -> KnownChannel:
    """The channel that is named by argument `name`, else the one the command is used in. CommandError if unknown.

    `removed`: one that we cannot open any more will do.
    """
    text = command.args.get(name, "")
    readable = await context.readable(command, removed=removed)
    if text:
        return channel_named(text, readable, texts)
    found = _same(command.channel, readable)
    if found is None:
        raise CommandError(texts.say("I don't know this channel yet. Name one: {names}.", names=names_of(readable)))
    return found


def _same(channel: Channel, among: Sequence[KnownChannel]) -> KnownChannel | None:
    return next((known for known in among if known.channel == channel), None)


def channel_named(text: str, among: Sequence[KnownChannel], texts: Texts) -> KnownChannel:
    """The channel that somebody means by "#help", "help", its id, or the platform's own "<#id>".

    Where one that is gone had the name of one that is there the latter is meant. CommandError for none and for several.
    """
    token = _CHANNEL.fullmatch(text.strip())
    wanted = token.group(1) if token else text.strip().removeprefix("#")
    by_id = [known for known in among if known.channel.id == wanted]
    folded = wanted.casefold()
    named = [known for known in among if known.info.name.removeprefix("#").casefold() == folded]
    found = by_id or [known for known in named if not known.removed] or named[:1]
    if not found:
        raise CommandError(_no_channel(text, among, texts))
    if len(found) > 1:
        ids = ", ".join(known.channel.id for known in found[:SHOWN])
        said = texts.say("Several channels are called '{name}'. Give the id of the one you mean: {ids}.",
                         name=wanted[:60], ids=ids)  # fmt: skip
        raise CommandError(said)
    return found[0]


def channels_named(words: str, among: Sequence[KnownChannel], texts: Texts) -> list[KnownChannel]:
    """The channels that somebody means, each once, in that order. CommandError for a word that names none of these."""
    found: dict[int, KnownChannel] = {}
    for word in words.replace(",", " ").split():
        channel = channel_named(word, among, texts)
        found[channel.key] = channel
    return list(found.values())


def _no_channel(word: str, among: Sequence[KnownChannel], texts: Texts) -> str:
    """What to say about a channel that the asker cannot open, or that does not exist."""
    return texts.say(
        "I know no channel '{name}' that you can open. The ones I know: {names}. Add me to others first.",
        name=word[:60],
        names=names_of(among),
    )


def name_of(channel: KnownChannel) -> str:
    """A channel as it is named to people: "#help"."""
    return "#" + (channel.info.name.removeprefix("#") or channel.channel.id)


def names_of(channels: Sequence[KnownChannel]) -> str:
    """Some channels' names, at most ten."""
    some = ", ".join(name_of(channel) for channel in channels[:SHOWN])
    return some + ", …" if len(channels) > SHOWN else some or "–"


def as_typed(names: Sequence[str], limit: int) -> str:
    """Channels as a field begins with them; "" if they are too many for it: half of them would undo the others."""
    typed = " ".join(names)
    return typed if len(typed) <= limit else ""
