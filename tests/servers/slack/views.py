"""Forms (modals) and the Home tab as a person sees them."""

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.servers.slack import elements
from tests.servers.slack.channels import direct
from tests.servers.slack.members import Member
from tests.servers.slack.world import Json, NotAllowed, World

if TYPE_CHECKING:
    from tests.servers.slack.calls import Call

MOST_IN_STACK = 3


@dataclass(frozen=True)
class Field:
    """One input of a form and what is in it now."""

    label: str
    block_id: str
    action_id: str
    kind: str
    optional: bool
    state: Json
    options: tuple[str, ...]
    placeholder: str = ""
    hint: str = ""


class View:
    """One view: kind "modal" (a form) or "home". `below` is the form on which it was pushed."""

    def __init__(
        self, world: World, member: Member, data: Json, *, call: "Call | None" = None, below: "View | None" = None
    ) -> None:
        self.world = world
        self.member = member
        self.call = call
        self.below = below
        self.id = world.ids.make("V")
        self.closed = False
        self.updates = 0
        self.suggested: dict[str, list[Json]] = {}  # options given for what was typed, by action id
        self.fill(data)
        world.views[self.id] = self

    def fill(self, data: Json) -> None:
        """Show this from now on; what was put in stays where block and action ids stay."""
        kept: Json = getattr(self, "state", {})
        self.data = data
        self.blocks = elements.stored(data.get("blocks", []))
        self.hash = f"{self.world.ids.now()}.{secrets.token_hex(4)}"
        self.state: dict[str, Json] = {}
        self.errors: dict[str, str] = {}
        for block, element in elements.elements(self.blocks):
            if element["type"] in elements.TEXTS or element["type"] in elements.SELECTED:
                before = kept.get(block["block_id"], {}).get(element["action_id"])
                state = before if before is not None and block["type"] == "input" else elements.initial(element)
                self.state.setdefault(block["block_id"], {})[element["action_id"]] = state

    @property
    def kind(self) -> str:
        return str(self.data["type"])

    @property
    def title(self) -> str:
        return str((self.data.get("title") or {}).get("text", ""))  # a Home tab has none

    @property
    def root(self) -> "View":
        return self if self.below is None else self.below.root

    @property
    def buttons(self) -> list[str]:
        """The labels of its buttons, in order."""
        return [item["text"]["text"] for _, item in elements.elements(self.blocks) if item["type"] == "button"]

    @property
    def fields(self) -> list[Field]:
        """Its inputs, in order."""
        return [_field(block, self.state) for block in self.blocks if block["type"] == "input"]

    def payload(self) -> Json:
        """The view object."""
        data, root = self.data, self.root
        found: Json = {
            "id": self.id,
            "team_id": self.world.team,
            "type": self.kind,
            "blocks": self.blocks,
            "private_metadata": data.get("private_metadata", ""),
            "callback_id": data.get("callback_id", ""),
            "external_id": data.get("external_id", ""),
            "state": {"values": self.state},
            "hash": self.hash,
            "title": data.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
            "submit": data.get("submit"),
            "close": data.get("close"),
            "clear_on_close": bool(data.get("clear_on_close")),
            "notify_on_close": bool(data.get("notify_on_close")),
            "submit_disabled": False,
            "root_view_id": root.id,
            "previous_view_id": self.below.id if self.below else None,
        }
        app = self.world.app
        return found | {"app_id": app.id, "app_installed_team_id": self.world.team, "bot_id": app.bot_id}

    # What the person does

    def submit(self, values: dict[str, object] | None = None, **more: object) -> "Call":
        """Fill in by label, block or action id (what is not named keeps what is there) and send."""
        from tests.servers.slack.calls import submission  # noqa: PLC0415 - calls know views

        self._must_be_open()
        if not self.data.get("submit"):
            raise NotAllowed("this form has nothing to send")
        self.put((values or {}) | more)
        for one in self.fields:
            if not one.optional and elements.is_empty(one.state):
                raise NotAllowed(f"{one.label!r} must be filled in")
        return submission(self, "view_submission")

    def put(self, values: dict[str, object]) -> None:
        """Fill in, without sending."""
        for name, value in values.items():
            block = self._input(name)
            element = block["element"]
            offered = self.suggested.get(element["action_id"])
            state = elements.value_of(element | ({"options": offered} if offered else {}), value)
            self.state[block["block_id"]][element["action_id"]] = state

    def _input(self, name: str) -> Json:
        inputs = [block for block in self.blocks if block["type"] == "input"]
        for block in inputs:
            if name in (block["label"]["text"], block["block_id"], block["element"]["action_id"]):
                return block
        raise NotAllowed(f"the form has no {name!r}, only {[block['label']['text'] for block in inputs]}")

    def close(self) -> "Call | None":
        """Close it; a Call if our app asked to be told."""
        from tests.servers.slack.calls import submission  # noqa: PLC0415 - calls know views

        self._must_be_open()
        self.closed = True
        return submission(self, "view_closed") if self.data.get("notify_on_close") else None

    def press(self, button: str) -> "Call":
        """Press a button in it."""
        from tests.servers.slack.calls import press  # noqa: PLC0415 - calls know views

        return press(self, self.member, button)

    def choose(self, menu: str, *values: object) -> "Call":
        """Choose from a menu in it."""
        from tests.servers.slack.calls import choose  # noqa: PLC0415 - calls know views

        return choose(self, self.member, menu, values)

    async def suggests(self, name: str, typed: str) -> list[str]:
        """Type into a menu that asks our app for its options; what it offers then (and takes from now on)."""
        from tests.servers.slack.calls import suggestion  # noqa: PLC0415 - calls know views

        self._must_be_open()
        block, element = elements.find(self.blocks, name, ("external_select", "multi_external_select"))
        call = suggestion(self, block, element, typed)
        await call.done()
        self.suggested.setdefault(element["action_id"], []).extend(call.options)
        return [one["text"]["text"] for one in call.options]

    def _must_be_open(self) -> None:
        if self.closed:
            raise NotAllowed("this form is closed")

    def close_all(self) -> None:
        """Close it and what lies below."""
        view: View | None = self
        while view is not None:
            view.closed = True
            view = view.below


def _field(block: Json, state: dict[str, Json]) -> Field:
    element = block["element"]
    return Field(
        label=block["label"]["text"],
        block_id=block["block_id"],
        action_id=element["action_id"],
        kind=element["type"],
        optional=bool(block.get("optional")),
        state=state[block["block_id"]][element["action_id"]],
        options=tuple(one["text"]["text"] for one in elements.options(element)),
        placeholder=(element.get("placeholder") or {}).get("text", ""),
        hint=(block.get("hint") or {}).get("text", ""),
    )


def open_home(member: Member) -> View | None:
    """Somebody opens our Home tab."""
    member.active()
    world = member.world
    if not (world.app.home_tab and world.app.installed):
        raise NotAllowed("the app has no Home tab")
    view = world.homes.get(member.id)
    world.did(member, "open home")
    event: Json = {"user": member.id, "channel": direct(member).id, "tab": "home"}
    world.emit("app_home_opened", event | ({"view": view.payload()} if view else {}))
    return view


def depth(view: View) -> int:
    """How many forms lie on each other."""
    return 1 if view.below is None else 1 + depth(view.below)
