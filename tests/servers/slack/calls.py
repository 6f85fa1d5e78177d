"""Commands, shortcuts, buttons and forms: what a person sends, and what they see come back."""

import asyncio
import copy
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.servers.slack import elements
from tests.servers.slack.channels import Channel
from tests.servers.slack.members import Member
from tests.servers.slack.messages import Message
from tests.servers.slack.world import Json, NotAllowed, World

if TYPE_CHECKING:
    from tests.servers.slack.deliveries import Outcome
    from tests.servers.slack.views import View

TRIGGER_LASTS = timedelta(seconds=3)
RESPONSE_LASTS = timedelta(minutes=30)
RESPONSE_USES = 5


class DidNotRespond(AssertionError):
    """What Slack tells people when our app was too slow or silent."""


class Call:
    """One command or interaction. `took`: seconds of the loop to the acknowledgement; `failed`: why there was none."""

    def __init__(
        self,
        member: Member,
        kind: str,
        payload: Json,
        *,
        channel: Channel | None = None,
        message: Message | None = None,
        view: "View | None" = None,
    ) -> None:
        self.member, self.kind, self.channel, self.message, self.view = member, kind, channel, message, view
        self.world: World = member.world
        self.trigger_id = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self.response = secrets.token_hex(12)
        self.sent_at = self.world.clock.now()
        self.root: Call = view.call.root if view is not None and view.call is not None else self
        self.acknowledged = False
        self.failed: str | None = None
        self.took = 0.0
        self.used_trigger = False
        self.responses = 0
        self.form: View | None = None  # what was opened, pushed or updated in answer
        self.errors: dict[str, str] = {}  # of the form, by label
        self.public: list[Message] = []  # in_channel responses
        self.options: list[Json] = []  # what a menu offers for what was typed
        self.payload = copy.deepcopy(payload) | ({} if kind == "view_closed" else {"trigger_id": self.trigger_id})
        self._first = len(self.world.ephemerals)
        self._began = asyncio.get_running_loop().time()
        self.world.calls[self.trigger_id] = self
        self.world.responses[self.response] = self

    def send(self) -> "Call":
        """Let our app hear of it."""
        if not self.world.app.installed:
            raise NotAllowed("the app is not installed")
        if self.kind == "command" or self.message is not None:
            self.payload["response_url"] = f"{self.world.base_url}/response/{self.response}"
        self.world.did(self.member, "call", kind=self.kind, payload=self.payload)
        self.world.ask(self)
        return self

    # What our app's answers do

    @property
    def trigger_expired(self) -> bool:
        """Whether the three seconds of the trigger are over, by the server's clock or the loop's."""
        late = asyncio.get_running_loop().time() - self._began > TRIGGER_LASTS.total_seconds()
        return late or self.world.clock.now() - self.sent_at > TRIGGER_LASTS

    @property
    def response_expired(self) -> bool:
        """Whether the response_url's half hour is over."""
        return self.world.clock.now() - self.sent_at > RESPONSE_LASTS

    def acknowledged_with(self, outcome: "Outcome") -> None:
        """Our app answered, or did not."""
        from tests.servers.slack.responses import acknowledge  # noqa: PLC0415 - responses know calls

        self.took = asyncio.get_running_loop().time() - self._began
        if outcome.ok:
            acknowledge(self, outcome.body or {})
            self.acknowledged = True
        else:
            self.failed = outcome.reason
            self.world.did(self.member, "sees no answer", kind=self.kind, reason=outcome.reason)
        self.world.news()

    # What the person sees

    @property
    def said(self) -> list[Message]:
        """What only they have been told since, and what was told to the channel in answer."""
        own = self.root
        private = [
            one
            for one in self.world.ephemerals[self._first :]
            if one.seen_only_by is self.member and not one.deleted and (one.call is None or one.call.root is own)
        ]
        return private + self.public

    async def done(self, *, within: float | None = None) -> None:
        """Until it is acknowledged."""
        await self._until(lambda: self.acknowledged, within)

    async def answer(self, *, within: float | None = None) -> Message:
        """The message that answers. Else DidNotRespond, in time."""
        return await self.says(1, within=within)

    async def says(self, count: int, *, within: float | None = None) -> Message:
        """Until so many messages answered; the last of them."""
        await self.done(within=within)
        await self._until(lambda: len(self.said) >= count or self.form is not None, within)
        if len(self.said) < count and self.form is not None:
            raise AssertionError(f"a form was opened: {self.form.title}")
        return self.said[count - 1]

    async def opens(self, *, within: float | None = None) -> "View":
        """The form that opens, or that took the place of the one that was sent."""
        await self.done(within=within)
        await self._until(lambda: self.form is not None, within)
        assert self.form is not None
        return self.form

    async def refused(self, *, within: float | None = None) -> dict[str, str]:
        """What is wrong in the form that was sent, by label."""
        await self.done(within=within)
        if not self.errors:
            raise AssertionError("the form was taken")
        return self.errors

    async def _until(self, happened: Callable[[], bool], within: float | None) -> None:
        news = asyncio.Event()
        self.world.changed.append(news.set)
        try:
            async with asyncio.timeout(self.world.patience + 0.5 if within is None else within):
                while not happened():
                    if self.failed is not None:
                        raise DidNotRespond(f"{self.member.name}'s {self.kind} failed: {self.failed}")
                    news.clear()
                    await news.wait()
        except TimeoutError:
            raise DidNotRespond(f"{self.member.name} waited for an answer to their {self.kind}") from None
        finally:
            self.world.changed.remove(news.set)


