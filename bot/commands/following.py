"""/folkmoot-admin for channels: watch, cards, board."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.access import Who, may, may_list, on_web, refusal
from bot.commands.context import Context
from bot.commands.finding import asker_in, channel_for, channels_named, name_of, names_of
from bot.commands.saying import said
from bot.errors import CommandError, NotAllowed
from bot.models import Answer, CardMode, Channel, Command, KnownChannel, Level, PostKind, PostState
from bot.privacy import notice
from bot.texts import Texts, phrase

MODES = {
    CardMode.AUTO: phrase("Cards appear in {channel} when a discussion gets lively."),
    CardMode.ASKED: phrase("Cards appear in {channel} only when somebody asks: /discussion start or track."),
    CardMode.OFF: phrase("No new cards appear in {channel}. Those that are there stay."),
}


async def moderated(
    context: Context, command: Command, texts: Texts, name: str = "channel", *, removed: bool = False
) -> KnownChannel:
    """The channel of argument `name`, or this one. NotAllowed unless the asker is a moderator of it."""
    channel = await channel_for(context, command, texts, name, removed=removed)
    if not may(Who.MODERATOR, asker_in(command, channel.channel)):
        raise NotAllowed(refusal(Who.MODERATOR, texts))
    return channel


async def watch(context: Context, command: Command) -> Answer:
    """Follow a channel from now on; the first one tells the space who we are."""
    texts = await context.texts_of(command)
    channel = await moderated(context, command, texts)
    if channel.settings.watched:
        return said(texts.say("I follow {channel} already.", channel=name_of(channel)))
    await context.store.places.watch(channel.channel, True)
    await introduce(context, channel.channel, [replace(channel, settings=replace(channel.settings, watched=True))])
    return said(texts.say("I follow {channel} from now on.", channel=name_of(channel)))


async def introduce(context: Context, where: Channel, followed: Sequence[KnownChannel]) -> None:
    """Plan the one notice that a space gets: who we are, what is stored, and how to stop it."""
    space = await context.store.places.space(where.space)
    if space is None or not followed:
        return
    texts = context.texts_in(space)
    open_ones = [it for it in followed if not it.info.private or it.channel == where]
    reachable = context.urls.public or space.info.hosted
    forum = context.urls.forum() if reachable and any(on_web(it) for it in open_ones) else ""
    card = notice(open_ones, texts, forum)
    await context.store.outbox.plan(PostKind.NOTICE, f"hello:{space.key}", where, context.clock.now(), card)


async def unwatch(context: Context, command: Command) -> Answer:
    """Stop following a channel, even one that is closed to us; what is stored stays."""
    texts = await context.texts_of(command)
    channel = await moderated(context, command, texts, removed=True)
    if not channel.settings.watched:
        return said(texts.say("I don't follow {channel}.", channel=name_of(channel)))
    await context.store.places.watch(channel.channel, False)
    return said(texts.say("I no longer follow {channel}. What is stored stays.", channel=name_of(channel)))


async def cards(context: Context, command: Command) -> Answer:
    """Choose when a channel's discussions get cards; without a mode, say how it is."""
    texts = await context.texts_of(command)
    channel = await moderated(context, command, texts)
    mode = CardMode(command.args.get("mode", channel.settings.cards))
    if mode is not channel.settings.cards:
        await context.store.places.set_cards(channel.channel, mode)
    return said(texts.say(MODES[mode], channel=name_of(channel)))


async def board(context: Context, command: Command) -> Answer:
    """Post the list of some channels' discussions in progress, where everybody may read those channels."""
    texts = await context.texts_of(command)
    where = await moderated(context, command, texts, "in")
    of = await _listed(context, command, texts)
    refused = [it for it in of if not may_list(it, where)]
    if refused:
        raise CommandError(_why_not(refused, where, texts))
    if await plan_board(context, of, where, command.at):
        return said(texts.say("The board of {of} is on its way to {where}.", of=names_of(of), where=name_of(where)))
    post = await context.store.outbox.of_subject(board_subject(of))
    gone = post is not None and post.state is PostState.GONE
    return said(
        texts.say("The board of {of} was taken away, and comes only once.", of=names_of(of))
        if gone
        else texts.say("There is a board of {of} already.", of=names_of(of))
    )


def _why_not(refused: Sequence[KnownChannel], where: KnownChannel, texts: Texts) -> str:
    """Why a board of these channels may not stand there."""
    staying = [it for it in refused if it.settings.level < Level.DIGEST or it.info.nsfw or it.info.connect]
    if staying:
        return texts.say(
            "What is said in {of} is shown nowhere else, so a board of it can only stand there.", of=names_of(staying)
        )
    return texts.say(
        "A board of {of} may not stand in {where}, because not everybody there may read {of}.",
        of=names_of(refused),
        where=name_of(where),
    )


async def _listed(context: Context, command: Command, texts: Texts) -> Sequence[KnownChannel]:
    """The channels that a board is to list, this one by default. NotAllowed unless the asker is a moderator of all."""
    words = command.args.get("of", "")
    if not words:
        return [await moderated(context, command, texts, "of")]
    found = channels_named(words, await context.readable(command), texts)
    if not all(may(Who.MODERATOR, asker_in(command, it.channel)) for it in found):
        raise NotAllowed(refusal(Who.MODERATOR, texts))
    return found


def board_subject(of: Sequence[KnownChannel]) -> str:
    """What a board is about: the same channels make the same board."""
    return "board:" + "+".join(str(key) for key in sorted(it.key for it in of))


async def plan_board(context: Context, of: Sequence[KnownChannel], where: KnownChannel, at: datetime) -> bool:
    """Plan a board of channels that may be listed there; False if they have one."""
    planned = await context.store.outbox.plan(PostKind.BOARD, board_subject(of), where.channel, at)
    return planned is not None
