"""The app manifest: what an operator pastes into Slack to make their own Folkmoot. Everything in it is in use.

`EVENTS` and `METHODS` are what the adapter listens to and calls; the scopes are exactly those that they need.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from adapters.slack.render.commands import SHORTCUT_NAMES, SHORTCUTS, slash_commands
from bot.commands.table import TABLE
from bot.errors import UsageError

Json = dict[str, Any]

NAME_LIMIT = 35  # characters
PREFIX_LIMIT = 10
COLOUR = "#2f5d50"
SLACK_PATH = "/slack/events"  # where Slack reaches us over HTTP: events, commands and buttons alike

EVENTS: Mapping[str, str] = {
    "app_home_opened": "",
    "app_uninstalled": "",
    "channel_archive": "channels:read",
    "channel_deleted": "channels:read",
    "channel_id_changed": "channels:read",
    "channel_left": "channels:read",
    "channel_rename": "channels:read",
    "channel_shared": "channels:read",
    "channel_unarchive": "channels:read",
    "channel_unshared": "channels:read",
    "group_archive": "groups:read",
    "group_deleted": "groups:read",
    "group_left": "groups:read",
    "group_rename": "groups:read",
    "group_unarchive": "groups:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "team_join": "users:read",
    "team_rename": "team:read",
    "tokens_revoked": "",
    "user_change": "users:read",
}  # each with the scope it needs

METHODS: Mapping[str, tuple[str, ...]] = {
    "apps.connections.open": (),  # with the app's own token
    "auth.test": (),
    "chat.delete": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.history": ("channels:history", "groups:history"),
    "conversations.info": ("channels:read", "groups:read"),
    "conversations.members": ("channels:read", "groups:read"),
    "conversations.replies": ("channels:history", "groups:history"),
    "reactions.get": ("reactions:read",),
    "usergroups.users.list": ("usergroups:read",),
    "users.conversations": ("channels:read", "groups:read"),
    "users.info": ("users:read",),
    "users.list": ("users:read",),
    "views.open": (),
    "views.publish": (),
    "views.update": (),
}  # each with the scopes it needs

BOT_SCOPES: tuple[str, ...] = (
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "groups:history",
    "groups:read",
    "reactions:read",
    "team:read",
    "usergroups:read",
    "users:read",
)
APP_SCOPES = ("connections:write",)  # of the app's own token, for Socket Mode; made by hand in Slack's pages


def manifest(
    name: str = "Folkmoot", command_prefix: str = "", url: str | None = None, *, short_forms: bool = True
) -> Json:
    """An app of the operator's own, as api.slack.com/apps takes it; without `url` it connects by Socket Mode.

    `url` is where Slack reaches us. The prefix stands before the short forms. UsageError says what is wrong.
    """
    _check(name, command_prefix)
    endpoint = _endpoint(url)
    commands = slash_commands(command_prefix, short_forms=short_forms)
    reached = {"request_url": endpoint} if endpoint else {}
    return {
        "display_information": {
            "name": name,
            "description": "Keeps discussions, highlights and digests of what is said in threads.",
            "background_color": COLOUR,
        },
        "features": {
            "app_home": {"home_tab_enabled": True, "messages_tab_enabled": False},
            "bot_user": {"display_name": name, "always_online": True},
            "shortcuts": [_shortcut(ident) for ident in SHORTCUTS],
            "slash_commands": [each | ({"url": endpoint} if endpoint else {}) for each in commands],
        },
        "oauth_config": {"scopes": {"bot": list(BOT_SCOPES)}},
        "settings": {
            "event_subscriptions": reached | {"bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True} | reached,
            "org_deploy_enabled": False,
            "socket_mode_enabled": not endpoint,
            "token_rotation_enabled": False,
        },
    }


def _shortcut(ident: str) -> Json:
    name, said = SHORTCUT_NAMES[ident], TABLE[SHORTCUTS[ident]].help
    return {"name": name, "type": "message", "callback_id": ident, "description": said}


def _check(name: str, prefix: str) -> None:
    if not name.strip() or len(name) > NAME_LIMIT:
        raise UsageError(f"An app's name has 1 to {NAME_LIMIT} characters; '{name}' has {len(name)}.")
    fine = prefix.isascii() and all(each.islower() or each.isdigit() or each in "-_" for each in prefix)
    if not fine or len(prefix) > PREFIX_LIMIT:
        raise UsageError(
            f"'{prefix}' cannot stand before a command: use up to {PREFIX_LIMIT} small letters, digits, - and _,"
            " such as fm-."
        )


def _endpoint(url: str | None) -> str:
    """Where Slack sends everything; "" for Socket Mode."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        fine = parts.scheme == "https" and bool(parts.hostname)
    except ValueError:
        fine = False
    if not fine or not url.isprintable() or " " in url or "?" in url or "#" in url:
        raise UsageError(f"'{url}' is not an address that Slack can reach: give one such as https://forum.example.")
    return url if url.endswith(SLACK_PATH) else url.rstrip("/") + SLACK_PATH
