"""People and bots of a workspace, their groups, and what they do outside channels."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from tests.servers.slack.world import Json, NotAllowed, World

if TYPE_CHECKING:
    from tests.servers.slack.calls import Call
    from tests.servers.slack.channels import Channel
    from tests.servers.slack.views import View


class Role(StrEnum):
    """What somebody is in the workspace."""

    FULL = "full"
    ADMIN = "admin"
    OWNER = "owner"
    GUEST = "guest"  # in the channels it was put in
    SINGLE_GUEST = "single-channel guest"
    BOT = "bot"


@dataclass(eq=False)
class Member:
    """One account; of another workspace when `team` is not ours (Slack Connect)."""

    world: World
    id: str
    name: str
    role: Role = Role.FULL
    team: str = ""
    locale: str = "en-US"
    zone: str = "Europe/Berlin"
    deactivated: bool = False
    bot_id: str = ""
    app_id: str = ""
    display_name: str = ""

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    @property
    def is_bot(self) -> bool:
        return self.role is Role.BOT

    @property
    def is_guest(self) -> bool:
        return self.role in (Role.GUEST, Role.SINGLE_GUEST)

    @property
    def is_admin(self) -> bool:
        return self.role in (Role.ADMIN, Role.OWNER)

    @property
    def is_foreign(self) -> bool:
        return self.team != self.world.team

    @property
    def handle(self) -> str:
        return self.name.lower().replace(" ", ".")

    def payload(self, *, locale: bool = False) -> Json:
        """The user object; those of a foreign member say less, those of a deactivated one too."""
        found: Json = {
            "id": self.id,
            "team_id": self.team,
            "name": self.handle,
            "deleted": self.deactivated,
            "updated": int(self.world.clock.now().timestamp()),
            "is_bot": self.is_bot,
            "is_app_user": False,
            "profile": self.profile(),
        }
        if not self.deactivated:
            found |= {
                "real_name": self.name,
                "tz": self.zone,
                "tz_label": self.zone,
                "tz_offset": 7200,
                "color": "9f69e7",
            }
            found |= self._rights()
        if self.is_foreign:
            found["is_stranger"] = True
        return found | ({"locale": self.locale} if locale else {})

    def _rights(self) -> Json:
        return {
            "is_admin": self.is_admin,
            "is_owner": self.role is Role.OWNER,
            "is_primary_owner": False,
            "is_restricted": self.is_guest,
            "is_ultra_restricted": self.role is Role.SINGLE_GUEST,
            "is_email_confirmed": True,
        }

    def profile(self) -> Json:
        """The profile within the user object."""
        found: Json = {
            "real_name": self.name,
            "real_name_normalized": self.name,
            "display_name": self.display_name,
            "display_name_normalized": self.display_name,
            "team": self.team,
            "avatar_hash": "g0123456789a",
            "status_text": "",
            "status_emoji": "",
        }
        return found | ({"bot_id": self.bot_id, "api_app_id": self.app_id} if self.is_bot else {})

    # What happens to them

    def rename(self, name: str, display_name: str = "") -> None:
        """They change their name."""
        self.name, self.display_name = name, display_name
        self._changed("rename")

    def promote(self, role: Role) -> None:
        """An owner changes what they are."""
        self.role = role
        self._changed("promote")

    def deactivate(self) -> None:
        """An admin deactivates the account: out of all channels, and never in again."""
        self.deactivated = True
        for channel in self.world.channels.values():
            channel.members.pop(self.id, None)
        self._changed("deactivate")

    def _changed(self, what: str) -> None:
        self.world.did(self, what)
        event: Json = {"user": self.payload(locale=True), "cache_ts": int(self.world.clock.now().timestamp())}
        self.world.emit("user_change", event)

    # What they do

    def active(self) -> None:
        """Only who can log in does anything: tests fail when they let others act."""
        if self.deactivated:
            raise NotAllowed(f"{self.name} is deactivated")

    def open_home(self) -> "View | None":
        """Open our app's Home tab; the view that is there already, if any (see `SlackServer.home`)."""
        from tests.servers.slack.views import open_home  # noqa: PLC0415 - views know members

        return open_home(self)

    def shortcut(self, callback_id: str) -> "Call":
        """Use a global shortcut of our app."""
        from tests.servers.slack.calls import global_shortcut  # noqa: PLC0415 - calls know members

        return global_shortcut(self, callback_id)

    def message_bot(self) -> "Channel":
        """The direct messages with our app."""
        from tests.servers.slack.channels import direct  # noqa: PLC0415 - channels know members

        return direct(self)


@dataclass(eq=False)
class Group:
    """A user group."""

    world: World
    id: str
    handle: str
    members: list[Member] = field(default_factory=list)

    @property
    def mention(self) -> str:
        return f"<!subteam^{self.id}>"

    def payload(self) -> Json:
        """The usergroup object."""
        return {
            "id": self.id,
            "team_id": self.world.team,
            "is_usergroup": True,
            "name": self.handle.title(),
            "handle": self.handle,
            "description": "",
            "is_external": False,
            "date_create": 1785000000,
            "date_update": 1785000000,
            "date_delete": 0,
            "auto_type": None,
            "user_count": len(self.members),
        }
