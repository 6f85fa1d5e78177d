"""Every other method: who we are, people, groups, reactions, pins, views."""

from tests.servers.log import Json
from tests.servers.slack import reactions
from tests.servers.slack.app import TOKEN_LASTS
from tests.servers.slack.asking import ApiError, Ask, Invalid, Methods
from tests.servers.slack.calls import Call
from tests.servers.slack.checks import view_faults
from tests.servers.slack.members import Member
from tests.servers.slack.messages import Message
from tests.servers.slack.views import MOST_IN_STACK, View, depth


def auth_test(ask: Ask) -> Json:
    world, app = ask.world, ask.world.app
    found = {"url": f"https://{world.domain}.slack.com/", "team": world.name, "user": app.user.handle}
    return found | {"team_id": world.team, "user_id": app.user.id, "bot_id": app.bot_id, "is_enterprise_install": False}


def connections_open(ask: Ask) -> Json:
    app = ask.world.app
    if "connections:write" not in app.app_scopes:
        provided = ",".join(sorted(app.app_scopes))
        raise ApiError("missing_scope", needed="connections:write", provided=provided)
    if not app.socket_mode:
        raise ApiError("access_denied")
    return {"url": ask.server.sockets.ticket()}


def oauth_access(ask: Ask) -> Json:
    """Exchange a refresh token, once, for another pair of tokens."""
    app, world = ask.world.app, ask.world
    if ask.body.get("grant_type") != "refresh_token":
        raise ApiError("invalid_grant_type")
    if app.refresh_token is None or ask.body.get("refresh_token") != app.refresh_token:
        raise ApiError("invalid_refresh_token")
    app.rotate(world.clock.now())
    found = {"access_token": app.bot_token, "token_type": "bot", "refresh_token": app.refresh_token}
    seconds = int(TOKEN_LASTS.total_seconds())
    about = {"app_id": app.id, "bot_user_id": app.user.id, "scope": ",".join(sorted(app.scopes))}
    return found | about | {"expires_in": seconds, "team": {"id": world.team, "name": world.name}, "enterprise": None}


def team_info(ask: Ask) -> Json:
    ask.needs("team:read")
    world = ask.world
    team = {"id": world.team, "name": world.name, "domain": world.domain, "email_domain": ""}
    return {"team": team | {"icon": {"image_default": True}, "url": f"https://{world.domain}.slack.com/"}}


def bots_info(ask: Ask) -> Json:
    ask.needs("users:read")
    for member in ask.world.members.values():
        if member.is_bot and member.bot_id == ask.body.get("bot"):
            found = {"id": member.bot_id, "deleted": member.deactivated, "name": member.name, "updated": 1785000000}
            return {"bot": found | {"app_id": member.app_id, "user_id": member.id, "icons": {}}}
    raise ApiError("bot_not_found")


def users_info(ask: Ask) -> Json:
    ask.needs("users:read")
    return {"user": ask.member().payload(locale=bool(ask.body.get("include_locale")))}


def users_list(ask: Ask) -> Json:
    ask.needs("users:read")
    people = [member for member in ask.world.members.values() if not member.is_foreign]
    page, more = ask.page(people, 1000, 1000)
    locale = bool(ask.body.get("include_locale"))
    now = int(ask.world.clock.now().timestamp())
    return {"members": [member.payload(locale=locale) for member in page], "cache_ts": now} | more


def groups_list(ask: Ask) -> Json:
    ask.needs("usergroups:read")
    found = []
    for group in ask.world.groups.values():
        users = {"users": [member.id for member in group.members]} if ask.body.get("include_users") else {}
        found.append(group.payload() | users)
    return {"usergroups": found}


def groups_users(ask: Ask) -> Json:
    ask.needs("usergroups:read")
    group = ask.world.groups.get(str(ask.body["usergroup"]))
    if group is None:
        raise ApiError("no_such_subteam")
    return {"users": [member.id for member in group.members]}


# Reactions and pins


def _reactable(ask: Ask, scope: str) -> tuple[Message, Member]:
    ask.needs(scope)
    channel = ask.channel(inside=True)
    message = ask.message(channel, "timestamp")
    if channel.archived:
        raise ApiError("is_archived")
    return message, ask.world.app.user


def react(ask: Ask) -> Json:
    message, us = _reactable(ask, "reactions:write")
    name = ask.body["name"].strip(":")
    if us in message.reactions.get(name, []):
        raise ApiError("already_reacted")
    message.react(us, name)
    return {}


def unreact(ask: Ask) -> Json:
    message, us = _reactable(ask, "reactions:write")
    name = ask.body["name"].strip(":")
    if us not in message.reactions.get(name, []):
        raise ApiError("no_reaction")
    message.unreact(us, name)
    return {}


