"""The words of a Slack message, as mrkdwn: its text, or what its blocks and attachments say."""

from collections.abc import Iterator

from adapters.slack.convert.reading import Payload, record, records, words

DEPTH = 12  # how deeply blocks are looked into
_LIVE = {"user": ("@", "user_id"), "channel": ("#", "channel_id"), "usergroup": ("!subteam^", "usergroup_id")}


def text_of(payload: Payload) -> str:
    """What a person reads in it; blocks and attachments only speak when the text is empty."""
    if payload.get("subtype") == "file_comment":
        return words(record(payload.get("comment")).get("comment")) or words(payload.get("text"))
    if (text := words(payload.get("text"))).strip():
        return text
    said = _lines(_block(block, 0) for block in records(payload.get("blocks")))
    return said or _lines(_attachment(each) for each in records(payload.get("attachments")))


def escaped(text: str) -> str:
    """Plain words as mrkdwn, as Slack itself escapes them."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _lines(parts: Iterator[str]) -> str:
    return "\n".join(part for part in parts if part.strip())


def _attachment(attachment: Payload) -> str:
    said = _lines(words(attachment.get(key)) for key in ("pretext", "title", "text"))
    return said or words(attachment.get("fallback"))


def _block(block: Payload, depth: int) -> str:
    """The words of a block, or of any part of one."""
    kind = words(block.get("type"))
    if depth > DEPTH or kind in {"button", "divider"}:
        return ""
    if kind in _LIVE:
        sign, key = _LIVE[kind]
        return f"<{sign}{words(block.get(key))}>"
    if kind == "link":
        return f"<{words(block.get('url'))}>"
    if kind == "emoji":
        return f":{words(block.get('name'))}:"
    parts = [_block(part, depth + 1) for key in ("elements", "fields") for part in records(block.get(key))]
    inner = "".join(parts) if kind.startswith("rich_text_") and kind != "rich_text_list" else _lines(iter(parts))
    return _lines(iter([_own(block, kind), inner]))


def _own(block: Payload, kind: str) -> str:
    """The text that stands in a block itself."""
    text = block.get("text")
    if isinstance(text, dict):
        return words(text.get("text")) if text.get("type") == "mrkdwn" else escaped(words(text.get("text")))
    return words(text) if kind == "mrkdwn" else escaped(words(text))
