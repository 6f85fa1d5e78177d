"""Payloads in the shapes that Discord documents, written by us; every part can be said otherwise."""

from datetime import UTC, datetime
from typing import Any

from adapters.discord.convert import STARS, Came, Guilds, Known, convert
from bot.models import Channel, MessageRef, Platform, Space, Thread

Json = dict[str, Any]

OWN = "900000000000000001"
GUILD = "100000000000000001"
HELP = "200000000000000001"  # a text channel
IDEAS = "200000000000000002"  # a forum
NEWS = "200000000000000003"
STAFF = "200000000000000004"  # closed to @everyone
VOICE = "200000000000000005"
CATEGORY = "200000000000000006"
PARENT = "300000000000000001"  # a message in HELP with a thread on it
THREAD = PARENT
POST = "300000000000000002"  # a forum post
PRIVATE = "300000000000000003"  # a private thread of HELP
MID = "300000000000000009"
ADA = "400000000000000001"
BO = "400000000000000002"
STAFF_ROLE = "500000000000000001"
OWN_ROLE = "500000000000000002"

SPACE = Space(Platform.DISCORD, GUILD)
IN_HELP = Channel(SPACE, HELP)
VIEW, HISTORY = 1 << 10, 1 << 16
READ = VIEW | HISTORY
AT = datetime(2026, 8, 3, 12, 5, tzinfo=UTC)


def a_user(uid: str = ADA, **more: object) -> Json:
    return {
        "id": uid, "username": "ada", "discriminator": "0", "global_name": "Ada", "avatar": None, "public_flags": 0,
    } | more  # fmt: skip


def a_message(mid: str = MID, content: str = "Which tent holds?", *, channel: str = HELP, **more: object) -> Json:
    """MESSAGE_CREATE; leave the guild out with `guild_id=None`, as a history does."""
    told = {
        "id": mid,
        "channel_id": channel,
        "guild_id": GUILD,
        "type": 0,
        "author": a_user(),
        "member": {"roles": [], "flags": 0, "nick": None, "joined_at": "2024-01-01T00:00:00+00:00"},
        "content": content,
        "timestamp": "2026-08-03T12:00:00.123000+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "flags": 0,
    } | more
    return {key: value for key, value in told.items() if not (key == "guild_id" and value is None)}


def a_thread(
    ident: str = THREAD, parent: str = HELP, *, kind: int = 11, meta: Json | None = None, **more: object
) -> Json:
    told = {
        "archived": False, "auto_archive_duration": 1440, "archive_timestamp": "2026-08-03T12:00:00+00:00",
        "locked": False, "create_timestamp": "2026-08-03T12:00:00+00:00",
    } | (meta or {})  # fmt: skip
    return {
        "id": ident, "guild_id": GUILD, "parent_id": parent, "owner_id": ADA, "type": kind, "name": "Tents",
        "last_message_id": MID, "message_count": 3, "member_count": 2, "total_message_sent": 3,
        "rate_limit_per_user": 0, "flags": 0, "thread_metadata": told,
    } | more  # fmt: skip


def a_channel(ident: str = HELP, name: str = "help", *, kind: int = 0, **more: object) -> Json:
    return {
        "id": ident, "guild_id": GUILD, "type": kind, "name": name, "position": 1, "nsfw": False, "topic": None,
        "parent_id": CATEGORY, "permission_overwrites": [],
    } | more  # fmt: skip


def an_overwrite(ident: str = GUILD, *, allow: int = 0, deny: int = 0, kind: int = 0) -> Json:
    return {"id": ident, "type": kind, "allow": str(allow), "deny": str(deny)}


def a_role(ident: str = GUILD, permissions: int = READ, **more: object) -> Json:
    return {
        "id": ident, "name": "@everyone", "permissions": str(permissions), "position": 0, "color": 0, "hoist": False,
        "managed": False, "mentionable": False, "flags": 0,
    } | more  # fmt: skip


def a_guild(**more: object) -> Json:
    """GUILD_CREATE with a channel of each kind, two public threads and a private one."""
    closed = [an_overwrite(deny=VIEW), an_overwrite(STAFF_ROLE, allow=VIEW), an_overwrite(OWN_ROLE, allow=VIEW)]
    return {
        "id": GUILD,
        "name": "Camp",
        "owner_id": ADA,
        "unavailable": False,
        "member_count": 3,
        "roles": [a_role(), a_role(STAFF_ROLE, READ, name="staff"), a_role(OWN_ROLE, READ, name="Folkmoot")],
        "members": [{"user": a_user(OWN, username="folkmoot", bot=True), "roles": [OWN_ROLE], "flags": 0}],
        "channels": [
            a_channel(),
            a_channel(IDEAS, "ideas", kind=15, available_tags=[]),
            a_channel(NEWS, "news", kind=5, nsfw=True),
            a_channel(STAFF, "staff", permission_overwrites=closed),
            a_channel(VOICE, "voice", kind=2),
            a_channel(CATEGORY, "Talk", kind=4),
        ],
        "threads": [
            a_thread(),
            a_thread(POST, IDEAS, name="Oil the gate"),
            a_thread(PRIVATE, HELP, kind=12, name="Hush"),
        ],
    } | more


def a_reaction(sign: str = "⭐", *, user: str = BO, channel: str = HELP, **more: object) -> Json:
    """MESSAGE_REACTION_ADD."""
    return {
        "user_id": user, "channel_id": channel, "message_id": MID, "guild_id": GUILD, "type": 0, "burst": False,
        "message_author_id": ADA, "emoji": {"id": None, "name": sign},
        "member": {"user": a_user(user, username="bo", global_name=None), "roles": [], "nick": "Bo B.", "flags": 0},
    } | more  # fmt: skip


def a_removed_reaction(sign: str = "⭐", **more: object) -> Json:
    """MESSAGE_REACTION_REMOVE: no member comes with it."""
    told = a_reaction(sign) | more
    del told["member"], told["message_author_id"]
    return told


def known_guilds(stars: frozenset[str] = STARS) -> Known:
    """Everything that GUILD_CREATE of `a_guild` tells, already told."""
    known = Known(guilds=Guilds(OWN), stars=stars)
    convert(known, "GUILD_CREATE", a_guild(), Came(AT))
    return known


def ref(mid: str = MID, channel: str = HELP) -> MessageRef:
    return MessageRef(Channel(SPACE, channel), mid)


def thread(ident: str = THREAD, channel: str = HELP) -> Thread:
    return Thread(Channel(SPACE, channel), ident)
