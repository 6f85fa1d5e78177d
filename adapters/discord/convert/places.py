"""Gateway events of guilds, roles, channels and threads."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from adapters.discord.convert.guilds import Guild, Guilds, Spot, space_of
from adapters.discord.convert.reading import Payload, needed, record, records, snowflake, snowflakes, whole, words
from adapters.discord.convert.telling import NOTHING_TOLD, Came, Known, Read, Told
from bot.models import Channel, ChannelGone, ChannelSeen, Event, SpaceGone, SpaceSeen, Thread, ThreadGone, ThreadSeen
from bot.sharding import Shards


def thread_seen(guilds: Guilds, payload: Payload, spot: Spot, thread: Thread, at: datetime) -> ThreadSeen:
    """What a thread tells of itself."""
    meta = record(payload.get("thread_metadata"))
    return ThreadSeen(
        thread=thread,
        at=at,
        name=words(payload.get("name")),
        archived=meta.get("archived") is True,
        archive_after=whole(meta.get("auto_archive_duration")) * 60 or None,  # told in minutes
        locked=meta.get("locked") is True,
        private=spot.private,
        url=spot.url,
        solved=guilds.is_solved(spot.channel.space.id, spot.channel.id, payload.get("applied_tags")),
    )


def threads_seen(guilds: Guilds, guild: str, payloads: Iterable[Payload], at: datetime) -> Iterator[ThreadSeen]:
    """The threads of a list that are discussions, all of them remembered; private ones only if they are tracked."""
    for payload in payloads:
        spot = guilds.keep_thread(guild, payload)
        if spot is not None and spot.thread is not None and guilds.keeps(spot):
            yield thread_seen(guilds, payload, spot, spot.thread, at)


def sound(value: object, *keys: str) -> list[Payload]:
    """The objects of a list that have these ids: one that is broken must not take the others along."""
    return [each for each in records(value) if all(snowflake(each.get(key)) for key in keys)]


def thread(known: Known, payload: Payload, came: Came) -> Told:
    """A thread was made, changed, or opened to us."""
    guild = needed(payload, "guild_id", "a thread")
    return Told(tuple(threads_seen(known.guilds, guild, [payload], came.at)))


def thread_delete(known: Known, payload: Payload, came: Came) -> Told:
    """A thread is gone."""
    spot = known.guilds.keep_thread(needed(payload, "guild_id", "a thread"), payload)
    if spot is None or spot.thread is None:
        return NOTHING_TOLD
    known.guilds.drop(spot.id)
    return Told((ThreadGone(thread=spot.thread, at=came.at),)) if known.guilds.keeps(spot) else NOTHING_TOLD


def thread_list_sync(known: Known, payload: Payload, came: Came) -> Told:
    """The active threads of channels that we may read from now on."""
    guild = needed(payload, "guild_id", "a list of threads")
    listed = sound(payload.get("threads"), "id", "parent_id")
    return Told(tuple(threads_seen(known.guilds, guild, listed, came.at)))


def thread_members_update(known: Known, payload: Payload, came: Came) -> Told:
    """Who is put out of a private thread may not read it any more; we tell when that is us."""
    if known.guilds.own not in snowflakes(payload.get("removed_member_ids")):
        return NOTHING_TOLD
    spot = known.guilds.spot(needed(payload, "id", "members of a thread"))
    if spot is None or spot.thread is None or not spot.private or not known.guilds.keeps(spot):
        return NOTHING_TOLD
    return Told((ThreadGone(thread=spot.thread, at=came.at),))


def channel(known: Known, payload: Payload, came: Came) -> Told:
    """A channel was made or changed."""
    if not snowflake(payload.get("guild_id")):
        return NOTHING_TOLD
    guild = known.guilds.guild(snowflake(payload.get("guild_id")))
    known.guilds.keep_channel(guild, payload)
    return Told(tuple(changes(known.guilds, guild, came.at)))


def channel_delete(known: Known, payload: Payload, came: Came) -> Told:
    """A channel is gone."""
    ident, guild_id = needed(payload, "id", "a channel"), snowflake(payload.get("guild_id"))
    if not guild_id:
        return NOTHING_TOLD
    known.guilds.drop(ident)
    return Told(tuple(changes(known.guilds, known.guilds.guild(guild_id), came.at)))


def ready(known: Known, payload: Payload, came: Came) -> Told:
    """A session begins, and names all guilds of its shard that we are in: others put us out while we were away."""
    guilds, named, shard = known.guilds, payload.get("guilds"), _shard(payload.get("shard", [0, 1]))
    here = {snowflake(each.get("id")) for each in records(named)} - {""}
    if shard is None or not isinstance(named, list) or len(here) < len(named):
        return NOTHING_TOLD  # who is left out because of a fault did not put us out
    left = sorted(each for each in {*guilds.guilds, *guilds.remembered} - here if shard.has(each))
    for each in left:
        guilds.forget(each)
    return Told(tuple(SpaceGone(space=space_of(each), at=came.at) for each in left))


def _shard(told: object) -> Shards | None:
    """Which of how many a session is for; None if that makes no sense."""
    match told:
        case [int(number), int(total)] if 0 <= number < total:
            return Shards(number, number, total)
        case _:
            return None


def guild_create(known: Known, payload: Payload, came: Came) -> Told:
    """We joined, connected anew, or it is available again: all of it is told."""
    if payload.get("unavailable") is True:
        return NOTHING_TOLD
    ident = needed(payload, "id", "a guild")
    before = {key for key, info in known.guilds.guild(ident).told.items() if info is not None}
    before |= known.guilds.remembered.pop(ident, set())
    guild = known.guilds.begin(ident)
    guild.keep(payload)
    known.guilds.keep_own(guild, payload.get("members"))
    for each in sound(payload.get("channels"), "id"):
        known.guilds.keep_channel(guild, each)
    missed = sorted(before - guild.channels.keys(), key=int)
    events: list[Event] = [SpaceSeen(info=guild.info, at=came.at)]
    events += [ChannelGone(channel=Channel(guild.space, key), at=came.at) for key in missed]
    events += changes(known.guilds, guild, came.at)
    events += threads_seen(known.guilds, ident, sound(payload.get("threads"), "id", "parent_id"), came.at)
    return Told(tuple(events))


def guild_update(known: Known, payload: Payload, came: Came) -> Told:
    """A guild's name or roles changed."""
    guild = known.guilds.guild(needed(payload, "id", "a guild"))
    guild.keep(payload)
    return Told((SpaceSeen(info=guild.info, at=came.at), *changes(known.guilds, guild, came.at)))


