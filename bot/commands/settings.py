"""/folkmoot-admin settings and set: what a community decides, each kept as it is read back."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from babel import Locale

from bot.commands.context import Context
from bot.commands.finding import channel_for, channel_named, name_of
from bot.commands.saying import said, seconds_of
from bot.commands.words import NO, YES
from bot.errors import CommandError
from bot.markup import Text
from bot.models import Answer, Command, Field, KnownChannel, KnownSpace, Platform, Space
from bot.naming import label_of
from bot.schedule import zone_named
from bot.texts import Texts, language_name, languages, phrase

SHORTEST, LONGEST = 600, 7 * 24 * 3600  # seconds of quiet_after
OFF = "off"
COMMUNITY = "community_name"  # kept for all spaces of the community
RETENTION = "retention_days"  # kept in every space of the community
DAYS = 36_500  # at most
NAME_LIMIT = 60  # characters of it
# A user group as Slack writes one, a role as Discord does, or the id of either.
_GROUP = re.compile(r"(?:<!subteam\^|<@&)?(S[A-Z0-9]{2,30}|\d{1,20})(?:\|[^<>]*)?>?", re.ASCII)
_MENTION = re.compile(r"<@!?([^<>|\s]+)(?:\|[^<>]*)?>")  # as platforms write a member or bot that somebody picked
Value = str | int | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of a space: what it is called for people, how it is read from words, and how it is shown.

    `in_room`: whether it means anything in the local room.
    """

    label: str
    read: Callable[["Asked"], Value]
    show: Callable[[KnownSpace, "Shown"], str]
    in_room: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is needed to show a setting."""

    texts: Texts
    readable: tuple[KnownChannel, ...]

    def yes_no(self, value: bool) -> str:
        """A switch in words."""
        return self.texts.say("yes") if value else self.texts.say("no")

    def channel(self, channel: str | None) -> str:
        """A channel by its name, if the asker can open it."""
        if channel is None:
            return self.texts.say("off")
        known = next((it for it in self.readable if it.channel.id == channel), None)
        return name_of(known) if known else self.texts.say("a channel that you cannot open")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Shown):
    """What was typed for a setting."""

    name: str
    words: str
    context: Context


def _zone(asked: Asked) -> Value:
    return zone_named(asked.words, asked.texts, asked.context.clock.now())


def _locale(asked: Asked) -> Value:
    folded = asked.words.strip().casefold()
    for code in languages():
        names = {code, code.casefold(), *(str(Locale(code).get_display_name(it)).casefold() for it in (code, "en"))}
        if folded in names or folded.replace("_", "-").startswith(f"{code}-"):
            return code
    raise CommandError(
        asked.texts.say(
            "I don't speak '{words}' yet. Choose one of: {choices}.",
            words=asked.words[:40],
            choices=", ".join(f"{language_name(code)} ({code})" for code in languages()),
        )
    )


def _length(asked: Asked) -> Value:
    seconds = seconds_of(asked.words)
    if seconds is None or not SHORTEST <= seconds <= LONGEST:
        raise CommandError(
            asked.texts.say(
                "Write '{name}' as a time from 10m to 7d, such as 6h, not '{words}'.",
                name=asked.name,
                words=asked.words[:40],
            )
        )
    return seconds


def _days(asked: Asked) -> Value:
    words = asked.words.strip().casefold().removesuffix("d").strip()
    if words in NO | {OFF}:
        return None
    if not (words.isascii() and words.isdecimal() and 1 <= int(words) <= DAYS):
        raise CommandError(
            asked.texts.say(
                "Write '{name}' as a number of days, such as 365, or 'off' to keep words for good, not '{words}'.",
                name=asked.name,
                words=asked.words[:40],
            )
        )
    return int(words)


def _switch(asked: Asked) -> Value:
    folded = asked.words.strip().casefold()
    if folded in YES:
        return True
    if folded in NO and folded:
        return False
    raise CommandError(
        asked.texts.say("'{name}' is yes or no, not '{words}'.", name=asked.name, words=asked.words[:40])
    )


def _channel(asked: Asked) -> Value:
    if asked.words.strip().casefold() in NO | {OFF}:
        return None
    return channel_named(asked.words, asked.readable, asked.texts).channel.id


def _name(asked: Asked) -> Value:
    name = " ".join(asked.words.split())
    if len(name) > NAME_LIMIT:
        raise CommandError(asked.texts.say("A community's name may have at most {limit} characters.", limit=NAME_LIMIT))
    return None if name.casefold() == OFF else name


def _group(asked: Asked) -> Value:
    words = asked.words.strip()
    if words.casefold() in NO | {OFF}:
        return None
    found = _GROUP.fullmatch(words)
    if found is None:
        raise CommandError(
            asked.texts.say(
                "'{words}' is no user group or role that I know. Type @ and choose one, or 'off'.",
                words=asked.words[:40],
            )
        )
    return found[1]


SETTINGS: Mapping[str, Setting] = {
    "zone": Setting(label=phrase("Time zone"), read=_zone, show=lambda space, _: space.zone),
    "locale": Setting(
        label=phrase("Language of posts"), read=_locale, show=lambda space, _: language_name(space.locale)
    ),
    "quiet_after": Setting(
        label=phrase("A discussion is quiet after"),
        read=_length,
        show=lambda space, shown: shown.texts.lasting(timedelta(seconds=space.quiet_after)),
    ),
    RETENTION: Setting(
        label=phrase("Words are deleted after so many days, in all of the community; counts stay"),
        read=_days,
        show=lambda space, shown: str(space.retention_days or shown.texts.say("off")),
    ),
    "members_may_start": Setting(
        label=phrase("Everyone may start discussions"),
        read=_switch,
        show=lambda space, shown: shown.yes_no(space.members_may_start),
    ),
    "own_highlights": Setting(
        label=phrase("People may highlight their own messages"),
        read=_switch,
        show=lambda space, shown: shown.yes_no(space.own_highlights),
    ),
    "bot_highlights": Setting(
        label=phrase("Messages of bots may be highlighted"),
        read=_switch,
        show=lambda space, shown: shown.yes_no(space.bot_highlights),
    ),
    "highlights_channel": Setting(
        label=phrase("Highlights are published in"),
        read=_channel,
        show=lambda space, shown: shown.channel(space.highlights_channel),
    ),
    "log_channel": Setting(
        label=phrase("Problems are reported in"),
        read=_channel,
        show=lambda space, shown: shown.channel(space.log_channel),
    ),
    COMMUNITY: Setting(label=phrase("Name of the community"), read=_name, show=lambda space, _: space.community_name),
    "moderator_group": Setting(
        label=phrase("User group or role whose members moderate"),
        read=_group,
        show=lambda space, shown: space.moderator_group or shown.texts.say("off"),
        in_room=False,
    ),
}


async def _bots(context: Context, channel: KnownChannel, asked: Asked) -> None:
    await context.store.places.set_bots(channel.channel, bool(_switch(asked)), sorted(channel.settings.bridges))


async def _bridges(context: Context, channel: KnownChannel, asked: Asked) -> None:
    words = _MENTION.sub(r"\1", asked.words).replace(",", " ").split()
    bridges = [] if words == [OFF] else sorted(set(words))
    await context.store.places.set_bots(channel.channel, channel.settings.count_bots, bridges)


OF_CHANNEL: Mapping[str, tuple[str, Callable[[Context, KnownChannel, Asked], Awaitable[None]]]] = {
    "count_bots": (phrase("Messages of bots count"), _bots),
    "bridges": (phrase("Bots that speak for people"), _bridges),
}
CHOICES = (*((name, it.label) for name, it in SETTINGS.items()), *((name, it[0]) for name, it in OF_CHANNEL.items()))


async def show(context: Context, command: Command) -> Answer:
    """Show every setting of the space, and those of the channel."""
    texts = await context.texts_of(command)
    space = await known_space(context, command, texts)
    shown = Shown(texts=texts, readable=await context.readable(command))
    room = space.info.space.platform is Platform.LOCAL
    has = {name: it for name, it in SETTINGS.items() if it.in_room or not room}
    fields = [_field(name, it.label, it.show(space, shown), texts) for name, it in has.items()]
    fields += await _links(context, space, texts)
    channel = next((it for it in shown.readable if it.channel == command.channel), None)
    if channel is not None:
        fields += _of_channel(channel, shown)
    return said(
        texts.say("Change one with /folkmoot-admin set, its name and the new value."),
        title=texts.say("Settings"),
        fields=fields,
    )


async def _links(context: Context, space: KnownSpace, texts: Texts) -> list[Field]:
    """The spaces that this one is linked with."""
    linked = await linked_with(context, space.info.space)
    value = (Text(", ".join(linked)),)
    return [Field(label=texts.say("Linked with (/folkmoot-admin link)"), value=value)] if linked else []


async def linked_with(context: Context, space: Space) -> list[str]:
    """The spaces that a space is linked with, as they are told apart."""
    return [label_of(it) for it in await context.store.places.spaces() if space in it.linked]


def _of_channel(channel: KnownChannel, shown: Shown) -> list[Field]:
    settings, texts = channel.settings, shown.texts
    level = f"{settings.level.name.lower()} ({texts.command('folkmoot-admin share')})"
    values = {
        "watched": (phrase("I follow {channel}"), shown.yes_no(settings.watched)),
        "cards": (phrase("Cards in {channel}"), settings.cards.value),
        "level": (phrase("How far words of {channel} may go"), level),
        "count_bots": (OF_CHANNEL["count_bots"][0], shown.yes_no(settings.count_bots)),
        "bridges": (OF_CHANNEL["bridges"][0], ", ".join(sorted(settings.bridges)) or texts.say("none")),
    }
    return [_field(name, label, value, texts, name_of(channel)) for name, (label, value) in values.items()]


def _field(name: str, label: str, value: str, texts: Texts, channel: str = "") -> Field:
    return Field(label=f"{texts.say(label, channel=channel)} ({name})", value=(Text(value),))


async def known_space(context: Context, command: Command, texts: Texts) -> KnownSpace:
    """The space, or CommandError while nothing is known of it."""
    space = await context.space_of(command)
    if space is None:
        raise CommandError(texts.say("I don't know this place yet. Please try again in a minute."))
    return space


async def set_(context: Context, command: Command) -> Answer:
    """Change one setting, of the space or of this channel (`channel` names another)."""
    texts = await context.texts_of(command)
    await known_space(context, command, texts)
    name = command.args["name"]
    readable = await context.readable(command)
    asked = Asked(texts=texts, readable=readable, name=name, words=command.args["value"], context=context)
    if name in SETTINGS:
        await _keep(context, command.channel.space, name, SETTINGS[name].read(asked))
    else:
        channel = await channel_for(context, command, texts)
        await OF_CHANNEL[name][1](context, channel, asked)
    fresh = await show(context, command)
    return fresh if name not in SETTINGS else await _changed(context, command, name, texts)


async def _keep(context: Context, space: Space, name: str, value: Value) -> None:
    if name == COMMUNITY:
        await context.store.places.name_community(space, None if value is None else str(value))
    elif name == RETENTION:
        known = await context.store.places.spaces()
        communities = {it.community for it in known if it.info.space == space}
        for each in [it.info.space for it in known if it.community in communities]:
            await context.store.places.set_space(each, **{name: value})
    else:
        await context.store.places.set_space(space, **{name: value})


async def _changed(context: Context, command: Command, name: str, texts: Texts) -> Answer:
    """Say what a setting is now."""
    space = await known_space(context, command, texts)
    shown = Shown(texts=await context.texts_of(command), readable=await context.readable(command))
    label = texts.say(SETTINGS[name].label)
    return said(texts.say("{label}: {value}.", label=label, value=SETTINGS[name].show(space, shown)))


async def log(context: Context, command: Command) -> Answer:
    """Choose the channel that hears what failed; "off" for none."""
    texts = await context.texts_of(command)
    await known_space(context, command, texts)
    readable = await context.readable(command)
    words = command.args.get("channel") or command.channel.id
    asked = Asked(texts=texts, readable=readable, name="log_channel", words=words, context=context)
    await context.store.places.set_space(command.channel.space, log_channel=_channel(asked))
    return await _changed(context, command, "log_channel", texts)
