"""Routes of interactions: the callback, follow-ups, and the messages that answered. The path's token is the key."""

from tests.servers.discord.asking import ApiError, Ask, Invalid, Routes
from tests.servers.discord.calls import (
    COMMAND,
    COMPONENT,
    DEFER,
    DEFER_UPDATE,
    DIRECT,
    FORM,
    MESSAGE,
    SUBMIT,
    UPDATE,
    Call,
)
from tests.servers.discord.checks import modal_faults
from tests.servers.discord.forms import form_from
from tests.servers.discord.messages import DEFAULT, EPHEMERAL, LOADING, MENU, REPLY, SLASH, Draft, Message
from tests.servers.discord.routes_messages import apply_edit, checked
from tests.servers.discord.world import Json


def callback(ask: Ask) -> Json | None:
    """The first response: within three seconds, once."""
    call = ask.world.calls.get(ask.ids["token"])
    if call is None or call.id != ask.ids["interaction"] or call.too_late:
        raise ApiError(404, 10062)
    if call.acknowledged is not None:
        raise ApiError(400, 40060)
    kind, data = ask.body.get("type"), ask.body.get("data") or {}
    _allowed(call, kind)
    made = _respond(ask, call, kind, data)
    call.acknowledge(kind)
    if ask.query.get("with_response", "").lower() not in ("1", "true"):
        return None
    return _answered(call, kind, made)


def _allowed(call: Call, kind: int) -> None:
    if kind not in (MESSAGE, DEFER, DEFER_UPDATE, UPDATE, FORM):
        raise Invalid([("type", "is no kind of response")])
    if kind in (DEFER_UPDATE, UPDATE) and call.message is None:
        raise Invalid([("type", "There is no message to update.")])
    if kind == FORM and call.kind == SUBMIT:
        raise Invalid([("type", "A form cannot answer a form.")])


def _respond(ask: Ask, call: Call, kind: int, data: Json) -> Message | None:
    if kind == FORM:
        faults = modal_faults(data)
        if faults:
            raise Invalid(faults)
        call.form = form_from(call, data)
        return None
    if kind == DEFER_UPDATE:
        return None
    if kind == UPDATE and call.message is not None:
        _edit(call.message, checked(data, edit=True))
        call.original = call.message
        call.said.append(call.message)
        return call.message
    if kind == DEFER:
        data = {"flags": (data.get("flags") or 0) & EPHEMERAL | LOADING, "allowed_mentions": {"parse": []}}
    else:
        checked(data)
    call.original = _say(ask, call, data, _kind_of(call), call.message)
    return call.original


def _kind_of(call: Call) -> int:
    if call.kind == COMMAND:
        return SLASH if call.data["type"] == 1 else MENU
    return REPLY if call.kind == COMPONENT else DEFAULT


def _say(ask: Ask, call: Call, data: Json, kind: int, target: Message | None) -> Message:
    """A message that answers: only for the caller's eyes, or in the channel."""
    draft = Draft(
        author=ask.world.application.user,
        text=data.get("content") or "",
        kind=kind,
        reply_to=target if kind == REPLY else None,
        embeds=[embed | {"type": "rich"} for embed in data.get("embeds") or []],
        components=data.get("components") or [],
        files=ask.files,
        flags=data.get("flags") or 0,
        allowed_mentions=data.get("allowed_mentions"),
        interaction={
            "id": call.id,
            "type": call.kind,
            "user": call.member.user.payload(),
            "authorizing_integration_owners": {"0": call.channel.guild.id},
        },
    )
    message = Message(call.channel, draft)
    call.said.append(message)
    if message.ephemeral or call.stray == DIRECT:
        message.seen_only_by = call.member
    else:
        call.channel.awaken(draft)
        call.channel.add(message)
        call.channel.counted(+1, message)
        call.channel.tell("MESSAGE_CREATE", {}, message=message)
    return message


def _answered(call: Call, kind: int, made: Message | None) -> Json:
    found: Json = {"id": call.id, "type": call.kind}
    if made is not None:
        found |= {
            "response_message_id": made.id,
            "response_message_loading": bool(made.flags & LOADING),
            "response_message_ephemeral": made.ephemeral,
        }
    resource: Json = {"type": kind}
    if made is not None and kind in (MESSAGE, UPDATE):
        resource["message"] = made.payload()
    return {"interaction": found, "resource": resource}


def _call(ask: Ask) -> Call:
    """The interaction whose token the path has, acknowledged and in time."""
    call = ask.world.calls.get(ask.ids["token"])
    if call is None or ask.ids["webhook"] != ask.world.application.id or call.acknowledged is None:
        raise ApiError(404, 10015)
    if call.expired:
        raise ApiError(401, 50027)
    return call


def follow_up(ask: Ask) -> Json:
    """One more message; directly after a deferred response it becomes that response."""
    call = _call(ask)
    body = checked(ask.body)
    if call.original is not None and call.original.flags & LOADING:
        _edit(call.original, body)
        made = call.original
    else:
        target = call.original if call.original and not call.original.deleted else None
        made = _say(ask, call, body, REPLY if target else DEFAULT, target)
    call.changed()
    return made.payload()


def _edit(message: Message, body: Json) -> None:
    if message.deleted:
        raise ApiError(404, 10008)
    apply_edit(message, body)


def _said(ask: Ask, call: Call) -> Message:
    """The message that the path names; of a deferred update it is the one with the button."""
    an_id = ask.ids["message"]
    if an_id == "@original":
        found = call.original or (call.message if call.acknowledged in (DEFER_UPDATE, UPDATE) else None)
    else:
        known = [*call.said, *([call.message] if call.message else [])]
        found = next((message for message in known if message.id == an_id), None)
    if found is None or found.deleted:
        raise ApiError(404, 10008)
    return found


def read(ask: Ask) -> Json:
    return _said(ask, _call(ask)).payload()


def edit(ask: Ask) -> Json:
    call = _call(ask)
    message = _said(ask, call)
    _edit(message, checked(ask.body, edit=True))
    message.attach(ask.files)
    if message not in call.said:
        call.said.append(message)
    call.changed()
    return message.payload()


def delete(ask: Ask) -> None:
    call = _call(ask)
    message = _said(ask, call)
    if message.seen_only_by is None:
        message.delete()
    else:
        message.forget()
    call.changed()


ROUTES: Routes = {
    "POST /interactions/{interaction}/{token}/callback": callback,
    "POST /webhooks/{webhook}/{token}": follow_up,
    "GET /webhooks/{webhook}/{token}/messages/{message}": read,
    "PATCH /webhooks/{webhook}/{token}/messages/{message}": edit,
    "DELETE /webhooks/{webhook}/{token}/messages/{message}": delete,
}
