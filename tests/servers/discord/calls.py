"""Interactions: what a person sends by a command, menu, button or form, and what they see come back."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.servers.discord import permissions
from tests.servers.discord.channels import Channel
from tests.servers.discord.commands import MESSAGE_MENU
from tests.servers.discord.guilds import Member, Role
from tests.servers.discord.messages import Message
from tests.servers.discord.permissions import Can
from tests.servers.discord.world import Json, NotAllowed

if TYPE_CHECKING:
    from tests.servers.discord.forms import Form

COMMAND, COMPONENT, SUBMIT = 2, 3, 5
USER_INSTALLED, DIRECT = "installed by its user only", "in direct messages"
MESSAGE, DEFER, DEFER_UPDATE, UPDATE, FORM = 4, 5, 6, 7, 9
ACKNOWLEDGE_WITHIN = timedelta(seconds=3)
TOKEN_LASTS = timedelta(minutes=15)


class DidNotRespond(AssertionError):
    """What Discord tells people when the bot was too slow or silent."""


class Call:
    """One interaction. `acknowledged` is the kind of the first response; `said` is every message that answered."""

    def __init__(self, kind: int, member: Member, channel: Channel, data: Json, message: Message | None = None) -> None:
        self.kind = kind
        self.member = member
        self.channel = channel
        self.world = channel.world
        self.data = data
        self.message = message
        self.id = self.world.ids.now()
        self.token = secrets.token_urlsafe(32)
        self.sent_at = self.world.clock.now()
        self.acknowledged: int | None = None
        self.took = 0.0  # seconds of the loop's time to the acknowledgement
        self.original: Message | None = None
        self.said: list[Message] = []
        self.form: Form | None = None
        self.stray: str | None = None
        self._began = asyncio.get_running_loop().time()
        self._changed = asyncio.Event()
        self.world.calls[self.token] = self

    def send(self) -> "Call":
        """Let our bot hear of it."""
        self.world.did(self.member, "call", kind=self.kind, channel=self.channel.id, data=self.data)
        self.world.emit("INTERACTION_CREATE", self.payload(), self.channel.guild)
        return self

    def payload(self) -> Json:
        """The interaction object; a stray one is of an app that only its user installed, or in direct messages."""
        found = self._payload()
        if self.stray is None:
            return found
        found["authorizing_integration_owners"] = {"1": self.member.id}
        if self.stray == DIRECT:
            for key in ("guild_id", "guild", "guild_locale", "member"):
                del found[key]
            found["channel"] = {"id": found["channel_id"], "type": 1, "recipients": [self.member.user.payload()]}
            found |= {"user": self.member.user.payload(), "context": 1}
        return found

    def _payload(self) -> Json:
        guild = self.channel.guild
        us = guild.me
        allowed = self.member.can(self.channel)
        found: Json = {
            "id": self.id,
            "application_id": self.world.application.id,
            "type": self.kind,
            "token": self.token,
            "version": 1,
            "data": self.data,
            "guild_id": guild.id,
            "guild": {"id": guild.id, "locale": guild.locale, "features": []},
            "guild_locale": guild.locale,
            "locale": self.member.user.locale,
            "channel_id": self.channel.id,
            "channel": self.channel.payload() | {"permissions": _bits(allowed)},
            "member": self.member.payload() | {"permissions": _bits(allowed)},
            "app_permissions": _bits(us.can(self.channel) if us else Can(0)),
            "entitlements": [],
            "authorizing_integration_owners": {"0": guild.id},
            "context": 0,
            "attachment_size_limit": 10_485_760,
        }
        return found | ({"message": self.message.payload()} if self.message else {})

    # What the bot's answers do (the routes call these)

    @property
    def too_late(self) -> bool:
        """Whether the three seconds are over, by the server's clock or the loop's."""
        late = asyncio.get_running_loop().time() - self._began > ACKNOWLEDGE_WITHIN.total_seconds()
        return late or self.world.clock.now() - self.sent_at > ACKNOWLEDGE_WITHIN

    @property
    def expired(self) -> bool:
        """Whether the token's quarter of an hour is over."""
        return self.world.clock.now() - self.sent_at > TOKEN_LASTS

    def acknowledge(self, kind: int) -> None:
        """The bot's first response came."""
        self.acknowledged = kind
        self.took = asyncio.get_running_loop().time() - self._began
        self.changed()

    def changed(self) -> None:
        """Wake whoever waits for an answer."""
        self._changed.set()
        self._changed = asyncio.Event()

    # What the person sees

    async def answer(self, *, within: float | None = None) -> Message:
        """The message that answers: at once, or what "is thinking" turned into. Else DidNotRespond, in time."""
        await self._until(lambda: self.acknowledged is not None, within)
        if self.form is not None:
            raise AssertionError(f"a form was opened: {self.form.title}")
        await self._until(lambda: self._shown() is not None, within)
        shown = self._shown()
        assert shown is not None
        return shown

    def _shown(self) -> Message | None:
        if self.original is not None and not self.original.flags & 128:
            return self.original
        return next((message for message in self.said if not message.flags & 128), None)

    async def opens(self, *, within: float | None = None) -> "Form":
        """The form that opens."""
        await self._until(lambda: self.acknowledged is not None, within)
        if self.form is None:
            raise AssertionError(f"no form was opened: {[message.text for message in self.said]}")
        return self.form

    async def done(self, *, within: float | None = None) -> None:
        """Until it is acknowledged in any way."""
        await self._until(lambda: self.acknowledged is not None, within)

    async def says(self, count: int, *, within: float | None = None) -> Message:
        """Until so many messages answered; the last of them."""
        await self._until(lambda: len(self.said) >= count, within)
        return self.said[count - 1]

    async def _until(self, happened: Callable[[], bool], within: float | None) -> None:
        try:
            async with asyncio.timeout(self.world.patience if within is None else within):
                while not happened():
                    await self._changed.wait()
        except TimeoutError:
            self.world.did(self.member, "sees no answer", call=self.id)
            raise DidNotRespond(f"{self.member.name} waited for an answer to {self.data}") from None


