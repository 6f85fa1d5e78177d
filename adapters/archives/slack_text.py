"""The words of a Slack message, as mrkdwn: its text, or what its blocks, attachments or comment say."""

import re
from collections.abc import Callable, Iterator

from adapters.archives.shapes import Record, record, records, words

UPLOADED = re.compile(r"<@[A-Z0-9]+(?:\|[^>]*)?> (?:uploaded|shared|commented on|added)\b")
MAX_DEPTH = 12


def text_of(payload: Record) -> str:
    """What a person reads in it; blocks and attachments only speak when the text is empty."""
    text = words(payload.get("text"))
    if not text.strip():
        return _attached(payload)
    subtype = payload.get("subtype")
    if subtype == "file_comment":
        return words(record(payload.get("comment")).get("comment")) or text
    if subtype == "file_share" and UPLOADED.match(text):
        return words(record(record(payload.get("file")).get("initial_comment")).get("comment"))
    return text


def escape(text: str) -> str:
    """Plain words as mrkdwn, as Slack itself escapes them."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """The reverse of `escape`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _attached(payload: Record) -> str:
    blocks = _join(_block(block, 0) for block in records(payload.get("blocks")))
    return blocks or _join(_attachment(each) for each in records(payload.get("attachments")))


def _join(parts: Iterator[str], glue: str = "\n") -> str:
    return glue.join(part for part in parts if part.strip())


def _attachment(attachment: Record) -> str:
    said = [words(attachment.get(key)) for key in ("pretext", "title", "text")]
    said += [_join(iter([words(field.get("title")), words(field.get("value"))]), ": ") for field in _fields(attachment)]
    blocks = _join(_block(block, 0) for block in records(attachment.get("blocks")))
    return _join(iter([*said, blocks])) or words(attachment.get("fallback"))


def _fields(holder: Record) -> list[Record]:
    return records(holder.get("fields"))


def _block(block: Record, depth: int) -> str:
    """The words of a block, or of any part of one."""
    if depth > MAX_DEPTH:
        return ""
    kind = words(block.get("type"))
    if kind in LEAVES:
        return LEAVES[kind](block)
    if kind in {"rich_text_section", "rich_text_preformatted", "rich_text_quote"}:
        return "".join(_block(part, depth + 1) for part in records(block.get("elements")))
    own = [_words_of(block.get(key)) for key in ("title", "text", "alt_text")]
    parts = [*_fields(block), *records(block.get("elements"))]
    return _join(iter([*own, *(_block(part, depth + 1) for part in parts)]))


def _words_of(value: object) -> str:
    """A text object or a bare string."""
    if isinstance(value, dict):
        return LEAVES.get(words(value.get("type")), _plain)(value)
    return escape(words(value))


def _mrkdwn(part: Record) -> str:
    return words(part.get("text"))


def _plain(part: Record) -> str:
    return escape(words(part.get("text")))


def _link(part: Record) -> str:
    url, label = words(part.get("url")), words(part.get("text"))
    return f"<{url}|{escape(label)}>" if label else f"<{url}>"


LEAVES: dict[str, Callable[[Record], str]] = {
    "mrkdwn": _mrkdwn,
    "plain_text": _plain,
    "text": _plain,
    "link": _link,
    "user": lambda part: f"<@{words(part.get('user_id'))}>",
    "channel": lambda part: f"<#{words(part.get('channel_id'))}>",
    "usergroup": lambda part: f"<!subteam^{words(part.get('usergroup_id'))}>",
    "broadcast": lambda part: f"@{words(part.get('range'))}",
    "emoji": lambda part: f":{words(part.get('name'))}:",
    "date": lambda part: escape(words(part.get("fallback"))),
    "color": lambda part: escape(words(part.get("value"))),
    "button": lambda _part: "",
    "divider": lambda _part: "",
}
