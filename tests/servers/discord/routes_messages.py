"""Routes of messages and reactions."""

from datetime import datetime, timedelta

from tests.servers.discord import messages, reactions
from tests.servers.discord.asking import ApiError, Ask, Invalid, Routes
from tests.servers.discord.channels import CATEGORY, Channel
from tests.servers.discord.checks import message_faults
from tests.servers.discord.ids import EPOCH_MS, milliseconds
from tests.servers.discord.messages import DEFAULT, REPLY, SLASH, Draft, Message
from tests.servers.discord.permissions import Can
from tests.servers.discord.threads import Thread
from tests.servers.discord.world import Json

NONCE_WINDOW = timedelta(minutes=3)
OLD = timedelta(hours=1)
BULK_AGE = timedelta(days=14)


def history(ask: Ask) -> list[Json]:
    """A page, newest first whatever the parameter; empty, and no error, without the permission to read history."""
    channel = ask.channel()
    limit = ask.limit(50, 100)
    after, before, around = (ask.number(name) for name in ("after", "before", "around"))
    if Can.READ_MESSAGE_HISTORY not in ask.us(channel).can(channel):
        return []
    if ask.server.history_lag and after is None and around is None:
        bound = (milliseconds(_shown_until(ask)) - EPOCH_MS + 1) << 22
        before = bound if before is None else min(before, bound)
    page = channel.page(limit, after=after, before=before, around=around)
    shown = [message for message in page if message.sent_at <= _shown_until(ask)]
    return [message.payload(content=readable(ask, message)) for message in shown]


def _shown_until(ask: Ask) -> datetime:
    """What is newer than that does not stand in the history yet."""
    return ask.world.clock.now() - ask.server.history_lag


def readable(ask: Ask, message: Message) -> bool:
    """Whether we may read its content: the portal's switch, our own, or one that mentions us."""
    application = ask.world.application
    named = any(member.user is application.user for member in message.mentioned())
    return "message_content" in application.privileged or message.ours or named


def one(ask: Ask) -> Json:
    message = ask.message(Can.READ_MESSAGE_HISTORY)
    return message.payload(content=readable(ask, message))


def create(ask: Ask) -> Json:
    """Post. The same nonce within the window gives the first message again."""
    channel = ask.channel()
    may_write(ask, channel)
    body = checked(ask.body)
    earlier = _earlier(ask, body)
    if earlier is not None:
        return earlier.payload() | {"nonce": earlier.nonce}
    message = messages.post(channel, drafted(ask, channel, body))
    if message.nonce:
        ask.server.nonces[message.nonce] = message
    return message.payload() | ({"nonce": message.nonce} if message.nonce else {})


def _earlier(ask: Ask, body: Json) -> Message | None:
    nonce = body.get("nonce")
    if nonce is None or not body.get("enforce_nonce"):
        return None
    known = ask.server.nonces.get(str(nonce))
    if known is not None and ask.world.clock.now() - known.sent_at < NONCE_WINDOW:
        return known
    return None


def checked(body: Json, *, edit: bool = False) -> Json:
    """The body, unless it breaks a rule."""
    faults = message_faults(body, edit=edit)
    if faults:
        raise Invalid(faults)
    filled = (body.get("content") or "").strip() or any(
        body.get(key) for key in ("embeds", "components", "attachments", "sticker_ids", "poll")
    )
    if not edit and not filled:
        raise ApiError(400, 50006)
    return body


def may_write(ask: Ask, channel: Channel) -> None:
    """Whether we may post there now, with embeds and files if the body has some."""
    if channel.is_forum or channel.kind == CATEGORY:
        raise ApiError(400, 50008)
    allowed = ask.us(channel).can(channel)
    needed = Can.SEND_MESSAGES_IN_THREADS if channel.is_thread else Can.SEND_MESSAGES
    needed |= Can.EMBED_LINKS if ask.body.get("embeds") else Can(0)
    needed |= Can.ATTACH_FILES if ask.files else Can(0)
    if needed & ~allowed:
        raise ApiError(403, 50013)
    if isinstance(channel, Thread) and channel.locked and Can.MANAGE_THREADS not in allowed:
        raise ApiError(403, 160005)
    if ask.body.get("message_reference") and Can.READ_MESSAGE_HISTORY not in allowed:
        raise ApiError(400, 160002)


def drafted(ask: Ask, channel: Channel, body: Json) -> Draft:
    """What our request wants to post."""
    reference = body.get("message_reference")
    target = channel.messages.get(str(reference["message_id"])) if reference else None
    if reference and target is None and reference.get("fail_if_not_exists", True):
        raise Invalid([("message_reference", "Unknown message")])
    return Draft(
        author=ask.us(channel),
        text=body.get("content") or "",
        kind=REPLY if target else DEFAULT,
        reply_to=target,
        embeds=[embed | {"type": "rich"} for embed in body.get("embeds") or []],
        components=body.get("components") or [],
        files=ask.files,
        flags=body.get("flags") or 0,
        nonce=str(body["nonce"]) if body.get("nonce") is not None else None,
        allowed_mentions=body.get("allowed_mentions"),
    )


