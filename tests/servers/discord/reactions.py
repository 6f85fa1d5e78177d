"""Reactions to messages: people's and ours, and their events."""

from typing import TYPE_CHECKING

from tests.servers.discord.guilds import Member
from tests.servers.discord.permissions import Can
from tests.servers.discord.world import Json, User

if TYPE_CHECKING:
    from tests.servers.discord.messages import Message


def emoji_payload(emoji: str) -> Json:
    """A partial emoji: a character, or a server's own as name:id."""
    name, _, an_id = emoji.partition(":")
    return {"id": an_id or None, "name": name} | ({"animated": False} if an_id else {})


def counts(message: "Message") -> list[Json]:
    """The `reactions` of a message object, as our bot sees them."""
    us = message.world.application.user
    return [
        {
            "emoji": emoji_payload(emoji),
            "count": len(users),
            "count_details": {"burst": 0, "normal": len(users)},
            "me": us in users,
            "me_burst": False,
            "burst_colors": [],
        }
        for emoji, users in message.reactions.items()
    ]


def add(message: "Message", member: Member, emoji: str) -> None:
    """React; a second time with the same emoji changes nothing."""
    new = emoji not in message.reactions
    message.channel.must(member, Can.READ_MESSAGE_HISTORY | (Can.ADD_REACTIONS if new else Can(0)))
    users = message.reactions.setdefault(emoji, [])
    if member.user in users:
        return
    users.append(member.user)
    message.world.did(member, "react", message=message.id, emoji=emoji)
    data = _data(message, emoji) | {
        "user_id": member.id,
        "member": member.payload(),
        "message_author_id": message.author.id,
        "burst": False,
        "type": 0,
    }
    message.channel.tell("MESSAGE_REACTION_ADD", data)


def remove(message: "Message", user: User, emoji: str) -> bool:
    """Take somebody's reaction away; False if there was none."""
    users = message.reactions.get(emoji, [])
    if user not in users:
        return False
    users.remove(user)
    if not users:
        del message.reactions[emoji]
    message.world.did(user, "unreact", message=message.id, emoji=emoji)
    data = _data(message, emoji) | {"user_id": user.id, "burst": False, "type": 0}
    message.channel.tell("MESSAGE_REACTION_REMOVE", data)
    return True


def clear(message: "Message", emoji: str | None) -> None:
    """Take away all reactions, or all with one emoji."""
    message.world.did(None, "clear reactions", message=message.id, emoji=emoji)
    if emoji is None:
        message.reactions.clear()
        data = _data(message, "")
        del data["emoji"]
        message.channel.tell("MESSAGE_REACTION_REMOVE_ALL", data)
    elif message.reactions.pop(emoji, None) is not None:
        message.channel.tell("MESSAGE_REACTION_REMOVE_EMOJI", _data(message, emoji))


def _data(message: "Message", emoji: str) -> Json:
    return {
        "channel_id": message.channel.id,
        "message_id": message.id,
        "guild_id": message.channel.guild.id,
        "emoji": emoji_payload(emoji),
    }
