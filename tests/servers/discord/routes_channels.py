"""Routes of channels: read, change, delete, pins, typing."""

from tests.servers.discord.asking import ApiError, Ask, Invalid, Routes
from tests.servers.discord.checks import thread_faults
from tests.servers.discord.ids import written
from tests.servers.discord.permissions import Can
from tests.servers.discord.threads import Thread
from tests.servers.discord.world import Json


def channel(ask: Ask) -> Json:
    found = ask.channel()
    return found.payload(ours=True) if isinstance(found, Thread) else found.payload()


def change(ask: Ask) -> Json:
    """Rename and the like; of threads also archive and lock. Only unarchiving is allowed in an archived thread."""
    found = ask.channel()
    faults = thread_faults(ask.body)
    if faults:
        raise Invalid(faults)
    if isinstance(found, Thread):
        _change_thread(ask, found)
        return found.payload(ours=True)
    ask.channel(Can.MANAGE_CHANNELS)
    found.topic = ask.body.get("topic", found.topic)
    found.rename(ask.body.get("name", found.name))
    return found.payload()


def _change_thread(ask: Ask, thread: Thread) -> None:
    body = ask.body
    allowed = ask.us(thread).can(thread)
    own = thread.owner.user is ask.world.application.user
    if thread.archived and body.get("archived") is not False:
        raise ApiError(400, 50083)
    if not Can.MANAGE_THREADS & allowed and (thread.locked or "locked" in body or not _may_anyway(body, own=own)):
        raise ApiError(403, 50013)
    thread.applied_tags = body.get("applied_tags", thread.applied_tags)
    thread.auto_archive_duration = body.get("auto_archive_duration", thread.auto_archive_duration)
    thread.name = body.get("name", thread.name)
    thread.set_state(archived=body.get("archived"), locked=body.get("locked"))


def _may_anyway(body: Json, *, own: bool) -> bool:
    """The owner may change a thread; anybody who may write in it may unarchive it."""
    return own or body == {"archived": False}


def delete(ask: Ask) -> Json:
    found = ask.channel(Can.MANAGE_THREADS if ask.channel().is_thread else Can.MANAGE_CHANNELS)
    found.delete()
    return found.payload()


def pins(ask: Ask) -> Json:
    """Pinned messages, newest first."""
    found = ask.channel()
    items = [message for message in found.page(len(found.messages) or 1) if message.pinned]
    if Can.READ_MESSAGE_HISTORY not in ask.us(found).can(found):
        items = []
    limit = ask.limit(50, 50)
    shown = [{"pinned_at": written(item.sent_at), "message": item.payload()} for item in items[:limit]]
    return {"items": shown, "has_more": len(items) > limit}


def pin(ask: Ask) -> None:
    message = ask.message(Can.PIN_MESSAGES)
    message.pinned = True
    message.updated()


def unpin(ask: Ask) -> None:
    message = ask.message(Can.PIN_MESSAGES)
    message.pinned = False
    message.updated()


def typing(ask: Ask) -> None:
    ask.channel(Can.SEND_MESSAGES)


ROUTES: Routes = {
    "GET /channels/{channel}": channel,
    "PATCH /channels/{channel}": change,
    "DELETE /channels/{channel}": delete,
    "POST /channels/{channel}/typing": typing,
    "GET /channels/{channel}/messages/pins": pins,
    "PUT /channels/{channel}/messages/pins/{message}": pin,
    "DELETE /channels/{channel}/messages/pins/{message}": unpin,
}
