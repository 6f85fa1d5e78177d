"""Looks what Slack lets us do, by its Web API alone, so that it works without a connection too."""

from collections.abc import Sequence

from adapters.slack.api import VOID, Api, Refused
from adapters.slack.convert.reading import record
from adapters.slack.manifest import BOT_SCOPES
from adapters.slack.watching import ANYTHING, HEARD, REFUSED, UNHEARD
from bot.errors import Forbidden, PlatformError
from bot.models import Channel, Lack, Lacking, Platform, Space
from bot.ports import Store

PAGES = "https://api.slack.com/apps"
EVENTS = {"message.channel": "message.channels", "message.group": "message.groups"}  # by what is missing


async def examine(
    api: Api, store: Store, channels: Sequence[Channel], *, app_token: str = "", reachable: bool = True
) -> list[Lacking]:
    """What is missing for us to work in these channels, and at all. PlatformError if Slack cannot be asked."""
    try:
        who = await api.who()
    except Refused as error:
        if error.code not in VOID | {"not_allowed_token_type"}:
            raise
        return [Lacking(platform=Platform.SLACK, lack=Lack.TOKEN, reason=error.code)]
    found: list[Lacking] = []
    missing = sorted(set(BOT_SCOPES) - api.scopes) if api.scopes else []
    if missing:
        found.append(Lacking(platform=Platform.SLACK, lack=Lack.SCOPES, permissions=tuple(missing)))
    found += await _way_in(api, store, app_token, reachable=reachable)
    found += await _events(store)
    here = Space(Platform.SLACK, str(who.get("team_id", "")))
    for channel in channels:
        found += await _channel(api, channel, here)
    return found


async def _way_in(api: Api, store: Store, app_token: str, *, reachable: bool) -> list[Lacking]:
    """Whether events can reach us: over sockets the app token has to hold, over HTTP the secret has to fit."""
    if not app_token and not reachable:
        return [Lacking(platform=Platform.SLACK, lack=Lack.WAY_IN)]
    if not app_token:
        refused, heard = await store.outbox.cursor(REFUSED), await store.outbox.cursor(HEARD + ANYTHING)
        return [Lacking(platform=Platform.SLACK, lack=Lack.SECRET)] if refused > heard else []
    try:
        await api.socket(app_token)
    except Refused as error:
        return [Lacking(platform=Platform.SLACK, lack=Lack.APP_TOKEN, reason=error.code)]
    return []


async def _events(store: Store) -> list[Lacking]:
    """Which events were found missing by the watch, and never came since."""
    lacking = [
        told
        for name, told in EVENTS.items()
        if await store.outbox.cursor(UNHEARD + name) > await store.outbox.cursor(HEARD + name)
    ]
    return [Lacking(platform=Platform.SLACK, lack=Lack.EVENTS, permissions=tuple(lacking))] if lacking else []


async def _channel(api: Api, channel: Channel, here: Space) -> list[Lacking]:
    """Whether we are in a channel."""
    if channel.space != here:
        return [Lacking(platform=Platform.SLACK, lack=Lack.SPACE, space=channel.space, link=PAGES)]
    try:
        found = record((await api.read("conversations.info", channel=channel.id)).get("channel"))
    except Refused as error:
        if error.code == "missing_scope":
            return []  # that was said already
        found = {}
    except (Forbidden, PlatformError):
        return []
    if found.get("is_member") is True:
        return []
    return [Lacking(platform=Platform.SLACK, lack=Lack.MEMBER, space=channel.space, channel=channel)]
