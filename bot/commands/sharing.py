"""/folkmoot-admin share: how far a channel's words may go."""

from bot.access import on_web
from bot.cards import sharing_card
from bot.commands.context import Context
from bot.commands.finding import channel_for, name_of
from bot.commands.forms import SENT, YES_OR_NO
from bot.commands.saying import said
from bot.commands.settings import known_space
from bot.errors import CommandError
from bot.models import (
    Answer,
    Command,
    Form,
    FormField,
    KnownChannel,
    KnownSpace,
    Level,
    PostKind,
    position_at,
)
from bot.texts import Texts, phrase

LEVELS = {
    Level.COUNT: phrase("{channel}: only numbers are kept, no words."),
    Level.DIGEST: phrase("{channel}: words may be quoted to people who can read them anyway."),
    Level.WEB: phrase("{channel}: discussions can be read on the forum."),
    Level.INDEX: phrase("{channel}: discussions can be read on the forum, and search engines may list them."),
}


async def share(context: Context, command: Command) -> Answer:
    """Change a channel's level. Lowering acts at once; a raise to the web or beyond is told in the channel first.

    A raise covers what is sent from then on, unless the admin asked for the history and confirmed it: the words of what
    was only counted before are not kept either, should it be read again. What is on the web already goes to search
    engines as a whole, so that this is confirmed always.
    """
    texts = await context.texts_of(command)
    space = await known_space(context, command, texts)
    channel = await channel_for(context, command, texts)
    if "level" not in command.args:
        return said(texts.say(LEVELS[channel.settings.level], channel=name_of(channel)))
    level = Level[command.args["level"].upper()]
    _check(channel, level, texts)
    history = bool(command.args.get("include_history")) and level >= Level.WEB
    question = _question(space, channel, level, texts, history=history)
    if question and "confirm" not in command.args:
        return _confirm(command, channel, question, texts)
    if question and not command.args["confirm"]:
        return said(texts.say("Nothing was changed."))
    told = await _set(context, command, channel, level, history=history)
    lines = [texts.say(LEVELS[level], channel=name_of(channel))]
    if told and channel.info.forum:
        lines.append(
            texts.say("I cannot post a notice in a forum, so it stands here. Please tell the people who write there.")
        )
    return said("\n".join(lines))


def _check(channel: KnownChannel, level: Level, texts: Texts) -> None:
    """CommandError for a channel whose words must not leave the chat."""
    info = channel.info
    if level < Level.WEB or not (info.private or info.nsfw or info.connect):
        return
    if info.private:
        reason = texts.say("it is private")
    elif info.nsfw:
        reason = texts.say("it is marked as not safe for work")
    else:
        reason = texts.say("it is shared with another organisation")
    raise CommandError(
        texts.say("{channel} cannot go beyond 'digest', because {reason}.", channel=name_of(channel), reason=reason)
    )


def _question(space: KnownSpace, channel: KnownChannel, level: Level, texts: Texts, *, history: bool) -> str:
    """What has to be confirmed first, "" if nothing."""
    if history and (channel.settings.level < Level.WEB or channel.settings.web_from):
        return texts.say("Put all older discussions of {channel} on the web too?", channel=name_of(channel))
    if level is Level.INDEX and on_web(channel) and not on_web(channel, Level.INDEX):
        return texts.say(
            "May search engines list what {channel} has on the web already, too?", channel=name_of(channel)
        )
    if level is Level.COUNT < channel.settings.level and not space.info.hosted:
        return texts.say(
            "Delete all words of {channel} that are stored, and keep only numbers?", channel=name_of(channel)
        )
    return ""


def _confirm(command: Command, channel: KnownChannel, question: str, texts: Texts) -> Form:
    choices = tuple((value, texts.say(label)) for value, label in YES_OR_NO)
    return Form(
        title=name_of(channel),
        command=command.name,
        fields=(FormField(name="confirm", label=question, kind="choice", value="no", choices=choices),),
        submit=texts.say("OK"),
        args=dict(command.args) | {"channel": channel.channel.id, SENT: "yes"},
    )


async def _set(context: Context, command: Command, channel: KnownChannel, level: Level, *, history: bool) -> bool:
    """Tell the channel, then change the level: what was sent before the notice stays off the web. Whether it is told.

    In a forum there are only posts, and ours would be a discussion: there it is told where the command was used.
    """
    before = channel.settings
    opens = level >= Level.WEB and (not on_web(channel) or (history and before.web_from > 0))
    listed = level is Level.INDEX and not on_web(channel, Level.INDEX)
    if level is before.level and not opens:
        return False
    now = await _position_now(context, channel)
    web_from = before.web_from if not opens else 0 if history else now
    space = await known_space(context, command, await context.texts_of(command))
    counted = before.level is Level.COUNT and not space.info.hosted
    words_from = now if counted and not command.args.get("include_history") else 0
    if opens or listed:
        name, url, texts = name_of(channel), context.urls.forum(), context.texts_in(space)
        card, _ = sharing_card(name, url, texts, opens=opens, older=history, listed=level is Level.INDEX)
        subject = f"share:{channel.key}:{int(command.at.timestamp() * 1000)}"
        where = (command.thread or command.channel) if channel.info.forum else channel.channel
        await context.store.outbox.plan(PostKind.NOTICE, subject, where, command.at, card)
    await context.store.places.set_level(channel.channel, level, web_from, words_from)
    return opens or listed


async def _position_now(context: Context, channel: KnownChannel) -> int:
    """A position that lies after every message sent before now."""
    space = channel.channel.space
    newest = await context.store.forum.channel_posts(channel.key, limit=1)
    last = max([await context.store.room.last_position(space), *(post.ref.position for post in newest)])
    return max(position_at(space.platform, context.clock.now()), last + 1)
