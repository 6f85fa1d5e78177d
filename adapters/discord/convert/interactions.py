"""What people ask through Discord: slash commands, menus, buttons and modals → `Command`. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from adapters.discord.carrying import CHOSEN, Carried, decode
from adapters.discord.convert.guilds import ADMINISTRATOR, LINK, MANAGE_GUILD, MANAGE_MESSAGES, THREADS, Spot
from adapters.discord.convert.messages import MessageType, message_of, user_of
from adapters.discord.convert.reading import (
    BadPayload,
    Payload,
    needed,
    record,
    records,
    snowflake,
    snowflakes,
    type_of,
    whole,
    words,
)
from bot.models import Asker, Author, Channel, Command, Message, MessageRef, Platform, Role, Space, Thread

APPLICATION_COMMAND, MESSAGE_COMPONENT, MODAL_SUBMIT = 2, 3, 5
SLASH, MESSAGE_MENU = 1, 3
SUBCOMMAND, GROUP = 1, 2
BOOLEAN, CHANNEL = 5, 7
GUILD_INSTALL = "0"


class Way(StrEnum):
    """How something was asked."""

    SLASH = "slash"
    MENU = "menu"
    BUTTON = "button"
    FORM = "form"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an interaction asks. `page`: what comes next is this page of the command's form; 0: the command is run.

    `message` is what a menu was used on as it is now, words included even where we are not allowed to read along.
    """

    command: Command
    way: Way
    page: int = 0
    message: Message | None = None


def asked_of(
    payload: Payload, menus: Mapping[str, str], shelf: Mapping[str, str], at: datetime, own: str = ""
) -> Asked:
    """What INTERACTION_CREATE asks; `menus` gives commands by the menus' names.

    BadPayload for what makes no sense or comes from outside a server that installed us; Unreadable for a button that is
    too old. Both need a private answer: the person waits.
    """
    asker, spot = _asker(payload), _spot(payload)
    data = record(payload.get("data"))
    plain = Command(name="", asker=asker, channel=spot.channel, at=at, thread=spot.thread)
    kind = type_of(payload)
    if kind == APPLICATION_COMMAND and type_of(data) == SLASH:
        name, args = _slash(data)
        return Asked(command=replace(plain, name=name, args=args), way=Way.SLASH)
    if kind == APPLICATION_COMMAND and type_of(data) == MESSAGE_MENU:
        return _menu(data, menus, spot, plain, own)
    if kind in {MESSAGE_COMPONENT, MODAL_SUBMIT}:
        carried = decode(words(data.get("custom_id")), shelf)
        args = dict(carried.args) | (_filled_in(data) if kind == MODAL_SUBMIT else _chosen(data, carried))
        command = replace(plain, name=carried.command, args={name: value for name, value in args.items() if value})
        return Asked(command=command, way=Way.FORM if kind == MODAL_SUBMIT else Way.BUTTON, page=carried.page)
    raise BadPayload(f"Dropped an interaction from Discord: nothing of type {kind} was offered.")


def _asker(payload: Payload) -> Asker:
    """Who asks, and what they may do in this channel, as Discord vouches at this moment."""
    space = Space(Platform.DISCORD, needed(payload, "guild_id", "an interaction"))
    owners = payload.get("authorizing_integration_owners")
    if isinstance(owners, dict) and GUILD_INSTALL not in owners:
        raise BadPayload("Dropped an interaction from Discord: its server has not installed us.")
    member = record(payload.get("member"))
    user: Author = user_of(record(member.get("user")), member, space)
    return Asker(
        member=user.member,
        name=user.name,
        roles=roles_of(whole(member.get("permissions"))),
        locale=words(payload.get("locale")) or "en",
        groups=frozenset(snowflakes(member.get("roles"))),
    )


def roles_of(permissions: int) -> frozenset[Role]:
    """What Discord's permissions in a channel make of somebody; an admin is also a moderator."""
    roles = {Role.MEMBER}
    if permissions & (ADMINISTRATOR | MANAGE_GUILD):
        roles |= {Role.ADMIN, Role.MODERATOR}
    if permissions & MANAGE_MESSAGES:
        roles.add(Role.MODERATOR)
    return frozenset(roles)


def _spot(payload: Payload) -> Spot:
    """Where it was asked; the interaction brings its channel along, so nothing has to be known before."""
    guild = needed(payload, "guild_id", "an interaction")
    space = Space(Platform.DISCORD, guild)
    place = record(payload.get("channel"))
    ident = snowflake(place.get("id")) or needed(payload, "channel_id", "an interaction")
    parent = snowflake(place.get("parent_id")) if type_of(place) in THREADS else ""
    channel = Channel(space, parent or ident)
    return Spot(channel, Thread(channel, ident) if parent else None, f"{LINK}/{guild}/{ident}")


def _slash(data: Payload) -> tuple[str, dict[str, str]]:
    """The name of a slash command as the table has it, and its arguments."""
    name, options = words(data.get("name")), records(data.get("options"))
    while len(options) == 1 and type_of(options[0]) in {SUBCOMMAND, GROUP}:
        name, options = f"{name} {words(options[0].get('name'))}", records(options[0].get("options"))
    return name, {words(option.get("name")): value for option in options if (value := _value(option))}


def _value(option: Payload) -> str:
    """What was given for an option, as somebody would have typed it."""
    value = option.get("value")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if type_of(option) == CHANNEL:
        return f"<#{snowflake(value)}>" if snowflake(value) else ""
    return str(value) if isinstance(value, int) and abs(value) < 2**63 else words(value)


def _menu(data: Payload, menus: Mapping[str, str], spot: Spot, plain: Command, own: str) -> Asked:
    name, target = menus.get(words(data.get("name"))), needed(data, "target_id", "a menu")
    if name is None:
        raise BadPayload("Dropped an interaction from Discord: there is no such menu.")
    found = record(record(record(data.get("resolved")).get("messages")).get(target))
    if spot.thread and type_of(found) == MessageType.THREAD_STARTER_MESSAGE:
        target = spot.thread.id  # stands for the message that the thread hangs on
    command = replace(plain, name=name, target=MessageRef(spot.channel, target))
    try:
        message = message_of(found, spot, own)
    except BadPayload:
        message = None  # the menu names its message all the same
    return Asked(command=command, way=Way.MENU, message=message)


def _chosen(data: Payload, carried: Carried) -> dict[str, str]:
    """What was chosen from a list, under the name of the argument that it stands for."""
    values, name = data.get("values"), carried.args.get(CHOSEN, "")
    chosen = words(values[0]) if isinstance(values, list) and values else ""
    return {CHOSEN: "", name: chosen} if name else {}


def _filled_in(data: Payload) -> dict[str, str]:
    """What was written or chosen in a modal, by the fields' names; "" for what was left empty."""
    filled: dict[str, str] = {}
    for part in records(data.get("components")):
        for one in (record(part.get("component")), *records(part.get("components"))):
            name, values = words(one.get("custom_id")), one.get("values")
            chosen = words(values[0]) if isinstance(values, list) and values else ""
            if name:
                filled[name] = words(one.get("value")) or chosen
    return filled
