"""/folkmoot-admin setup: one screen for a space."""

from collections.abc import Mapping
from dataclasses import replace

from bot.access import on_web
from bot.commands.context import Context
from bot.commands.finding import channel_named, name_of, names_of
from bot.commands.saying import said
from bot.commands.schedules import schedule
from bot.commands.settings import SETTINGS, Asked, known_space
from bot.errors import CommandError
from bot.models import Answer, Command, KnownChannel, PostKind
from bot.privacy import notice
from bot.texts import Texts

NONE = "none"
DIGEST_AT = "09:00"


async def setup_values(context: Context, command: Command) -> Mapping[str, str]:
    """What the form begins with: how it is now; forum channels are proposed while nothing is followed yet."""
    texts = await context.texts_of(command)
    space = await known_space(context, command, texts)
    readable = await context.readable(command)
    watched = [it for it in readable if it.settings.watched]
    proposed = watched or [it for it in readable if it.info.forum]
    return {
        "zone": space.zone,
        "locale": space.locale,
        "channels": " ".join(name_of(it) for it in proposed),
        "log": next((name_of(it) for it in readable if it.channel.id == space.log_channel), ""),
    }


async def setup(context: Context, command: Command) -> Answer:
    """Set a space up: zone, language, channels, log channel and a first digest; tells the space once who we are."""
    texts = await context.texts_of(command)
    await known_space(context, command, texts)
    readable = await context.readable(command)
    wanted = _channels(command.args.get("channels", ""), readable, texts)
    settings = _settings(context, command, readable, texts)
    digest = command.args.get("digest", NONE)
    args = {"name": texts.say("Digest"), "every": digest, "at": DIGEST_AT, "weekday": "mon", "day": "1"}
    await context.store.places.set_space(command.channel.space, **settings, set_up=True)
    for channel in wanted:
        await context.store.places.watch(channel.channel, True)
    if digest != NONE and not await _has_digest(context, command):
        await schedule(context, replace(command, args=args | {"zone": str(settings["zone"])}))
    await _introduce(context, command, wanted)
    lines = [
        texts.say("I follow {channels}.", channels=names_of(wanted))
        if wanted
        else texts.say("I follow no channel yet."),
        texts.say("/folkmoot-admin settings shows everything, /folkmoot-admin doctor what is missing."),
    ]
    return said("\n".join(lines), title=texts.say("Set up"))


def _channels(words: str, readable: tuple[KnownChannel, ...], texts: Texts) -> list[KnownChannel]:
    found: dict[int, KnownChannel] = {}
    for word in words.replace(",", " ").split():
        channel = channel_named(word, readable)
        if channel is None:
            raise CommandError(
                texts.say(
                    "I know no channel '{name}' that you can open. The ones I know: {names}.",
                    name=word[:60],
                    names=names_of(readable),
                )
            )
        found[channel.key] = channel
    return list(found.values())


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


async def _introduce(context: Context, command: Command, followed: list[KnownChannel]) -> None:
    """Plan the one notice that a space gets: who we are, what is stored, and how to stop it."""
    space = await context.space_of(command)
    if space is None or not followed:
        return
    texts = context.texts_for(space.locale, space.zone)
    open_ones = [it for it in followed if not it.info.private or it.channel == command.channel]
    forum = context.urls.forum() if any(on_web(it) for it in open_ones) else ""
    card = notice(open_ones, texts, forum)
    await context.store.outbox.plan(PostKind.NOTICE, f"hello:{space.key}", command.channel, command.at, card)
