"""Routes of servers, members, the application and its commands."""

from tests.servers.discord.asking import ApiError, Ask, Invalid, Routes
from tests.servers.discord.world import Json, User


def me(ask: Ask) -> Json:
    return ask.world.application.user.payload() | {"verified": True, "mfa_enabled": True, "flags": 0}


def application(ask: Ask) -> Json:
    return ask.world.application.payload()


def gateway(ask: Ask) -> Json:
    return ask.server.gateway.payload()


def user(ask: Ask) -> Json:
    found: User | None = ask.world.users.get(ask.ids["user"])
    if found is None:
        raise ApiError(404, 10013)
    return found.payload()


def my_guilds(ask: Ask) -> list[Json]:
    keys = ("id", "name", "icon", "features")
    guilds = [guild for guild in ask.world.guilds.values() if guild.me is not None]
    return [{key: guild.payload()[key] for key in keys} | {"owner": False, "permissions": "0"} for guild in guilds]


def leave_guild(ask: Ask) -> None:
    ask.guild().kick_bot()


def guild(ask: Ask) -> Json:
    found = ask.guild().payload()
    count = len(ask.guild().members)
    counted = {"approximate_member_count": count, "approximate_presence_count": count}
    return found | (counted if ask.query.get("with_counts") in ("1", "true") else {})


def channels(ask: Ask) -> list[Json]:
    """All channels of a server, seen or not, but no threads."""
    return [channel.payload() for channel in ask.guild().channels.values()]


def roles(ask: Ask) -> list[Json]:
    return [role.payload() for role in ask.guild().roles.values()]


def members(ask: Ask) -> list[Json]:
    """A page of members by id; needs the privileged intent in the portal."""
    if "members" not in ask.world.application.privileged:
        raise ApiError(403, 50001)
    after = ask.number("after") or 0
    found = sorted(ask.guild().members.values(), key=lambda one: int(one.id))
    return [one.payload() for one in found if int(one.id) > after][: ask.limit(1, 1000)]


def search_members(ask: Ask) -> list[Json]:
    query = ask.query.get("query", "").lower()
    found = [one for one in ask.guild().members.values() if one.name.lower().startswith(query)]
    return [one.payload() for one in found][: ask.limit(1, 1000)]


def member(ask: Ask) -> Json:
    an_id = ask.ids["user"]
    if an_id not in ask.guild().members:
        raise ApiError(404, 10007 if an_id in ask.world.users else 10013)
    return ask.guild().members[an_id].payload()


def active_threads(ask: Ask) -> Json:
    threads = ask.guild().active_threads()
    us = ask.world.application.user.id
    return {
        "threads": [thread.payload() for thread in sorted(threads, key=lambda one: -int(one.id))],
        "members": [thread.members[us] for thread in threads if us in thread.members],
    }


def set_nick(ask: Ask) -> Json:
    us = ask.guild().me
    if us is None:
        raise ApiError(403, 50001)
    us.rename((ask.body or {}).get("nick"))
    return us.payload()


def commands(ask: Ask) -> list[Json]:
    _own(ask)
    return ask.world.commands.registered(ask.ids.get("guild"))


def put_commands(ask: Ask) -> list[Json]:
    """Replace the whole set; faults in it are told and nothing is replaced."""
    _own(ask)
    guild_id = ask.ids.get("guild")
    faults, over = ask.world.commands.replace(guild_id, ask.body)
    if over:
        raise ApiError(429, 30034, retry_after=86_400.0)
    if faults:
        raise Invalid(faults)
    return ask.world.commands.registered(guild_id)


def _own(ask: Ask) -> None:
    if ask.ids["application"] != ask.world.application.id:
        raise ApiError(403, 20012)
    if "guild" in ask.ids and not ask.guild().takes_commands:
        raise ApiError(403, 50001)


ROUTES: Routes = {
    "GET /users/@me": me,
    "GET /oauth2/applications/@me": application,
    "GET /applications/@me": application,
    "GET /gateway/bot": gateway,
    "GET /users/@me/guilds": my_guilds,
    "DELETE /users/@me/guilds/{guild}": leave_guild,
    "GET /users/{user}": user,
    "GET /guilds/{guild}": guild,
    "GET /guilds/{guild}/channels": channels,
    "GET /guilds/{guild}/roles": roles,
    "GET /guilds/{guild}/members": members,
    "GET /guilds/{guild}/members/search": search_members,
    "PATCH /guilds/{guild}/members/@me": set_nick,
    "GET /guilds/{guild}/members/{user}": member,
    "GET /guilds/{guild}/threads/active": active_threads,
    "GET /applications/{application}/commands": commands,
    "PUT /applications/{application}/commands": put_commands,
    "GET /applications/{application}/guilds/{guild}/commands": commands,
    "PUT /applications/{application}/guilds/{guild}/commands": put_commands,
}
