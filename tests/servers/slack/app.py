"""Our app as its owner sees it on Slack's app pages: tokens, scopes, subscriptions, commands, shortcuts."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.servers.log import Json

if TYPE_CHECKING:
    from tests.servers.slack.members import Member

EVENT_SCOPES: dict[str, str | None] = {
    "app_home_opened": None,
    "app_mention": "app_mentions:read",
    "app_rate_limited": None,
    "app_uninstalled": None,
    "channel_archive": "channels:read",
    "channel_created": "channels:read",
    "channel_deleted": "channels:read",
    "channel_history_changed": "channels:history",
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
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "pin_added": "pins:read",
    "pin_removed": "pins:read",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "team_join": "users:read",
    "team_rename": "team:read",
    "tokens_revoked": None,
    "user_change": "users:read",
    "user_profile_changed": "users:read",
}
TOKEN_LASTS = timedelta(hours=12)  # where tokens are rotated
ALWAYS = ("app_rate_limited",)  # comes without a subscription

SCOPES = frozenset(
    {
        "app_mentions:read",
        "channels:history",
        "channels:join",
        "channels:read",
        "chat:write",
        "chat:write.public",
        "commands",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "mpim:history",
        "mpim:read",
        "pins:read",
        "pins:write",
        "reactions:read",
        "reactions:write",
        "team:read",
        "usergroups:read",
        "users:read",
    }
)


@dataclass(eq=False)
class App:
    """One app in one workspace. What is None below is not restricted: any command, any shortcut."""

    id: str
    bot_id: str
    user: "Member"
    bot_token: str
    app_token: str
    signing_secret: str
    scopes: set[str] = field(default_factory=lambda: set(SCOPES))
    app_scopes: set[str] = field(default_factory=lambda: {"connections:write", "authorizations:read"})
    events: set[str] = field(default_factory=lambda: set(EVENT_SCOPES))
    commands: set[str] | None = None  # "/folkmoot", …
    shortcuts: set[str] | None = None  # callback ids
    home_tab: bool = True
    socket_mode: bool = True
    installed: bool = True
    revoked: set[str] = field(default_factory=set)  # tokens
    client_id: str = "1000.2000"
    client_secret: str = "client-secret"
    refresh_token: str | None = None  # good for one use; None while tokens are not rotated
    expires: dict[str, datetime] = field(default_factory=dict)  # rotated tokens, the former one too

    @property
    def authorized(self) -> bool:
        """Whether it is installed and its token is good; else nothing is told."""
        return self.installed and self.bot_token not in self.revoked

    def rotate(self, now: datetime) -> None:
        """Another bot token and refresh token; the former one is good until its own end."""
        number = len(self.expires) + 1
        if not self.expires:
            self.expires[self.bot_token] = now + TOKEN_LASTS
        self.bot_token = f"{self.bot_token.partition('.')[0]}.{number}"
        self.expires[self.bot_token] = now + TOKEN_LASTS
        self.refresh_token = f"xoxe-1-{self.id}-{number}"

    def hears(self, event: str, *, private: bool = False) -> bool:
        """Whether subscription and scope let this event through: of private channels it is the groups' scope. Events
        that this server does not know are let through: a test means them."""
        if event not in EVENT_SCOPES:
            return True
        scope = EVENT_SCOPES[event]
        if scope is not None and private:
            scope = scope.replace("channels:", "groups:")
        return (event in self.events or event in ALWAYS) and (scope is None or scope in self.scopes)

    def configure(self, manifest: Json) -> None:
        """Take scopes, events, commands, shortcuts and Socket Mode from an app manifest."""
        settings, features = manifest.get("settings", {}), manifest.get("features", {})
        self.scopes = set(manifest["oauth_config"]["scopes"]["bot"])
        self.events = set(settings.get("event_subscriptions", {}).get("bot_events", ()))
        unknown = self.events - EVENT_SCOPES.keys()
        if unknown:
            raise AssertionError(
                f"the manifest subscribes to events that Slack or this server lacks: {sorted(unknown)}"
            )
        self.commands = {one["command"] for one in features.get("slash_commands", ())}
        self.shortcuts = {one["callback_id"] for one in features.get("shortcuts", ())}
        self.home_tab = bool(features.get("app_home", {}).get("home_tab_enabled"))
        self.socket_mode = bool(settings.get("socket_mode_enabled"))

    def profile(self, team: str) -> Json:
        """The `bot_profile` of what we post."""
        name = self.user.name
        icons = {f"image_{size}": f"https://a.slack-edge.com/bot_{size}.png" for size in (36, 48, 72)}
        found = {"id": self.bot_id, "app_id": self.id, "name": name, "deleted": False, "updated": 1785000000}
        return found | {"icons": icons, "team_id": team}
