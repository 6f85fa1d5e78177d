"""chat.*"""

from datetime import timedelta

from tests.servers.log import Json
from tests.servers.slack import elements
from tests.servers.slack.asking import ApiError, Ask, Invalid, Methods
from tests.servers.slack.channels import Channel, direct
from tests.servers.slack.checks import Faults, post_faults
from tests.servers.slack.messages import Message, announce, private


def refuse(faults: Faults) -> None:
    """Answer with Slack's error for what is wrong with a message, if anything is."""
    if not faults:
        return
    words = " ".join(what for _, what in faults)
    for error in ("no_text", "msg_too_long", "msg_blocks_too_long"):
        if error in words:
            raise Invalid(error, faults)
    blocks = any(where.startswith(("blocks", "element")) for where, _ in faults)
    metadata = any(where.startswith("metadata") for where, _ in faults)
    raise Invalid(
        "invalid_blocks" if blocks else "invalid_metadata_format" if metadata else "invalid_arguments", faults
    )


def _where(ask: Ask) -> Channel:
    """Where a post goes: a channel we may write in, or the direct messages with a person."""
    member = ask.world.members.get(str(ask.body["channel"]))
    if member is not None:
        return direct(member)
    channel = ask.channel()
    if channel.archived:
        raise ApiError("is_archived")
    if not channel.has_bot and "chat:write.public" not in ask.world.app.scopes:
        raise ApiError("not_in_channel")
    return channel


def _thread(ask: Ask, channel: Channel) -> str | None:
    ts = ask.body.get("thread_ts")
    if ts is None:
        return None
    message = channel.messages.get(ts)
    if message is None:
        raise ApiError("thread_not_found")
    return message.thread_ts or message.ts


def _blocks(ask: Ask) -> list[Json] | None:
    return elements.stored(ask.body["blocks"]) if ask.body.get("blocks") else None


def post_message(ask: Ask) -> Json:
    ask.needs("chat:write")
    refuse(post_faults(ask.body, unfurls=True))
    channel = _where(ask)
    body = ask.body
    thread_ts = _thread(ask, channel)
    message = Message(
        channel,
        ask.world.app.user,
        body.get("text") or "",
        blocks=_blocks(ask),
        attachments=body.get("attachments"),
        metadata=body.get("metadata"),
        thread_ts=thread_ts,
    )
    message.broadcast = bool(thread_ts and body.get("reply_broadcast"))
    channel.add(message)
    announce(message)
    ask.world.news()
    return {"channel": channel.id, "ts": message.ts, "message": message.payload(metadata=True, counted=False)}


def post_ephemeral(ask: Ask) -> Json:
    ask.needs("chat:write")
    refuse(post_faults(ask.body, unfurls=False))
    channel = _where(ask)
    member = ask.member()
    if member.id not in channel.members:
        raise ApiError("user_not_in_channel")
    message = private(channel, member, ask.body.get("text") or "", _blocks(ask), _thread(ask, channel))
    return {"message_ts": message.ts}


def update(ask: Ask) -> Json:
    ask.needs("chat:write")
    body = ask.body
    refuse(post_faults(body, unfurls=False, update=True))
    channel = ask.channel()
    message = ask.message(channel)
    if not message.ours or message.tombstone:
        raise ApiError("cant_update_message")
    if channel.archived:
        raise ApiError("is_archived")
    window = ask.server.edit_window
    if window is not None and ask.world.clock.now() - message.sent_at > timedelta(seconds=window):
        raise ApiError("edit_window_closed")
    blocks = _blocks(ask) if body.get("blocks") is not None else message.blocks
    text = message.text if body.get("text") is None else body["text"]
    message.rewrite(text=text, blocks=blocks, metadata=body.get("metadata"), attachments=body.get("attachments"))
    whole = message.payload(metadata=True, counted=False)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": whole}


def delete(ask: Ask) -> Json:
    ask.needs("chat:write")
    channel = ask.channel()
    message = ask.message(channel)
    if not message.ours or message.deleted:
        raise ApiError("cant_delete_message" if not message.deleted else "message_not_found")
    message.delete()
    return {"channel": channel.id, "ts": message.ts}


def get_permalink(ask: Ask) -> Json:
    channel = ask.channel()
    return {"channel": channel.id, "permalink": ask.message(channel, "message_ts").permalink}


METHODS: Methods = {
    "chat.postMessage": post_message,
    "chat.postEphemeral": post_ephemeral,
    "chat.update": update,
    "chat.delete": delete,
    "chat.getPermalink": get_permalink,
}
