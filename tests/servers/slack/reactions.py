"""Reactions and pins."""

from typing import TYPE_CHECKING

from tests.servers.slack.world import Json, NotAllowed

if TYPE_CHECKING:
    from tests.servers.slack.members import Member
    from tests.servers.slack.messages import Message


def counts(message: "Message") -> list[Json]:
    """The reactions as the message object has them."""
    return [
        {"name": name, "users": [one.id for one in members], "count": len(members)}
        for name, members in message.reactions.items()
    ]


def add(message: "Message", member: "Member", emoji: str) -> None:
    """React once."""
    message.channel.must(member)
    members = message.reactions.setdefault(emoji, [])
    if member in members:
        raise NotAllowed(f"{member.name} reacted with :{emoji}: already")
    if message.deleted or message.seen_only_by is not None:
        raise NotAllowed("nobody reacts to this message")
    members.append(member)
    message.world.did(member, "react", ts=message.ts, emoji=emoji)
    _tell(message, member, emoji, "reaction_added")


def remove(message: "Message", member: "Member", emoji: str) -> None:
    """Take it back."""
    members = message.reactions.get(emoji, [])
    if member not in members:
        raise NotAllowed(f"{member.name} did not react with :{emoji}:")
    members.remove(member)
    if not members:
        del message.reactions[emoji]
    message.world.did(member, "unreact", ts=message.ts, emoji=emoji)
    _tell(message, member, emoji, "reaction_removed")


def _tell(message: "Message", member: "Member", emoji: str, name: str) -> None:
    item = {"type": "message", "channel": message.channel.id, "ts": message.ts}
    event = {"user": member.id, "reaction": emoji, "item": item, "item_user": message.author.id}
    message.world.emit(name, event, message.channel)


def pin(message: "Message", by: "Member") -> None:
    """Pin it."""
    message.channel.must(by)
    if any(pinned is message for pinned, _, _ in message.channel.pins):
        raise NotAllowed("it is pinned already")
    message.channel.pins.append((message, by, int(message.world.clock.now().timestamp())))
    message.world.emit("pin_added", _pin_event(message, by), message.channel)


def unpin(message: "Message", by: "Member") -> None:
    """Unpin it."""
    message.channel.must(by)
    pins = message.channel.pins
    if not any(pinned is message for pinned, _, _ in pins):
        raise NotAllowed("it is not pinned")
    pins[:] = [one for one in pins if one[0] is not message]
    event = _pin_event(message, by) | {"has_pins": bool(pins)}
    message.world.emit("pin_removed", event, message.channel)


def item(message: "Message", by: "Member", when: int) -> Json:
    """A pinned item."""
    found = {"type": "message", "created": when, "created_by": by.id, "channel": message.channel.id}
    return found | {"message": message.payload(counted=False) | {"permalink": message.permalink}}


def _pin_event(message: "Message", by: "Member") -> Json:
    now = int(message.world.clock.now().timestamp())
    found = {"user": by.id, "channel_id": message.channel.id, "item": item(message, by, now)}
    return found | {"item_user": message.author.id, "pin_count": len(message.channel.pins)}
