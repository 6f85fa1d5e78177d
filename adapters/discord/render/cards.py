"""A card as an embed with components, and what is sent around it. Plain JSON; every limit of Discord is kept."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from adapters.discord.carrying import Carried, Shelf, encode
from adapters.discord.render.fitting import fit, fit_words
from adapters.discord.render.markdown import ZERO
from bot.markup import Link, Mention, Node, Time, Tree, clean, cut, plain
from bot.models import Button, Card, Field
from bot.texts import Texts

Json = dict[str, Any]

TITLE = 256  # characters, these all
DESCRIPTION = 4096
FIELDS = 25
FIELD_NAME = 256
FIELD_VALUE = 1024
FOOTER = 2048
NOTE = 500  # of a footer that needs markup
TOTAL = 6000  # of an embed
URL = 2048
CONTENT = 2000
BUTTONS_A_ROW = 5
ROWS = 5
LABEL = 80
BUTTON_URL = 512
NONCE = 25

ACTION_ROW = 1
BUTTON = 2
SECONDARY = 2
LINK = 5
SUPPRESS_NOTIFICATIONS = 1 << 12
EPHEMERAL = 1 << 6

NOBODY: Json = {"parse": []}  # who a message notifies; an edit without it would be read as usual


def post_payload(card: Card, marker: str, shelf: Shelf, *, home: str = "") -> Json:
    """What creates a message: silent, notifying nobody, at most once for a marker within Discord's memory.

    The marker also stands in the embed's link, where `carries` finds it later; `home` is the link of a card that has
    none of its own, such as that of its channel.
    """
    payload = _shown(card, shelf, marked(card.url or home, marker))
    return payload | {"flags": SUPPRESS_NOTIFICATIONS, "nonce": marker[:NONCE], "enforce_nonce": True}


def edit_payload(card: Card, shelf: Shelf) -> Json:
    """What replaces all that a message of ours shows."""
    return _shown(card, shelf, card.url) | {"content": None}


def card_payload(card: Card, shelf: Shelf) -> Json:
    """A private answer that shows a card."""
    return _shown(card, shelf, card.url) | {"flags": EPHEMERAL}


def problem_payload(text: str) -> Json:
    """A private answer that says in a sentence why not."""
    return {"content": fit_words(text, CONTENT) or "…", "flags": EPHEMERAL, "allowed_mentions": NOBODY}


def too_old_payload(texts: Texts) -> Json:
    """The private answer to a button that says nothing to us any more."""
    return problem_payload(texts.say("This button is too old for me to understand. Please use the command itself."))


def pointer_payload(text: str, answers: str) -> Json:
    """A reply that everybody sees: a sentence, silent, notifying nobody, not even who wrote.

    It stands once, whoever of several sends it too.
    """
    return {
        "content": fit_words(text, CONTENT),
        "flags": SUPPRESS_NOTIFICATIONS,
        "allowed_mentions": NOBODY,
        "message_reference": {"message_id": answers, "fail_if_not_exists": False},
        "nonce": f"re:{answers}"[:NONCE],
        "enforce_nonce": True,
    }


def marked(url: str, marker: str) -> str:
    """A link that carries a marker and leads to the same place."""
    return f"{url}{'~' if '#' in url else '#'}{quote(marker, safe='')}" if _is_web(url) else ""


def carries(message: Json, marker: str) -> bool:
    """Whether a message as Discord shows it was posted with a marker."""
    embeds = message.get("embeds")
    urls = [each.get("url") for each in embeds if isinstance(each, dict)] if isinstance(embeds, list) else []
    ends = tuple(f"{sign}{quote(marker, safe='')}" for sign in "#~")
    return any(isinstance(url, str) and url.endswith(ends) for url in urls)


def _shown(card: Card, shelf: Shelf, url: str) -> Json:
    return {
        "embeds": [embed(card, url)],
        "components": components(card.buttons, shelf),
        "allowed_mentions": NOBODY,
    }


def embed(card: Card, url: str = "") -> Json:
    """A card as one embed of at most 6,000 characters.

    The body gives way by what is longest, and fields go from the last one on, but the body's last line always stays.
    A footer with a link or a moment in it stands under the rest as small print: Discord's own footer shows bare words.
    """
    title, bare = fit_words(card.title, TITLE), not _needs_markup(card.footer)
    footer = cut(clean(plain(card.footer)), FOOTER) if bare else ""
    note = "" if bare else _small(fit(card.footer, NOTE))
    room = TOTAL - len(title) - len(footer) - len(note) - len(ZERO)
    body, beneath = fit(card.body, min(DESCRIPTION - len(note) - 1, room)), "" if card.fields else note
    shown: Json = {
        "title": title,
        "description": f"{body}\n{beneath}".strip("\n"),
        "fields": _fields(card.fields, room - len(body), note),
        "url": url if _is_web(url) and len(url) <= URL else "",
        "footer": {"text": footer} if footer else None,
    }
    whole = {key: value for key, value in shown.items() if value}
    return whole if whole.keys() - {"url"} else whole | {"description": ZERO}


def _small(text: str) -> str:
    return "\n".join(f"-# {line}" for line in text.split("\n"))


def _fields(fields: Sequence[Field], room: int, note: str) -> list[Json]:
    """As many fields as fit, then the note; a name or value with nothing in it still has to be something."""
    shown: list[Json] = []
    for field in fields[: FIELDS - 1]:
        name, value = fit_words(field.label, FIELD_NAME).strip() or ZERO, fit(field.value, FIELD_VALUE) or ZERO
        room -= len(name) + len(value)
        if room < 0:
            break
        shown.append({"name": name, "value": value, "inline": False})
    return [*shown, {"name": ZERO, "value": note, "inline": False}] if note and fields else shown


def _needs_markup(tree: Tree) -> bool:
    """Whether bare words would lose something of a tree."""
    return any(isinstance(node, Link | Time | Mention) or _needs_markup(_children(node)) for node in tree)


def _children(node: Node) -> Tree:
    return getattr(node, "children", ())


def components(buttons: Sequence[Button], shelf: Shelf) -> list[Json]:
    """Buttons in rows of five, at most 25; one that leads nowhere, or does what an earlier one does, is left out."""
    shown: dict[str, Json] = {}
    for button in buttons:
        one = _button(button, shelf)
        if one is not None:
            shown.setdefault(one.get("custom_id") or one["url"], one)
    some = list(shown.values())[: BUTTONS_A_ROW * ROWS]
    rows = [some[start : start + BUTTONS_A_ROW] for start in range(0, len(some), BUTTONS_A_ROW)]
    return [{"type": ACTION_ROW, "components": row} for row in rows]


def _button(button: Button, shelf: Shelf) -> Json | None:
    label = cut(clean(button.label).strip(), LABEL) or "…"
    if button.url:
        fine = _is_web(button.url) and len(button.url) <= BUTTON_URL
        return {"type": BUTTON, "style": LINK, "label": label, "url": button.url} if fine else None
    carried = encode(Carried(button.command, dict(button.args)), shelf)
    return {"type": BUTTON, "style": SECONDARY, "label": label, "custom_id": carried}


def _is_web(url: str) -> bool:
    return url.startswith(("http://", "https://")) and url.isprintable() and " " not in url