def get_reactions(ask: Ask) -> Json:
    ask.needs("reactions:read")
    message = ask.message(ask.channel(inside=True), "timestamp")
    found = message.payload() | {"permalink": message.permalink}
    if not ask.body.get("full"):
        for reaction in found.get("reactions", []):
            reaction["users"] = reaction["users"][: ask.server.reaction_users]
    return {"type": "message", "channel": message.channel.id, "message": found}


def pin(ask: Ask) -> Json:
    message, us = _reactable(ask, "pins:write")
    if any(pinned is message for pinned, _, _ in message.channel.pins):
        raise ApiError("already_pinned")
    message.pin(us)
    return {}


def unpin(ask: Ask) -> Json:
    message, us = _reactable(ask, "pins:write")
    if not any(pinned is message for pinned, _, _ in message.channel.pins):
        raise ApiError("no_pin")
    message.unpin(us)
    return {}


def list_pins(ask: Ask) -> Json:
    ask.needs("pins:read")
    channel = ask.channel(inside=True)
    return {"items": [reactions.item(*pinned) for pinned in reversed(channel.pins)]}


# Views


def _view(ask: Ask, kind: str) -> Json:
    data: Json = ask.body["view"]
    faults = view_faults(data)
    if faults:
        raise Invalid("invalid_arguments", faults)
    if data["type"] != kind:
        raise Invalid("invalid_arguments", [("view/type", f"must be {kind} here")])
    if data.get("external_id") and any(one.data.get("external_id") == data["external_id"] for one in _open(ask)):
        raise ApiError("duplicate_external_id")
    return data


def _open(ask: Ask) -> list[View]:
    return [view for view in ask.world.views.values() if not view.closed]


def _trigger(ask: Ask) -> Call:
    call = ask.world.calls.get(str(ask.body.get("trigger_id")))
    if call is None:
        raise ApiError("invalid_trigger_id")
    if call.trigger_expired:
        raise ApiError("expired_trigger_id")
    if call.used_trigger:
        raise ApiError("exchanged_trigger_id")
    call.used_trigger = True
    return call


def _opened(ask: Ask, call: Call, data: Json, below: View | None) -> Json:
    view = View(ask.world, call.member, data, call=call, below=below)
    call.form = view
    ask.world.news()
    return {"view": view.payload()}


def open_view(ask: Ask) -> Json:
    data = _view(ask, "modal")
    return _opened(ask, _trigger(ask), data, None)


def push_view(ask: Ask) -> Json:
    data = _view(ask, "modal")
    call = _trigger(ask)
    below = call.view
    if below is None or depth(below) >= MOST_IN_STACK:
        raise ApiError("push_limit_reached" if below else "not_found")
    return _opened(ask, call, data, below)


def update_view(ask: Ask) -> Json:
    view_id, external_id = ask.body.get("view_id"), ask.body.get("external_id")
    for view in _open(ask):
        if view.id == view_id or (external_id and view.data.get("external_id") == external_id):
            if ask.body.get("hash") not in (None, view.hash):
                raise ApiError("hash_conflict")
            data = ask.body["view"]
            faults = view_faults(data)
            if faults:
                raise Invalid("invalid_arguments", faults)
            view.fill(data)
            view.updates += 1
            ask.world.news()
            return {"view": view.payload()}
    raise ApiError("not_found")


def publish(ask: Ask) -> Json:
    if not ask.world.app.home_tab:
        raise ApiError("not_enabled")
    data = _view(ask, "home")
    member = ask.world.members.get(str(ask.body["user_id"]))
    if member is None:
        raise ApiError("user_not_found")
    view = ask.world.homes.get(member.id)
    if view is not None and ask.body.get("hash") not in (None, view.hash):
        raise ApiError("hash_conflict")
    if view is None:
        view = ask.world.homes[member.id] = View(ask.world, member, data)
    else:
        view.fill(data)
    view.updates += 1
    ask.world.news()
    return {"view": view.payload()}


METHODS: Methods = {
    "auth.test": auth_test,
    "apps.connections.open": connections_open,
    "oauth.v2.access": oauth_access,
    "team.info": team_info,
    "bots.info": bots_info,
    "users.info": users_info,
    "users.list": users_list,
    "usergroups.list": groups_list,
    "usergroups.users.list": groups_users,
    "reactions.add": react,
    "reactions.remove": unreact,
    "reactions.get": get_reactions,
    "pins.add": pin,
    "pins.remove": unpin,
    "pins.list": list_pins,
    "views.open": open_view,
    "views.push": push_view,
    "views.update": update_view,
    "views.publish": publish,
}