def guild_delete(known: Known, payload: Payload, came: Came) -> Told:
    """We were removed; an outage is no removal."""
    ident = needed(payload, "id", "a guild")
    if payload.get("unavailable") is True:
        return NOTHING_TOLD
    space = known.guilds.guild(ident).space
    known.guilds.forget(ident)
    return Told((SpaceGone(space=space, at=came.at),))


def role(known: Known, payload: Payload, came: Came) -> Told:
    """A role was made or changed, and with it perhaps what @everyone or we may read."""
    guild = known.guilds.guild(needed(payload, "guild_id", "a role"))
    guild.keep_role(record(payload.get("role")))
    return Told(tuple(changes(known.guilds, guild, came.at)))


def role_delete(known: Known, payload: Payload, came: Came) -> Told:
    """A role is gone."""
    guild = known.guilds.guild(needed(payload, "guild_id", "a role"))
    guild.roles.pop(needed(payload, "role_id", "a role"), None)
    return Told(tuple(changes(known.guilds, guild, came.at)))


def member_update(known: Known, payload: Payload, came: Came) -> Told:
    """A member changed; only our own roles matter here."""
    if snowflake(record(payload.get("user")).get("id")) != known.guilds.own:
        return NOTHING_TOLD
    guild = known.guilds.guild(needed(payload, "guild_id", "a member"))
    known.guilds.keep_own(guild, [payload])
    return Told(tuple(changes(known.guilds, guild, came.at)))


def changes(guilds: Guilds, guild: Guild, at: datetime) -> Iterator[Event]:
    """What is to be said of a guild's channels beyond what was said before, by id.

    A channel that we never could read is said to be gone, too: it may be known from an earlier run.
    """
    for ident in sorted(guild.channels.keys() | guild.told.keys(), key=int):
        known = ident in guild.told
        if not known and not guild.is_place(ident):
            continue
        shown = guild.shown(ident, guilds.own)
        if known and guild.told[ident] == shown:
            continue
        guild.told[ident] = shown
        gone = ChannelGone(channel=Channel(guild.space, ident), at=at)
        yield gone if shown is None else ChannelSeen(info=shown, at=at)


PLACES: Mapping[str, Read] = {
    "READY": ready,
    "GUILD_CREATE": guild_create,
    "GUILD_UPDATE": guild_update,
    "GUILD_DELETE": guild_delete,
    "GUILD_ROLE_CREATE": role,
    "GUILD_ROLE_UPDATE": role,
    "GUILD_ROLE_DELETE": role_delete,
    "GUILD_MEMBER_UPDATE": member_update,
    "CHANNEL_CREATE": channel,
    "CHANNEL_UPDATE": channel,
    "CHANNEL_DELETE": channel_delete,
    "THREAD_CREATE": thread,
    "THREAD_UPDATE": thread,
    "THREAD_DELETE": thread_delete,
    "THREAD_LIST_SYNC": thread_list_sync,
    "THREAD_MEMBERS_UPDATE": thread_members_update,
}