def _bits(allowed: Can) -> str:
    return str(int(allowed) & ((1 << 53) - 1))


def command(
    channel: Channel, member: Member, words: str, options: dict[str, object], *, stray: str | None = None
) -> Call:
    """A slash command: "discussion start" with its options by name; `stray` where it should not be possible."""
    channel.must(member, Can.VIEW_CHANNEL | Can.USE_APPLICATION_COMMANDS)
    name, *path = words.removeprefix("/").split()
    found = offered(channel, member, 1, name)
    data: Json = {"id": found["id"], "name": name, "type": 1, "resolved": {}}
    place, spec = data, found
    for part in path:
        spec = next((one for one in spec.get("options", []) if one["name"] == part and one["type"] in (1, 2)), {})
        if not spec:
            raise NotAllowed(f"there is no /{words}")
        place["options"] = [{"name": part, "type": spec["type"]}]
        place = place["options"][0]
    if any(one["type"] in (1, 2) for one in spec.get("options", [])):
        raise NotAllowed(f"/{words} goes on: {[one['name'] for one in spec['options']]}")
    place["options"] = _filled(spec.get("options", []), options, data["resolved"], words)
    if "guild_id" in found:
        data["guild_id"] = found["guild_id"]
    call = Call(COMMAND, member, channel, data)
    call.stray = stray
    return call.send()


def offered(channel: Channel, member: Member, kind: int, name: str) -> Json:
    """The registered command, if Discord would offer it to this member."""
    found = channel.world.commands.find(channel.guild.id, kind, name)
    if found is None or not channel.guild.takes_commands:
        raise NotAllowed(f"no command {name!r} is registered")
    needed = found["default_member_permissions"]
    if needed is not None and Can(int(needed)) & ~permissions.in_guild(channel.guild, member):
        raise NotAllowed(f"{name!r} is not offered to {member.name}")
    return found


def _filled(specs: list[Json], options: dict[str, object], resolved: Json, words: str) -> list[Json]:
    known = {spec["name"]: spec for spec in specs}
    for name in options:
        if name not in known:
            raise NotAllowed(f"/{words} has no option {name!r}, only {sorted(known)}")
    for spec in specs:
        if spec.get("required") and spec["name"] not in options:
            raise NotAllowed(f"/{words} needs {spec['name']!r}")
    return [
        {"name": name, "type": known[name]["type"], "value": _value(known[name], value, resolved)}
        for name, value in options.items()
    ]


