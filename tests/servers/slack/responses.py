"""What our app's answers do: acknowledgements with a body, and posts to a response_url."""

from tests.servers.log import Json
from tests.servers.slack import elements
from tests.servers.slack.calls import RESPONSE_USES, Call
from tests.servers.slack.checks import post_faults, suggestion_faults, view_faults
from tests.servers.slack.messages import Message, announce, private
from tests.servers.slack.views import MOST_IN_STACK, View, depth

KNOWN = {
    "attachments",
    "blocks",
    "delete_original",
    "link_names",
    "metadata",
    "mrkdwn",
    "parse",
    "replace_original",
    "response_type",
    "text",
    "thread_ts",
    "unfurl_links",
    "unfurl_media",
}


def acknowledge(call: Call, body: Json) -> None:
    """The answer to a delivery: a message for commands, an action for forms, else nothing."""
    if call.kind == "command" and (body.get("text") or body.get("blocks")):
        respond(call, body, what="COMMAND")
    elif call.kind == "view_submission" and call.view is not None:
        _act(call, call.view, body)
    elif call.kind == "block_suggestion":
        groups = body.get("option_groups") or []
        call.options = [*body.get("options", []), *(one for group in groups for one in group["options"])]
        call.world.broken_if(call.kind, suggestion_faults(call.options))
    elif body and call.kind != "command":
        call.world.broken(f"{call.kind}: its acknowledgement has a body: {sorted(body)}")


def _act(call: Call, view: View, body: Json) -> None:
    action = body.get("response_action")
    if action is None:
        view.closed = True
        if view.below is not None:
            call.form = view.below
    elif action == "clear":
        view.close_all()
    elif action == "errors":
        _refuse(call, view, body.get("errors") or {})
    elif action in ("update", "push"):
        _show(call, view, action, body.get("view") or {})
    else:
        call.world.broken(f"view_submission: unknown response_action {action!r}")


def _refuse(call: Call, view: View, errors: dict[str, str]) -> None:
    inputs = {block["block_id"]: block["label"]["text"] for block in view.blocks if block["type"] == "input"}
    unknown = set(errors) - set(inputs)
    if unknown or not errors:
        call.world.broken(f"view_submission: errors for {sorted(unknown)}, but inputs are {sorted(inputs)}")
    view.errors = call.errors = {inputs.get(block_id, block_id): text for block_id, text in errors.items()}


def _show(call: Call, view: View, action: str, data: Json) -> None:
    faults = view_faults(data)
    if call.world.broken_if(f"view_submission {action}", faults):
        return
    if action == "update":
        view.fill(data)
        call.form = view
    elif depth(view) >= MOST_IN_STACK:
        call.world.broken("view_submission push: three views are open already")
    else:
        call.form = View(call.world, call.member, data, call=call, below=view)


def response_error(call: Call | None) -> str | None:
    """Why a response_url takes no more, or None."""
    if call is None:
        return "invalid_url"
    if call.response_expired:
        return "expired_url"
    return "used_url" if call.responses >= RESPONSE_USES else None


def respond(call: Call, body: Json, *, what: str = "response_url") -> list[tuple[str, str]]:
    """What is posted to a response_url; what is wrong with it, and then nothing happens."""
    public = body.get("response_type") == "in_channel"
    if body.get("delete_original"):
        _delete(call)
        return []
    faults = [(name, "is not known") for name in body.keys() - KNOWN] + post_faults(body, unfurls=public)
    if call.world.broken_if(what, faults):
        return faults
    blocks = elements.stored(body["blocks"]) if body.get("blocks") else None
    if body.get("replace_original") and call.message is not None and call.message.ours:
        call.message.rewrite(text=body.get("text", ""), blocks=blocks)
        if call.message.seen_only_by is not None:
            _seen_again(call.message, call)
        return []
    _say(call, body.get("text", ""), blocks, body.get("thread_ts"), public=public)
    return []


def _say(call: Call, text: str, blocks: list[Json] | None, thread_ts: str | None, *, public: bool) -> None:
    channel = call.channel or (call.root.channel if call.root is not call else None)
    assert channel is not None
    if not public:  # only what everybody sees may go into a thread
        private(channel, call.member, text, blocks, None).call = call
        return
    message = Message(channel, channel.world.app.user, text, blocks=blocks, thread_ts=thread_ts)
    channel.add(message)
    call.public.append(message)
    announce(message)
    channel.world.news()


def _seen_again(message: Message, call: Call) -> None:
    """What replaces an answer is an answer too: last in line."""
    message.call = call
    message.world.ephemerals.append(message)
    message.world.news()


def _delete(call: Call) -> None:
    message = call.message
    if message is not None and message.ours:
        if message.seen_only_by is None:
            message.delete()
        message.deleted = True
        message.world.news()
