"""conversations.*, users.conversations"""

from collections.abc import Callable

from tests.servers.log import Json
from tests.servers.slack.asking import FAMILIES, TYPES, ApiError, Ask, Methods, going_on
from tests.servers.slack.channels import Channel, direct
from tests.servers.slack.messages import Message

DISTRIBUTED_PAGE = 15


def _window(ask: Ask) -> Callable[[Message], bool]:
    """Whether a message lies within `oldest` and `latest`, which count themselves only with `inclusive`."""
    oldest, latest = _number(ask, "oldest", 0), _number(ask, "latest", 10**18)
    inclusive = bool(ask.body.get("inclusive"))

    def within(message: Message) -> bool:
        at = _micros(message.ts)
        return oldest <= at <= latest if inclusive else oldest < at < latest

    return within


def _number(ask: Ask, name: str, default: int) -> int:
    text = ask.body.get(name)
    return default if not text or text == "0" else _micros(text)


def _micros(ts: str) -> int:
    seconds, _, micro = ts.partition(".")
    return int(seconds) * 1_000_000 + int(micro.ljust(6, "0") or 0)


def _limit(ask: Ask, default: int, most: int) -> int:
    limit = ask.limit(default, most)
    return min(limit, DISTRIBUTED_PAGE) if ask.server.distributed else limit


def _shown(ask: Ask, messages: list[Message]) -> list[Json]:
    metadata = bool(ask.body.get("include_all_metadata"))
    cap = ask.server.reaction_users
    found = [message.payload(metadata=metadata) for message in messages]
    for message in found:
        for reaction in message.get("reactions", []):
            reaction["users"] = reaction["users"][:cap]
    return found


def history(ask: Ask) -> Json:
    channel = ask.channel("history", inside=True)
    limit = _limit(ask, 100, 999)
    after = ask.cursor("next_ts")
    within = _window(ask)
    found = [one for one in channel.settled(channel.in_history()) if within(one)]
    if after is not None:
        found = [one for one in found if one.ts < after]
    page, more = found[::-1][:limit], len(found) > limit
    answer: Json = {"messages": _shown(ask, page), "has_more": more, "pin_count": len(channel.pins)}
    return answer | (going_on("next_ts", page[-1].ts) if more else {})


def replies(ask: Ask) -> Json:
    """A thread, oldest first within a page, its parent on top (see `SlackServer.thread_pages_backwards`)."""
    channel = ask.channel("history", inside=True)
    limit = _limit(ask, 1000, 1000)
    named = ask.message(channel, "ts", "thread_not_found")
    if not channel.settled([named]):
        raise ApiError("thread_not_found")
    if named.is_reply:
        return {"messages": _shown(ask, [named]), "has_more": False}
    edge, within = ask.cursor("next_ts"), _window(ask)
    page, where = _thread_page(ask, [one for one in channel.settled(named.replies) if within(one)], edge, limit)
    parent = [named] if edge is None or ask.server.repeat_parents else []
    answer: Json = {"messages": _shown(ask, [*parent, *page]), "has_more": where is not None}
    return answer | (going_on("next_ts", where) if where else {})


def _thread_page(ask: Ask, found: list[Message], edge: str | None, limit: int) -> tuple[list[Message], str | None]:
    """The page beyond the edge of the last one, and its own edge if there is more."""
    room = max(1, limit - 1)
    if ask.server.thread_pages_backwards:
        found = [one for one in found if edge is None or one.ts < edge]
        page = found[-room:]
        return page, page[0].ts if len(found) > room else None
    found = [one for one in found if edge is None or one.ts > edge]
    page = found[:room]
    return page, page[-1].ts if len(found) > room else None


def _listed(ask: Ask, visible: Callable[[Channel], bool]) -> list[Channel]:
    types = [one.strip() for one in (ask.body.get("types") or "public_channel").split(",")]
    if any(one not in TYPES for one in types):
        raise ApiError("invalid_types")
    kinds = [TYPES[one] for one in types]
    for kind in kinds:
        ask.needs(f"{FAMILIES.get(kind, kind)}:read")
    return [
        channel
        for channel in ask.world.channels.values()
        if channel.kind in kinds
        and not channel.deleted
        and visible(channel)
        and not (ask.body.get("exclude_archived") and channel.archived)
    ]


def list_all(ask: Ask) -> Json:
    page, more = ask.page(_listed(ask, lambda channel: not channel.private or channel.has_bot), 100, 999)
    return {"channels": [channel.payload(counted=True, joined=True) for channel in page]} | more


def of_member(ask: Ask) -> Json:
    user = ask.body.get("user") or ask.world.app.user.id
    if user not in ask.world.members:
        raise ApiError("user_not_found")

    def visible(channel: Channel) -> bool:
        return user in channel.members and (not channel.private or channel.has_bot)

    page, more = ask.page(_listed(ask, visible), 100, 999)
    return {"channels": [channel.payload() for channel in page]} | more


def info(ask: Ask) -> Json:
    channel = ask.channel("read")
    found = channel.payload(counted=bool(ask.body.get("include_num_members")), joined=True)
    return {"channel": found | ({"locale": "en-US"} if ask.body.get("include_locale") else {})}


def members(ask: Ask) -> Json:
    page, more = ask.page(list(ask.channel("read").members), 100, 1000)
    return {"members": page} | more


def join(ask: Ask) -> Json:
    ask.needs("channels:join")
    channel = ask.channel()
    if channel.archived:
        raise ApiError("is_archived")
    if channel.has_bot:
        warning = {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
        return {"channel": channel.payload(joined=True)} | warning
    channel.join(ask.world.app.user)
    return {"channel": channel.payload(joined=True)}


def open_direct(ask: Ask) -> Json:
    ask.needs("im:write")
    users = (ask.body.get("users") or "").split(",")
    if len(users) != 1 or users[0] not in ask.world.members:
        raise ApiError("user_not_found" if len(users) == 1 else "method_not_supported_for_channel_type")
    channel = direct(ask.world.members[users[0]])
    return {"channel": channel.payload() if ask.body.get("return_im") else {"id": channel.id}}


METHODS: Methods = {
    "conversations.history": history,
    "conversations.replies": replies,
    "conversations.list": list_all,
    "conversations.info": info,
    "conversations.members": members,
    "conversations.join": join,
    "conversations.open": open_direct,
    "users.conversations": of_member,
}