def _value(spec: Json, value: object, resolved: Json) -> object:
    """An option's value, if Discord's own client would let it through."""
    wrong = _refused(spec, value)
    if wrong:
        raise NotAllowed(f"{spec['name']} does not take {value!r}: {wrong}")
    match value:
        case Member():
            resolved.setdefault("users", {})[value.id] = value.user.payload()
            resolved.setdefault("members", {})[value.id] = value.payload(user=False) | {"permissions": "0"}
            return value.id
        case Channel():
            resolved.setdefault("channels", {})[value.id] = value.payload() | {"permissions": "0"}
            return value.id
        case Role():
            resolved.setdefault("roles", {})[value.id] = value.payload()
            return value.id
        case _:
            return value


TAKES: dict[int, tuple[type, ...]] = {
    3: (str,),
    4: (int,),
    5: (bool,),
    6: (Member,),
    7: (Channel,),
    8: (Role,),
    9: (Member, Role),
    10: (int, float),
}


def _refused(spec: Json, value: object) -> str | None:
    """Why the client would not send this value."""
    if not isinstance(value, TAKES[spec["type"]]) or (isinstance(value, bool) and spec["type"] != 5):
        return f"an option of type {spec['type']}"
    choices = [choice["value"] for choice in spec.get("choices") or []]
    if choices and value not in choices:
        return f"only {choices}"
    if isinstance(value, str) and not spec.get("min_length", 0) <= len(value) <= spec.get("max_length", 6000):
        return "its length"
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and not spec.get("min_value", -(2**53)) <= value <= spec.get("max_value", 2**53):
        return "its size"
    kinds = spec.get("channel_types")
    return f"only channels of {kinds}" if kinds and isinstance(value, Channel) and value.kind not in kinds else None


def from_menu(message: Message, member: Member, name: str) -> Call:
    """An entry of a message's context menu; the message comes along with its content."""
    channel = message.channel
    channel.must(member, Can.VIEW_CHANNEL | Can.USE_APPLICATION_COMMANDS)
    found = offered(channel, member, MESSAGE_MENU, name)
    data = {
        "id": found["id"],
        "name": name,
        "type": MESSAGE_MENU,
        "target_id": message.id,
        "resolved": {"messages": {message.id: message.payload()}},
    }
    if "guild_id" in found:
        data["guild_id"] = found["guild_id"]
    return Call(COMMAND, member, channel, data).send()


def components(message: Message) -> list[Json]:
    """All buttons and menus of a message, in order."""
    return [item for row in message.components for item in row.get("components", [])]


def press(message: Message, member: Member, button: str) -> Call:
    """Press a button, named by its label or custom id."""
    _reachable(message, member)
    for item in components(message):
        if item["type"] == 2 and button in (item.get("label"), item.get("custom_id")):
            if item.get("disabled") or "custom_id" not in item:
                raise NotAllowed(f"{button!r} cannot be pressed")
            data = {"custom_id": item["custom_id"], "component_type": 2}
            return Call(COMPONENT, member, message.channel, data, message).send()
    raise NotAllowed(f"no button {button!r} among {[item.get('label') for item in components(message)]}")


def choose(message: Message, member: Member, menu: str, values: Sequence[str]) -> Call:
    """Choose options of a select menu, named by their values or labels."""
    _reachable(message, member)
    for item in components(message):
        if item["type"] == 3 and menu in (item.get("placeholder"), item.get("custom_id")):
            by_name = {option["label"]: option["value"] for option in item["options"]}
            chosen = [by_name.get(value, value) for value in values]
            if set(chosen) - set(by_name.values()):
                raise NotAllowed(f"{menu!r} offers only {sorted(by_name)}")
            data = {"custom_id": item["custom_id"], "component_type": 3, "values": chosen}
            return Call(COMPONENT, member, message.channel, data, message).send()
    raise NotAllowed(f"no menu {menu!r}")


def _reachable(message: Message, member: Member) -> None:
    if message.seen_only_by not in (None, member):
        raise NotAllowed("this message is another person's")
    if message.deleted:
        raise NotAllowed("this message is deleted")
    message.channel.must(member, Can.VIEW_CHANNEL)
