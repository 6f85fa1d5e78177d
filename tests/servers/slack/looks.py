"""What a person sees: messages, forms and the Home tab as Slack's client shows them, in plain lines.

Mentions are names, dates are in UTC or relative to the reader's clock, buttons are in brackets; *bold* stays.
"""

import html
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from tests.servers.log import Json
from tests.servers.slack.messages import TOMBSTONE, Message
from tests.servers.slack.views import View
from tests.servers.slack.world import World

TOKEN = re.compile(r"<([^<>\n]+)>")
PART = re.compile(r"\{(\w+)\}")
FORMATS = {
    "date_num": "%Y-%m-%d",
    "date_slash": "%m/%d/%Y",
    "date": "%B %-d, %Y",
    "date_short": "%b %-d, %Y",
    "date_long": "%A, %B %-d, %Y",
    "date_pretty": "%B %-d, %Y",
    "date_short_pretty": "%b %-d, %Y",
    "date_long_pretty": "%A, %B %-d, %Y",
    "time": "%H:%M",
    "time_secs": "%H:%M:%S",
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


def look_view(view: View, now: datetime) -> str:
    """A form or the Home tab."""
    return "\n".join(_view_lines(view, now))


def _lines(message: Message, now: datetime) -> Iterator[str]:
    world = message.world
    yield _head(message)
    if message.tombstone:
        yield TOMBSTONE
    elif message.author.is_bot and message.blocks:
        for line in blocks(message.blocks, world, now):
            yield f"┃ {line}"
    else:
        yield from words(message.text, world, now).splitlines()
    for attachment in message.attachments:
        yield f"┃ {attachment.get('title') or attachment.get('fallback') or ''}"
    for file in message.files:
        yield f"📎 {file['name']}"
    if message.reactions:
        yield " ".join(f":{name}: {len(members)}" for name, members in message.reactions.items())
    if message.replies:
        yield f"└ {len(message.replies)} repl{'y' if len(message.replies) == 1 else 'ies'}"


def _head(message: Message) -> str:
    notes = [" APP"] if message.author.is_bot else []
    notes += [" (edited)"] if message.edited and message.seen_only_by is None else []
    notes += [" (only visible to you)"] if message.seen_only_by else []
    notes += [" (replied to a thread)"] if message.broadcast else []
    name = "Slackbot" if message.tombstone else message.author.display_name or message.author.name
    return f"{'  ↳' if message.is_reply else '—'} {name}{''.join(notes)}"


def _view_lines(view: View, now: datetime) -> Iterator[str]:
    yield f"▣ {view.title or 'Home'}"
    for line in blocks(view.blocks, view.world, now, view):
        yield f"┃ {line}"
    for label, wrong in view.errors.items():
        yield f"⚠ {label}: {wrong}"
    if view.kind == "modal":
        submit, close = view.data.get("submit"), view.data.get("close")
        buttons = [close["text"] if close else "Cancel", *([submit["text"]] if submit else [])]
        yield " ".join(f"[{label}]" for label in buttons)


# Blocks


def blocks(items: Sequence[Json], world: World, now: datetime, view: View | None = None) -> Iterator[str]:
    """The lines of blocks."""
    for block in items:
        match block["type"]:
            case "divider":
                yield "───"
            case "input" if view is not None:
                yield _input(block, view)
            case "actions" | "context_actions":
                yield " ".join(f"[{_label(one)}]" for one in block["elements"])
            case _:
                yield from _texts(block, world, now)


def _texts(block: Json, world: World, now: datetime) -> Iterator[str]:
    match block["type"]:
        case "section":
            for text in [block.get("text"), *(block.get("fields") or [])]:
                yield from said(text, world, now).splitlines() if text else ()
            accessory = block.get("accessory")
            if accessory:
                yield f"[{_label(accessory)}]"
        case "context":
            yield from " ".join(said(one, world, now) for one in block["elements"]).splitlines()
        case "rich_text":
            yield from "".join(_rich(block["elements"], world, now)).splitlines()
        case "image":
            yield f"🖼 {block['alt_text']}"
        case "markdown":
            yield from block["text"].splitlines()
        case _:  # header
            yield from said(block.get("text"), world, now).splitlines()


def said(text: Json | None, world: World, now: datetime) -> str:
    """A text object, or an image's words."""
    if text is None:
        return ""
    if text["type"] == "mrkdwn":
        return words(text["text"], world, now)
    return str(text.get("text") or text.get("alt_text") or "")


def _rich(parts: Sequence[Json], world: World, now: datetime) -> Iterator[str]:
    for part in parts:
        match part["type"]:
            case "rich_text_section" | "rich_text_preformatted" | "rich_text_quote":
                yield "".join(_rich(part["elements"], world, now)) + "\n"
            case "rich_text_list":
                for one in part["elements"]:
                    yield "• " + "".join(_rich([one], world, now))
            case "date":
                yield dated(part["timestamp"], part["format"], now)
            case "link":
                yield f"{part.get('text') or part['url']} ↗"
            case "emoji":
                yield f":{part['name']}:"
            case _:
                yield str(part.get("text", ""))


def _label(element: Json) -> str:
    text = element.get("text") or element.get("placeholder") or {}
    label = text.get("text") or element.get("alt_text") or ("⋯" if element["type"] == "overflow" else element["type"])
    return f"{label} ↗" if element.get("url") else f"{label} ▾" if "select" in element["type"] else label


def _input(block: Json, view: View) -> str:
    element = block["element"]
    state = view.state[block["block_id"]][element["action_id"]]
    value = next((value for key, value in state.items() if key != "type"), None)
    shown = value["text"]["text"] if isinstance(value, dict) else value
    if isinstance(value, list):
        shown = ", ".join(one["text"]["text"] if isinstance(one, dict) else str(one) for one in value)
    placeholder = (element.get("placeholder") or {}).get("text", "")
    optional = " (optional)" if block.get("optional") else ""
    return f"{block['label']['text']}{optional}: {shown or f'‹{placeholder}›'}"


# Words


def words(text: str, world: World, now: datetime) -> str:
    """mrkdwn with names for mentions, labels for links and moments for dates."""
    return html.unescape(TOKEN.sub(lambda found: _token(found[1], world, now), text))


def _token(token: str, world: World, now: datetime) -> str:
    word, _, label = token.partition("|")
    if word.startswith("!date^"):
        seconds, shape, *_ = word.removeprefix("!date^").split("^")
        return dated(int(seconds), shape, now)
    if word.startswith("!subteam^"):
        group = world.groups.get(word.removeprefix("!subteam^"))
        return f"@{group.handle}" if group else "@unknown-group"
    if word.startswith("!"):
        return f"@{word[1:]}"
    if word.startswith("@"):
        member = world.members.get(word[1:])
        return f"@{member.display_name or member.name}" if member else "@unknown-user"
    if word.startswith("#"):
        channel = world.channels.get(word[1:])
        return f"#{channel.name}" if channel else "#unknown"
    return f"{label} ↗" if label else word


def dated(seconds: int, shape: str, now: datetime) -> str:
    """A date as the client renders it, in UTC."""
    at = datetime.fromtimestamp(seconds, UTC)

    def part(found: re.Match[str]) -> str:
        name = found[1]
        return _ago(int((now - at).total_seconds())) if name == "ago" else at.strftime(FORMATS.get(name, found[0]))

    return PART.sub(part, shape)


def _ago(distance: int) -> str:
    size, unit = next((unit for unit in UNITS if abs(distance) >= unit[0]), UNITS[-1])
    count = abs(distance) // size
    said = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{said} ago" if distance >= 0 else f"in {said}"
