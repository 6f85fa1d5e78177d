"""What a member may do in a channel, computed as Discord documents it."""

from enum import IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.servers.discord.channels import Channel
    from tests.servers.discord.guilds import Guild, Member


class Can(IntFlag):
    """Permission bits, by their documented names."""

    KICK_MEMBERS = 1 << 1
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40
    SEND_POLLS = 1 << 49
    PIN_MESSAGES = 1 << 51
    BYPASS_SLOWMODE = 1 << 52


NOTHING = Can(0)
EVERYTHING = ~NOTHING

EVERYONE = (
    Can.VIEW_CHANNEL
    | Can.SEND_MESSAGES
    | Can.EMBED_LINKS
    | Can.ATTACH_FILES
    | Can.READ_MESSAGE_HISTORY
    | Can.ADD_REACTIONS
    | Can.CREATE_PUBLIC_THREADS
    | Can.CREATE_PRIVATE_THREADS
    | Can.SEND_MESSAGES_IN_THREADS
    | Can.USE_APPLICATION_COMMANDS
    | Can.SEND_POLLS
)
MODERATOR = Can.MANAGE_MESSAGES | Can.MANAGE_THREADS | Can.PIN_MESSAGES


def in_guild(guild: "Guild", member: "Member") -> Can:
    """A member's permissions from their roles alone."""
    if guild.owner_id == member.id:
        return EVERYTHING
    found = guild.everyone.permissions
    for role in member.roles:
        found |= role.permissions
    return EVERYTHING if Can.ADMINISTRATOR in found else found


def in_channel(channel: "Channel", member: "Member") -> Can:
    """A member's permissions in a channel or thread, overwrites and private threads considered."""
    place = channel.parent if channel.is_thread and channel.parent is not None else channel
    found = in_guild(channel.guild, member)
    if found != EVERYTHING:
        found = _overwritten(place, member, found)
    if Can.VIEW_CHANNEL not in found:
        return NOTHING
    hidden = channel.is_private_thread and member.id not in channel.members and Can.MANAGE_THREADS not in found
    return NOTHING if hidden else found


def _overwritten(place: "Channel", member: "Member", found: Can) -> Can:
    """Overwrites in their order: @everyone, then all roles together, then the member."""
    for ids in ([place.guild.id], [role.id for role in member.roles], [member.id]):
        rules = [place.overwrites[an_id] for an_id in ids if an_id in place.overwrites]
        for rule in rules:
            found &= ~rule.deny
        for rule in rules:
            found |= rule.allow
    return found