def edit(ask: Ask) -> Json:
    """Edit our own message: not in an archived thread, not an old one too often."""
    message = ask.message()
    body = checked(ask.body, edit=True)
    if not message.ours:
        raise ApiError(403, 50005)
    if message.kind not in (DEFAULT, REPLY, SLASH, messages.MENU):
        raise ApiError(403, 50021)
    if isinstance(message.channel, Thread) and message.channel.archived:
        raise ApiError(400, 50083)
    if ask.world.clock.now() - message.sent_at > OLD:
        wait = ask.server.limits.old_edit(message.channel.id)
        if wait:
            raise ApiError(429, 30046, retry_after=round(wait, 3))
    apply_edit(message, body)
    return message.payload()


def apply_edit(message: Message, body: Json) -> None:
    """Change what the body names; the rest stays. An edit is parsed for mentions anew."""
    message.allowed_mentions = body.get("allowed_mentions")
    flags = message.flags & ~messages.LOADING
    if body.get("flags") is not None:
        flags = flags & ~messages.SUPPRESS_EMBEDS | body["flags"] & messages.SUPPRESS_EMBEDS
    message.edit(
        body["content"] or "" if "content" in body else None,
        embeds=[embed | {"type": "rich"} for embed in body["embeds"] or []] if "embeds" in body else None,
        components=body["components"] or [] if "components" in body else None,
        flags=flags,
        filled_in=bool(message.flags & messages.LOADING),
    )


def delete(ask: Ask) -> None:
    message = ask.message()
    allowed = ask.us(message.channel).can(message.channel)
    if not message.ours and Can.MANAGE_MESSAGES not in allowed:
        raise ApiError(403, 50013)
    if isinstance(message.channel, Thread) and message.channel.archived:
        raise ApiError(400, 50083)
    message.delete(ask.us(message.channel))


def delete_bulk(ask: Ask) -> None:
    channel = ask.channel(Can.MANAGE_MESSAGES)
    ids = [str(an_id) for an_id in ask.body["messages"]]
    if not 2 <= len(ids) <= 100:
        raise Invalid([("messages", "Must be between 2 and 100 in length.")])
    found = [channel.messages[an_id] for an_id in ids if an_id in channel.messages]
    if any(ask.world.clock.now() - message.sent_at > BULK_AGE for message in found):
        raise ApiError(400, 50034)
    channel.delete_bulk(found, ask.us(channel))


def react(ask: Ask) -> None:
    message = ask.message(Can.READ_MESSAGE_HISTORY)
    emoji = ask.ids["emoji"]
    if emoji not in message.reactions:
        ask.message(Can.ADD_REACTIONS)
    if isinstance(message.channel, Thread) and message.channel.archived:
        raise ApiError(400, 50083)
    if not emoji:
        raise ApiError(400, 10014)
    if emoji not in message.reactions and len(message.reactions) >= 20:
        raise ApiError(400, 30010)
    reactions.add(message, ask.us(message.channel), emoji)


def unreact(ask: Ask) -> None:
    message = ask.message()
    reactions.remove(message, ask.world.application.user, ask.ids["emoji"])


def unreact_other(ask: Ask) -> None:
    message = ask.message(Can.MANAGE_MESSAGES)
    user = ask.world.users.get(ask.ids["user"])
    if user is None:
        raise ApiError(404, 10013)
    reactions.remove(message, user, ask.ids["emoji"])


def reactors(ask: Ask) -> list[Json]:
    """A page of who reacted with an emoji, by id."""
    message = ask.message(Can.READ_MESSAGE_HISTORY)
    limit, after = ask.limit(25, 100), ask.number("after") or 0
    users = sorted(message.reactions.get(ask.ids["emoji"], []), key=lambda user: int(user.id))
    return [user.payload() for user in users if int(user.id) > after][:limit]


def clear_reactions(ask: Ask) -> None:
    ask.message(Can.MANAGE_MESSAGES).clear_reactions(ask.ids.get("emoji"))


ROUTES: Routes = {
    "GET /channels/{channel}/messages": history,
    "POST /channels/{channel}/messages": create,
    "POST /channels/{channel}/messages/bulk-delete": delete_bulk,
    "GET /channels/{channel}/messages/{message:[0-9]+}": one,
    "PATCH /channels/{channel}/messages/{message:[0-9]+}": edit,
    "DELETE /channels/{channel}/messages/{message:[0-9]+}": delete,
    "PUT /channels/{channel}/messages/{message}/reactions/{emoji}/@me": react,
    "DELETE /channels/{channel}/messages/{message}/reactions/{emoji}/@me": unreact,
    "DELETE /channels/{channel}/messages/{message}/reactions/{emoji}/{user}": unreact_other,
    "GET /channels/{channel}/messages/{message}/reactions/{emoji}": reactors,
    "DELETE /channels/{channel}/messages/{message}/reactions/{emoji}": clear_reactions,
    "DELETE /channels/{channel}/messages/{message}/reactions": clear_reactions,
}
