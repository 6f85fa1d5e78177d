"""The application commands that are registered, globally and for single servers."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.ports import Clock
from tests.servers.discord.checks import Faults, command_faults
from tests.servers.log import Json

if TYPE_CHECKING:
    from tests.servers.discord.ids import Snowflakes

CREATES_A_DAY = 200
CHAT, USER_MENU, MESSAGE_MENU = 1, 2, 3


class Commands:
    """Sets of commands; None is the global one. Replacing keeps the ids of commands with the same type and name."""

    def __init__(self, clock: Clock, ids: "Snowflakes") -> None:
        self.clock = clock
        self.ids = ids
        self.application = ""
        self._sets: dict[str | None, list[Json]] = {}
        self._created: dict[str | None, list[datetime]] = {}
        self.replaced = 0  # how often a set was put

    def registered(self, guild: str | None = None) -> list[Json]:
        """The commands of one set."""
        return self._sets.get(guild, [])

    def find(self, guild: str, kind: int, name: str) -> Json | None:
        """The command of that name that people in a server are offered."""
        for scope in (guild, None):
            for command in self.registered(scope):
                if command["type"] == kind and command["name"] == name:
                    return command
        return None

    def replace(self, guild: str | None, wanted: list[Json]) -> tuple[Faults, bool]:
        """Replace a set: its faults if it breaks rules, and whether the day's creations are used up."""
        faults = command_faults(wanted)
        if faults:
            return faults, False
        known = {(command["type"], command["name"]): command["id"] for command in self.registered(guild)}
        new = [command for command in wanted if (command.get("type", CHAT), command["name"]) not in known]
        if not self._may_create(guild, len(new)):
            return [], True
        self._sets[guild] = [self._made(command, guild, known) for command in wanted]
        self.replaced += 1
        return [], False

    def _may_create(self, guild: str | None, count: int) -> bool:
        now = self.clock.now()
        recent = [at for at in self._created.get(guild, []) if now - at < timedelta(days=1)]
        if len(recent) + count > CREATES_A_DAY:
            return False
        self._created[guild] = recent + [now] * count
        return True

    def _made(self, command: Json, guild: str | None, known: dict[tuple[int, str], str]) -> Json:
        kind = command.get("type", CHAT)
        found = {
            "description": "",
            "default_member_permissions": None,
            "nsfw": False,
            "name_localizations": None,
            "description_localizations": None,
        }
        found |= command | {
            "id": known.get((kind, command["name"])) or self.ids.now(),
            "application_id": self.application,
            "type": kind,
            "version": self.ids.now(),
        }
        return found | ({"guild_id": guild} if guild else {})
