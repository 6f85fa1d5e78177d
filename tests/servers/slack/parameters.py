"""The arguments of every method, as documented; wrong names and types are faults."""

import re
from collections.abc import Iterator

from tests.servers.log import Json

TEXT, TS, BOOL, NUMBER, LIST, OBJECT = "text", "ts", "bool", "number", "list", "object"

COMMON = {"team_id": TEXT}  # Bolt sends it along with everything
PAGE = {"cursor": TEXT, "limit": NUMBER}
WINDOW = PAGE | {"channel": TEXT, "latest": TS, "oldest": TS, "inclusive": BOOL, "include_all_metadata": BOOL}
SAID = {
    "as_user": BOOL,
    "attachments": LIST,
    "blocks": LIST,
    "channel": TEXT,
    "link_names": BOOL,
    "markdown_text": TEXT,
    "parse": TEXT,
    "text": TEXT,
}
DRESSED = SAID | {"icon_emoji": TEXT, "icon_url": TEXT, "username": TEXT, "thread_ts": TS}
ITEM = {"channel": TEXT, "timestamp": TS}
FILE = {"file": TEXT, "file_comment": TEXT}

PARAMETERS: dict[str, dict[str, str]] = {
    "apps.connections.open": {},
    "auth.test": {},
    "bots.info": {"bot": TEXT},
    "chat.delete": {"as_user": BOOL, "channel": TEXT, "ts": TS},
    "chat.getPermalink": {"channel": TEXT, "message_ts": TS},
    "chat.postEphemeral": DRESSED | {"user": TEXT},
    "chat.postMessage": DRESSED
    | {"metadata": OBJECT, "mrkdwn": BOOL, "reply_broadcast": BOOL, "unfurl_links": BOOL, "unfurl_media": BOOL},
    "chat.update": SAID | {"file_ids": LIST, "metadata": OBJECT, "reply_broadcast": BOOL, "ts": TS},
    "conversations.history": WINDOW,
    "conversations.info": {"channel": TEXT, "include_locale": BOOL, "include_num_members": BOOL},
    "conversations.join": {"channel": TEXT},
    "conversations.list": PAGE | {"exclude_archived": BOOL, "types": TEXT},
    "conversations.members": PAGE | {"channel": TEXT},
    "conversations.open": {"channel": TEXT, "prevent_creation": BOOL, "return_im": BOOL, "users": TEXT},
    "conversations.replies": WINDOW | {"ts": TS},
    "oauth.v2.access": {
        "client_id": TEXT,
        "client_secret": TEXT,
        "code": TEXT,
        "grant_type": TEXT,
        "redirect_uri": TEXT,
        "refresh_token": TEXT,
    },
    "pins.add": ITEM,
    "pins.list": {"channel": TEXT},
    "pins.remove": ITEM,
    "reactions.add": ITEM | {"name": TEXT},
    "reactions.get": ITEM | FILE | {"full": BOOL},
    "reactions.remove": ITEM | FILE | {"name": TEXT},
    "team.info": {"domain": TEXT, "team": TEXT},
    "usergroups.list": {"include_count": BOOL, "include_disabled": BOOL, "include_users": BOOL},
    "usergroups.users.list": {"include_disabled": BOOL, "usergroup": TEXT},
    "users.conversations": PAGE | {"exclude_archived": BOOL, "types": TEXT, "user": TEXT},
    "users.info": {"include_locale": BOOL, "user": TEXT},
    "users.list": PAGE | {"include_locale": BOOL, "presence": BOOL},
    "views.open": {"interactivity_pointer": TEXT, "trigger_id": TEXT, "view": OBJECT},
    "views.publish": {"hash": TEXT, "user_id": TEXT, "view": OBJECT},
    "views.push": {"interactivity_pointer": TEXT, "trigger_id": TEXT, "view": OBJECT},
    "views.update": {"external_id": TEXT, "hash": TEXT, "view": OBJECT, "view_id": TEXT},
}

REQUIRED: dict[str, tuple[str, ...]] = {
    "chat.delete": ("channel", "ts"),
    "chat.getPermalink": ("channel", "message_ts"),
    "chat.postEphemeral": ("channel", "user"),
    "chat.postMessage": ("channel",),
    "chat.update": ("channel", "ts"),
    "conversations.history": ("channel",),
    "conversations.info": ("channel",),
    "conversations.join": ("channel",),
    "conversations.members": ("channel",),
    "conversations.replies": ("channel", "ts"),
    "pins.add": ("channel", "timestamp"),
    "pins.list": ("channel",),
    "pins.remove": ("channel", "timestamp"),
    "reactions.add": ("channel", "timestamp", "name"),
    "reactions.get": ("channel", "timestamp"),
    "reactions.remove": ("channel", "timestamp", "name"),
    "usergroups.users.list": ("usergroup",),
    "users.info": ("user",),
    "views.open": ("view",),
    "views.publish": ("user_id", "view"),
    "views.push": ("view",),
    "views.update": ("view",),
}

STAMP = re.compile(r"\d{1,12}(\.\d{1,6})?")


def parameter_faults(method: str, body: Json) -> Iterator[tuple[str, str]]:
    """What is wrong with the arguments of a request, whose strings were read as the types that they stand for."""
    known = PARAMETERS[method] | COMMON
    for name in REQUIRED.get(method, ()):
        if body.get(name) in (None, ""):
            yield name, "is missing"
    for name, value in body.items():
        if name not in known:
            yield name, "is not an argument of this method"
        elif value is not None and not _fits(known[name], value):
            yield name, f"is {value!r}, not a {known[name]}"


def _fits(kind: str, value: object) -> bool:
    if kind == TS:
        return isinstance(value, str) and STAMP.fullmatch(value) is not None
    types: dict[str, type] = {TEXT: str, BOOL: bool, NUMBER: int, LIST: list, OBJECT: dict}
    return isinstance(value, types[kind]) and not (kind == NUMBER and isinstance(value, bool))
