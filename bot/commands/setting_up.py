"""/folkmoot-admin setup: one screen for a space."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from bot.access import may_list
from bot.commands.context import Context
from bot.commands.finding import as_typed, channels_named, name_of, names_of
from bot.commands.following import introduce, plan_board
from bot.commands.saying import said
from bot.commands.schedules import schedule
from bot.commands.settings import SETTINGS, Asked, known_space
from bot.lacking import told
from bot.models import Answer, Command, KnownChannel, Platform
from bot.texts import Texts, phrase

NONE = "none"
CHANNELS_LIMIT = 2000  # characters of the channels to follow
DIGEST_AT = "09:00"
NOT_HERE = phrase("I am not in the channel where you asked, so there is no board or digest in it.")


async def setup_values(context: Context, command: Command) -> Mapping[str, str]:
    """What the form begins with: how it is now.

    While nothing is followed yet forum channels are proposed, and on Slack all channels that we were invited to.
    """
    texts = await context.texts_of(command)
    space = await known_space(context, command, texts)
    readable = await context.readable(command)
    watched = [it for it in readable if it.settings.watched]
    invited = space.info.space.platform is Platform.SLACK
    proposed = watched or [it for it in readable if it.info.forum or invited]
    return {
        "zone": space.zone,
        "locale": space.locale,
        "channels": as_typed([name_of(it) for it in proposed], CHANNELS_LIMIT),
        "log": next((name_of(it) for it in readable if it.channel.id == space.log_channel), ""),
    }


async def setup(context: Context, command: Command) -> Answer:
    """Set a space up: zone, language, channels, log channel, board and digest; tells the space once who we are.

    Channels that are named are followed and no others of those that the asker can open; none named: all stays.
    """
    texts = await context.texts_of(command)
    await known_space(context, command, texts)
    readable = await context.readable(command)
    wanted = channels_named(command.args.get("channels", ""), readable, texts)
    settings = _settings(context, command, readable, texts)
    await context.store.places.set_space(command.channel.space, **settings, set_up=True)
    if wanted:
        await _follow(context, readable, {it.key for it in wanted})
    known = await context.readable(command)
    followed = [it for it in known if it.settings.watched]
    here = next((it for it in known if it.channel == command.channel), None)
    if here is not None:
        await _begin(context, command, followed, here, str(settings["zone"]))
    await introduce(context, command.channel if here or not followed else followed[0].channel, followed)
    lines = [
        *_following(followed, readable, texts),
        *([texts.say(NOT_HERE)] if here is None and _wants_more(command) else []),
        texts.say("/folkmoot-admin settings shows everything, /folkmoot-admin doctor what is missing."),
        *await _missing(context, command, followed, texts),
    ]
    return said("\n".join(lines), title=texts.say("Set up"))


def _following(followed: list[KnownChannel], readable: Collection[KnownChannel], texts: Texts) -> list[str]:
    """What is followed now; where that is nothing because we are nowhere, how to change that."""
    if followed:
        return [texts.say("I follow {channels}.", channels=names_of(followed))]
    nowhere = (
        [] if readable else [texts.say("I am in no channel that you can open: add me to some, then run this again.")]
    )
    return [texts.say("I follow no channel yet."), *nowhere]


def _wants_more(command: Command) -> bool:
    """Whether something was wanted for the channel that the form was sent from."""
    return bool(command.args.get("board")) or command.args.get("digest", NONE) != NONE


async def _missing(context: Context, command: Command, followed: list[KnownChannel], texts: Texts) -> list[str]:
    """What the platform lacks for that, each with its remedy: now is the time to hear of it."""
    space, names = await known_space(context, command, texts), {it.channel: name_of(it) for it in followed}
    lacking = await context.adapter_of(command.channel.space).examine(list(names))
    parts = [
        told(each, texts, space=space.info.name, channel=names[each.channel] if each.channel else "")
        for each in lacking
        if each.sure
    ]
    return [f"⚠️ {what} {remedy}" for what, remedy in parts]


async def _follow(context: Context, readable: tuple[KnownChannel, ...], wanted: Collection[int]) -> None:
    for channel in readable:
        if channel.settings.watched is not (channel.key in wanted):
            await context.store.places.watch(channel.channel, channel.key in wanted)


async def _begin(
    context: Context, command: Command, followed: list[KnownChannel], here: KnownChannel, zone: str
) -> None:
    """Plan the board and set up the first digest, if they are wanted here."""
    texts = await context.texts_of(command)
    listed = [it for it in followed if may_list(it, here)]
    if command.args.get("board") and listed:
        await plan_board(context, listed, here, command.at)
    every = command.args.get("digest", NONE)
    if every != NONE and not await _has_digest(context, command):
        args = {"name": texts.say("Digest"), "every": every, "at": DIGEST_AT, "weekday": "mon", "day": "1"}
        await schedule(context, replace(command, args=args | {"zone": zone}))


def _settings(
    context: Context, command: Command, readable: tuple[KnownChannel, ...], texts: Texts
) -> dict[str, str | int | bool | None]:
    """The settings of the form, checked before anything is changed."""
    given = {"zone": command.args["zone"], "locale": command.args["locale"], "log_channel": command.args.get("log", "")}
    return {
        name: SETTINGS[name].read(Asked(texts=texts, readable=readable, name=name, words=words, context=context))
        for name, words in given.items()
    }


async def _has_digest(context: Context, command: Command) -> bool:
    schedules = await context.store.calendar.schedules()
    return any(it.destination == command.channel for it in schedules)
