"""Looks what Slack lets us do, by its Web API alone, so that it works without a connection too."""

from collections.abc import Collection, Sequence
from functools import partial

from adapters.slack.api import UNFIT, Api, Refused
from adapters.slack.convert.reading import record
from adapters.slack.hearing import COMMAND, INTERACTIVE, SIGNED, never_heard, unheard
from adapters.slack.manifest import BOT_SCOPES, EVENTS
from adapters.slack.watching import SLOW
from bot.errors import Forbidden, PlatformError, Unavailable
from bot.models import Channel, Lack, Lacking, Platform, Space
from bot.ports import Clock, Store

PAGES = "https://api.slack.com/apps"
SILENT = ("app_home_opened", "member_left_channel", "reaction_removed", "team_join", "user_change")  # cannot be noticed
slack = partial(Lacking, platform=Platform.SLACK)
LATELY = 6 * 3600  # seconds for which we believe that reading is slow


async def examine(
    api: Api, store: Store, clock: Clock, channels: Sequence[Channel], *, app_token: str = "", reachable: bool = True
) -> list[Lacking]:
    """What is missing for us to work in these channels, and at all. PlatformError if Slack cannot be asked."""
    found: list[Lacking] = []
    try:
        who = await api.who()
    except Refused as error:
        if error.code not in UNFIT:
            raise
        return [slack(lack=Lack.TOKEN, reason=error.code), *await _way_in(api, store, app_token, reachable=reachable)]
    missing = sorted(set(BOT_SCOPES) - api.scopes) if api.scopes else []
    if missing:
        found.append(slack(lack=Lack.SCOPES, permissions=tuple(missing)))
    found += await _way_in(api, store, app_token, reachable=reachable)
    found += await _events(store, [each for each in missing if each in EVENTS.values()])
    found += await _slow(store, clock)
    here = Space(Platform.SLACK, str(who.get("team_id", "")))
    for channel in channels:
        found += await _channel(api, channel, here)
    return [*found, *await _unsure(store)]


async def _way_in(api: Api, store: Store, app_token: str, *, reachable: bool) -> list[Lacking]:
    """Whether events can reach us: over sockets the app token has to hold, over HTTP the secret has to fit."""
    if not app_token:
        if not reachable:
            return [slack(lack=Lack.WAY_IN)]
        return [slack(lack=Lack.SECRET)] if await unheard(store, (SIGNED,)) else []
    try:
        await api.socket(app_token)
    except Refused as error:
        return [slack(lack=Lack.APP_TOKEN if error.code in UNFIT else Lack.SOCKETS, reason=error.code)]
    except Unavailable:
        raise
    except PlatformError as error:  # with a word of Slack's that we do not know
        return [slack(lack=Lack.SOCKETS, reason=str(error))]
    return []


async def _events(store: Store, scopes: Collection[str]) -> list[Lacking]:
    """Which events were found missing by the watch, and never came since; not those whose scope is missing."""
    lacking = [each for each in await unheard(store) if EVENTS[each] not in scopes]
    return [slack(lack=Lack.EVENTS, permissions=tuple(lacking))] if lacking else []


async def _unsure(store: Store) -> list[Lacking]:
    """What never came so far: perhaps nobody did it, perhaps we are not told."""
    never, found = await never_heard(store, (*SILENT, COMMAND, INTERACTIVE)), []
    if COMMAND in never:
        found.append(slack(lack=Lack.COMMANDS, sure=False))
    if INTERACTIVE in never:
        found.append(slack(lack=Lack.INTERACTIVITY, sure=False))
    if events := [each for each in never if each in EVENTS]:
        found.append(slack(lack=Lack.EVENTS, permissions=tuple(events), sure=False))
    return found


async def _slow(store: Store, clock: Clock) -> list[Lacking]:
    """Whether the watch found lately that we may read only a little, and seldom."""
    lately = clock.now().timestamp() - await store.outbox.cursor(SLOW) < LATELY
    return [slack(lack=Lack.SLOW)] if lately else []


async def _channel(api: Api, channel: Channel, here: Space) -> list[Lacking]:
    """Whether we are in a channel."""
    if channel.space != here:
        return [slack(lack=Lack.SPACE, space=channel.space, link=PAGES)]
    try:
        found = record((await api.read("conversations.info", channel=channel.id)).get("channel"))
    except Refused as error:
        if error.code == "missing_scope":
            return []  # that is reported already
        found = {}
    except (Forbidden, PlatformError):
        return []
    if found.get("is_member") is True:
        return []
    return [slack(lack=Lack.MEMBER, space=channel.space, channel=channel)]