def _about(member: Member, kind: str) -> Json:
    """What every interaction says."""
    world = member.world
    user = {"id": member.id, "name": member.handle, "team_id": member.team}
    found: Json = {
        "type": kind,
        "token": "verification-token",
        "team": {"id": world.team, "domain": world.domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": user,
    }
    if kind in ("shortcut", "message_action"):  # these say less
        return found
    return found | {"api_app_id": world.app.id, "user": user | {"username": member.handle}}


def _place(channel: Channel) -> Json:
    return {"id": channel.id, "name": "privategroup" if channel.kind == "group" else channel.name}


def command(channel: Channel, member: Member, name: str, text: str) -> Call:
    """A slash command, which is there in every channel, with our bot in it or not."""
    app = member.world.app
    _reaches(member, channel)
    if (app.commands is not None and name not in app.commands) or "commands" not in app.scopes:
        raise NotAllowed(f"{name} is not a valid command")
    place = _place(channel)
    payload = {
        "token": "verification-token",
        "team_id": member.world.team,
        "team_domain": member.world.domain,
        "channel_id": place["id"],
        "channel_name": place["name"],
        "user_id": member.id,
        "user_name": member.handle,
        "command": name,
        "text": text,
        "api_app_id": app.id,
        "is_enterprise_install": False,
    }
    return Call(member, "command", payload, channel=channel).send()


def global_shortcut(member: Member, callback_id: str) -> Call:
    """A shortcut from the search or message bar."""
    member.active()
    _offered(member, callback_id)
    payload = _about(member, "shortcut") | {"callback_id": callback_id, "action_ts": member.world.ids.now()}
    return Call(member, "shortcut", payload).send()


def message_shortcut(message: Message, member: Member, callback_id: str) -> Call:
    """A shortcut of a message, replies included."""
    _reaches(member, message.channel)
    _offered(member, callback_id)
    if message.deleted or message.seen_only_by is not None:
        raise NotAllowed("this message has no shortcuts")
    payload = _about(member, "message_action") | {
        "callback_id": callback_id,
        "action_ts": member.world.ids.now(),
        "message_ts": message.ts,
        "message": message.payload(),
        "channel": _place(message.channel),
    }
    return Call(member, "message_action", payload, channel=message.channel, message=message).send()


def _offered(member: Member, callback_id: str) -> None:
    app = member.world.app
    if app.shortcuts is not None and callback_id not in app.shortcuts:
        raise NotAllowed(f"the app has no shortcut {callback_id!r}, only {sorted(app.shortcuts)}")


def _reaches(member: Member, channel: Channel) -> None:
    member.active()
    if member.id not in channel.members and (channel.private or member.is_guest):
        raise NotAllowed(f"{member.name} cannot see #{channel.name}")
    if channel.archived or channel.deleted:
        raise NotAllowed(f"#{channel.name} is archived or deleted")


def press(target: "Message | View", member: Member, button: str) -> Call:
    """Press a button, named by its label or action id."""
    block, element = elements.find(_reachable(target, member), button, ("button", "workflow_button"))
    action: Json = {key: element[key] for key in ("value", "style", "text", "url") if key in element}
    return _act(target, member, block, element, action)


def choose(target: "Message | View", member: Member, menu: str, values: Sequence[object]) -> Call:
    """Choose from a menu, named by its placeholder, label or action id."""
    block, element = elements.find(_reachable(target, member), menu, tuple(elements.SELECTED))
    state = elements.value_of(element, list(values))
    if not isinstance(target, Message):
        target.state.setdefault(block["block_id"], {})[element["action_id"]] = state
    return _act(target, member, block, element, state)


def _act(target: "Message | View", member: Member, block: Json, element: Json, action: Json) -> Call:
    world = member.world
    ids = {"action_id": element["action_id"], "block_id": block["block_id"], "type": element["type"]}
    payload = _about(member, "block_actions")
    payload["actions"] = [ids | action | {"action_ts": world.ids.now()}]
    if not isinstance(target, Message):
        payload |= {"container": {"type": "view", "view_id": target.id}, "view": target.payload()}
        return Call(member, "block_actions", payload, view=target).send()
    container: Json = {"type": "message", "message_ts": target.ts, "channel_id": target.channel.id}
    container["is_ephemeral"] = target.seen_only_by is not None
    if target.is_reply:
        container["thread_ts"] = target.thread_ts
    payload |= {"container": container, "channel": _place(target.channel), "state": {"values": {}}}
    if target.seen_only_by is None:
        payload["message"] = target.payload()
    return Call(member, "block_actions", payload, channel=target.channel, message=target).send()


def _reachable(target: "Message | View", member: Member) -> list[Json]:
    member.active()
    if not isinstance(target, Message):
        if target.member is not member or target.closed:
            raise NotAllowed("this view is another person's, or closed")
        return target.blocks
    if target.seen_only_by not in (None, member) or target.deleted:
        raise NotAllowed("this message is deleted, or another person's")
    _reaches(member, target.channel)
    return target.blocks or []


def suggestion(view: "View", block: Json, element: Json, typed: str) -> Call:
    """Somebody types into a menu whose options our app knows."""
    payload = _about(view.member, "block_suggestion")
    payload |= {"action_id": element["action_id"], "block_id": block["block_id"], "value": typed}
    payload |= {"container": {"type": "view", "view_id": view.id}, "view": view.payload()}
    return Call(view.member, "block_suggestion", payload, view=view).send()


def submission(view: "View", kind: str) -> Call:
    """A form that is sent or closed."""
    payload = _about(view.member, kind) | {"view": view.payload()}
    more: Json = {"is_cleared": False} if kind == "view_closed" else {"response_urls": []}
    payload |= more
    return Call(view.member, kind, payload, view=view).send()
