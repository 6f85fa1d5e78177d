"""What people ask through Slack: slash commands, message shortcuts, buttons, lists and forms. Pure.

An interaction's payload tells who asks, where, and through which address an answer reaches them.
"""

from dataclasses import dataclass, field, replace

from adapters.slack.carrying import ACTION, Carried, Where, carried_by, decode
from adapters.slack.convert.addressing import addressed
from adapters.slack.convert.reading import BadPayload, Payload, ident, needed, record, records, stamp, unescaped, words
from adapters.slack.render import SHORTCUTS, filled_in, line_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks: a `carried` command with its arguments, or a `line` that they typed.

    `trigger` opens a form within three seconds, `url` takes private answers, `view` is the id of the modal it was asked
    in. `replaces`: the answer may stand in the place of the private one that the button is on.
    """

    uid: str
    name: str
    where: Where
    trigger: str = ""
    url: str = ""
    view: str = ""
    carried: Carried = field(default_factory=lambda: Carried(""))
    line: str = ""
    replaces: bool = False


def typed_in(payload: Payload) -> Asked:
    """A slash command."""
    return Asked(
        uid=needed(payload, "user_id", "a command"),
        name=words(payload.get("user_name")),
        where=Where(channel=needed(payload, "channel_id", "a command"), thread=stamp(payload.get("thread_ts"))),
        trigger=words(payload.get("trigger_id")),
        url=words(payload.get("response_url")),
        line=line_of(words(payload.get("command")), unescaped(words(payload.get("text")))),
    )


def chosen_from_menu(payload: Payload) -> Asked:
    """A message shortcut. BadPayload for one that we do not offer."""
    command = SHORTCUTS.get(words(payload.get("callback_id")))
    message = record(payload.get("message"))
    ts = stamp(payload.get("message_ts")) or stamp(message.get("ts"))
    if command is None or not ts:
        raise BadPayload("Dropped a shortcut from Slack: there is none like it.")
    where = Where(channel=_channel(payload), thread=stamp(message.get("thread_ts")), message=ts)
    return _by(payload, where, Carried(command, where=where))


def pressed(payload: Payload) -> Asked | None:
    """A button, or what was chosen from a list; None for one that only leads somewhere. Unreadable for an old one."""
    action = next(iter(records(payload.get("actions"))), {})
    if not ACTION.fullmatch(words(action.get("action_id"))):
        return None
    carried, container = carried_by(action), record(payload.get("container"))
    thread = stamp(record(payload.get("message")).get("thread_ts")) or stamp(container.get("thread_ts"))
    told, channel = carried.where, _channel(payload, needed_=False)
    where = told if told.channel else replace(told, channel=channel, thread=told.thread or thread)
    view = record(payload.get("view"))
    in_modal = ident(view.get("id")) if view.get("type") == "modal" else ""
    return replace(_by(payload, where, carried), view=in_modal, replaces=container.get("is_ephemeral") is True)


def sent_form(payload: Payload) -> Asked:
    """A form that was filled in and sent. Unreadable for one of another version."""
    view = record(payload.get("view"))
    carried = decode(words(view.get("private_metadata")))
    filled = {name: words(value) for name, value in filled_in(record(view.get("state"))).items()}
    args = {name: value for name, value in {**carried.args, **filled}.items() if value}
    return replace(_by(payload, carried.where, replace(carried, args=args)), view=needed(view, "id", "a form"))


def said_to_us(payload: Payload, own: str) -> Asked:
    """A message that mentions us and begins with a command."""
    return Asked(
        uid=needed(payload, "user", "a message"),
        name="",
        where=Where(channel=needed(payload, "channel", "a message"), thread=stamp(payload.get("thread_ts"))),
        line=unescaped(addressed(payload.get("text"), own) or ""),
    )


def _by(payload: Payload, where: Where, carried: Carried) -> Asked:
    """Who did something with the mouse, and how to answer."""
    user = record(payload.get("user"))
    return Asked(
        uid=needed(user, "id", "an interaction"),
        name=words(user.get("name")) or words(user.get("username")),
        where=where,
        trigger=words(payload.get("trigger_id")),
        url=words(payload.get("response_url")),
        carried=carried,
    )


def _channel(payload: Payload, *, needed_: bool = True) -> str:
    found = ident(record(payload.get("channel")).get("id")) or ident(record(payload.get("container")).get("channel_id"))
    if needed_ and not found:
        raise BadPayload("Dropped an interaction from Slack: it tells no channel.")
    return found
