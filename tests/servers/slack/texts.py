"""Text as Slack stores it: escaped, with its tokens; and the rich text block that its clients send with it."""

import html
import re

from tests.servers.log import Json

TOKEN = re.compile(r"<(?:@[A-Z0-9]+|#[A-Z0-9]+(?:\|[^<>]*)?|![^<>]+|(?:https?|mailto):[^<>|]+(?:\|[^<>]*)?)>")
LINK = re.compile(r"https?://[^\s<>|]+")
BROADCASTS = ("here", "channel", "everyone")


def escape(text: str) -> str:
    """The three characters that Slack escapes."""
    return html.escape(text, quote=False)


def typed(text: str) -> str:
    """What Slack makes of what somebody types: addresses become links, tokens of mentions stay, the rest is escaped."""
    found, start = "", 0
    for token in TOKEN.finditer(text):
        found += _linked(text[start : token.start()]) + token[0]
        start = token.end()
    return found + _linked(text[start:])


def _linked(text: str) -> str:
    return LINK.sub(lambda found: f"<{found[0]}>", escape(text))


def rich_text(text: str, block_id: str) -> list[Json]:
    """The block that a person's message carries beside its text."""
    parts: list[Json] = []
    start = 0
    for token in TOKEN.finditer(text):
        parts += [*_plain(text[start : token.start()]), _element(token[0][1:-1])]
        start = token.end()
    parts += _plain(text[start:])
    section = {"type": "rich_text_section", "elements": parts}
    return [{"type": "rich_text", "block_id": block_id, "elements": [section]}] if parts else []


def _plain(text: str) -> list[Json]:
    return [{"type": "text", "text": html.unescape(text)}] if text else []


def _element(token: str) -> Json:
    word, _, label = token.partition("|")
    if word.startswith("@"):
        return {"type": "user", "user_id": word[1:]}
    if word.startswith("#"):
        return {"type": "channel", "channel_id": word[1:]}
    if word.startswith("!subteam^"):
        return {"type": "usergroup", "usergroup_id": word.removeprefix("!subteam^")}
    if word.startswith("!"):
        return {"type": "broadcast", "range": word[1:]} if word[1:] in BROADCASTS else {"type": "text", "text": label}
    url = html.unescape(word)
    return {"type": "link", "url": url} | ({"text": html.unescape(label)} if label else {})
