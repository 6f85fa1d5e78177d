"""/folkmoot-admin for channels: watch, cards, board."""

from bot.access import Who, allowed, may, refusal
from bot.commands.context import Context
from bot.commands.finding import asker_in, channel_for, name_of
from bot.commands.saying import said
from bot.errors import CommandError, NotAllowed
from bot.models import Answer, CardMode, Command, KnownChannel, PostKind, PostState
from bot.texts import Texts, phrase

MODES = {
    CardMode.AUTO: phrase("Cards appear in {channel} when a discussion gets lively."),
    CardMode.ASKED: phrase("Cards appear in {channel} only when somebody asks: /discussion start or track."),
    CardMode.OFF: phrase("No new cards appear in {channel}. Those that are there stay."),
}


async def moderated(context: Context, command: Command, texts: Texts, name: str = "channel") -> KnownChannel:
    """The channel of argument `name`, or this one. NotAllowed unless the asker is a moderator of it."""
    channel = await channel_for(context, command, texts, name)
    if not may(Who.MODERATOR, asker_in(command, channel.channel)):
        raise NotAllowed(refusal(Who.MODERATOR, texts))
    return channel


async def watch(context: Context, command: Command) -> Answer:
    """Follow a channel from now on."""
    texts = await context.texts_of(command)
    channel = await moderated(context, command, texts)
    if channel.settings.watched:
        return said(texts.say("I follow {channel} already.", channel=name_of(channel)))
    await context.store.places.watch(channel.channel, True)
    return said(texts.say("I follow {channel} from now on.", channel=name_of(channel)))


async def unwatch(context: Context, command: Command) -> Answer:
    """Follow a channel no longer; what is stored stays."""
    texts = await context.texts_of(command)
    channel = await moderated(context, command, texts)
    if not channel.settings.watched:
        return said(texts.say("I don't follow {channel}.", channel=name_of(channel)))
    await context.store.places.watch(channel.channel, False)
    return said(texts.say("I follow {channel} no longer. What is stored stays.", channel=name_of(channel)))


async def cards(context: Context, command: Command) -> Answer:
    """Choose when a channel's discussions get cards; without a mode, say how it is."""
    texts = await context.texts_of(command)
    channel = await moderated(context, command, texts)
    mode = CardMode(command.args.get("mode", channel.settings.cards))
    if mode is not channel.settings.cards:
        await context.store.places.set_cards(channel.channel, mode)
    return said(texts.say(MODES[mode], channel=name_of(channel)))


async def board(context: Context, command: Command) -> Answer:
    """Post the list of a channel's discussions in progress, where everybody may read that channel."""
    texts = await context.texts_of(command)
    of = await moderated(context, command, texts, "of")
    where = await moderated(context, command, texts, "in")
    if not allowed(of, where, frozenset()):
        raise CommandError(
            texts.say(
                "A board of {of} may not stand in {where}, because not everybody there may read {of}.",
                of=name_of(of),
                where=name_of(where),
            )
        )
    subject = f"board:{of.key}"
    planned = await context.store.outbox.plan(PostKind.BOARD, subject, where.channel, command.at)
    if planned is None:
        post = await context.store.outbox.of_subject(subject)
        gone = post is not None and post.state is PostState.GONE
        return said(
            texts.say("The board of {of} was taken away, and comes only once.", of=name_of(of))
            if gone
            else texts.say("There is a board of {of} already.", of=name_of(of))
        )
    return said(texts.say("The board of {of} is on its way to {where}.", of=name_of(of), where=name_of(where)))
