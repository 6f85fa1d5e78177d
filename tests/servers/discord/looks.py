"""What a person sees: messages as Discord's client shows them, in plain lines (for golden renders).

Mentions are names, timestamps are in UTC or relative to the reader's clock, buttons are in brackets; markdown stays.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from tests.servers.discord.messages import (
    EPHEMERAL,
    LOADING,
    PINNED,
    REPLY,
    STARTER,
    SUPPRESS_EMBEDS,
    THREAD_CREATED,
    Message,
)
from tests.servers.discord.world import Json, World

STAMP = re.compile(r"<t:(-?\d+)(?::([tTdDfFR]))?>")
NAMED = re.compile(r"<(@!?|@&|#)(\d+)>")

FORMATS = {
    "t": "%H:%M",
    "T": "%H:%M:%S",
    "d": "%d/%m/%Y",
    "D": "%-d %B %Y",
    "f": "%-d %B %Y %H:%M",
    "F": "%A, %-d %B %Y %H:%M",
}
SYSTEM = {
    STARTER: "(started from a message)",
    THREAD_CREATED: "started a thread: {}",
    PINNED: "pinned a message",
}
UNITS = (
    (365 * 86_400, "year"),
    (30 * 86_400, "month"),
    (86_400, "day"),
    (3_600, "hour"),
    (60, "minute"),
    (1, "second"),
)


def look(message: Message, now: datetime) -> str:
    """One message as its reader sees it at a moment."""
    return "\n".join(_lines(message, now))


def _lines(message: Message, now: datetime) -> Iterator[str]:
    world = message.world
    yield _head(message)
    if message.kind == REPLY and message.reply_to is not None:
        target = message.reply_to
        yield f"↱ {target.author.name}: {words(target.text, world, now)}" if not target.deleted else "↱ (deleted)"
    if message.flags & LOADING:
        yield "is thinking…"
    if message.kind in SYSTEM:
        yield SYSTEM[message.kind].format(message.text)
    else:
        yield from words(message.text, world, now).splitlines()
    if not message.flags & SUPPRESS_EMBEDS:
        for embed in message.embeds:
            yield from _embed(embed, world, now)
    yield from _rest(message)


def _head(message: Message) -> str:
    member = message.channel.guild.members.get(message.author.id)
    name = member.name if member else message.author.name
    notes = [" APP"] if message.author.bot else []
    notes += [" (edited)"] if message.edited_at else []
    notes += [" (only you can see this)"] if message.flags & EPHEMERAL else []
    return f"— {name}{''.join(notes)}"


def _embed(embed: Json, world: World, now: datetime) -> Iterator[str]:
    parts = [(embed.get("author") or {}).get("name"), embed.get("title"), embed.get("description")]
    for field in embed.get("fields") or []:
        parts += [f"**{field['name']}**", field["value"]]
    parts.append((embed.get("footer") or {}).get("text"))
    for part in parts:
        for line in words(part, world, now).splitlines() if part else []:
            yield f"┃ {line}"


def _rest(message: Message) -> Iterator[str]:
    for attachment in message.attachments:
        yield f"📎 {attachment['filename']}"
    for row in message.components:
        yield " ".join(f"[{_label(item)}]" for item in row["components"])
    if message.reactions:
        yield " ".join(f"{emoji} {len(users)}" for emoji, users in message.reactions.items())
    if message.started is not None and message.started.id in message.channel.guild.threads:
        yield f"└ {message.started.name} · {message.started.message_count} messages"


def _label(item: Json) -> str:
    emoji = (item.get("emoji") or {}).get("name")
    text = item.get("label") or item.get("placeholder") or ""
    return " ".join(part for part in (emoji, text, "↗" if item.get("style") == 5 else None) if part)


def words(text: str, world: World, now: datetime) -> str:
    """Text with names for mentions and moments for timestamps."""
    text = STAMP.sub(lambda found: stamp(int(found[1]), found[2] or "f", now), text)
    return NAMED.sub(lambda found: _named(found, world), text)


def _named(found: re.Match[str], world: World) -> str:
    sign, an_id = found[1], found[2]
    if sign == "#":
        return f"#{world.channels[an_id].name}" if an_id in world.channels else "#unknown"
    if sign == "@&":
        names = [guild.roles[an_id].name for guild in world.guilds.values() if an_id in guild.roles]
        return f"@{names[0]}" if names else "@unknown-role"
    return f"@{world.users[an_id].name}" if an_id in world.users else "@unknown-user"


def stamp(seconds: int, style: str, now: datetime) -> str:
    """A timestamp as the client renders it, in UTC."""
    at = datetime.fromtimestamp(seconds, UTC)
    if style != "R":
        return at.strftime(FORMATS[style])
    distance = int((now - at).total_seconds())
    size, unit = next((unit for unit in UNITS if abs(distance) >= unit[0]), UNITS[-1])
    count = abs(distance) // size
    said = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{said} ago" if distance >= 0 else f"in {said}"
