"""What the logs of the platforms' servers say to the checker: all that was sent, said twice, and taken back."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.models import Channel as Place
from bot.models import Platform, Space
from tests.adapters.slack.blockkit import live
from tests.checking import Found, Output, Promise
from tests.servers.discord import DiscordServer
from tests.servers.discord.channels import Channel as Hall
from tests.servers.log import Json, Log
from tests.servers.slack import Channel, SlackServer

US = "Folkmoot"
SILENT: Json = {"parse": []}


def sent_to_discord(server: DiscordServer, halls: Iterable[Hall]) -> Iterator[Output]:
    """All that Discord was ever sent, whoever it was for; what went to one of these channels is of its place."""
    places = {hall.id: Place(Space(Platform.DISCORD, hall.guild.id), hall.id) for hall in halls}
    threads = [thread for guild in server.world.guilds.values() for thread in guild.threads.values()]
    places |= {thread.id: places[thread.parent.id] for thread in threads if thread.parent.id in places}
    for each in server.log.requests():
        place = places.get(each.what.partition("/channels/")[2].partition("/")[0])
        pings = any(part.get("allowed_mentions") != SILENT for part in shown_in_discord(each.body["body"]))
        yield Output(name=f"Discord: {each.what}", text=_words(each.body), place=place, pings=pings)


def sent_to_slack(server: SlackServer, rooms: Iterable[Channel]) -> Iterator[Output]:
    """All that Slack was ever sent, and every view that it shows; what went to one of these channels belongs there."""
    places = {room.id: Place(Space(Platform.SLACK, server.team), room.id) for room in rooms}
    for each in server.log.requests():
        place = places.get(str(each.body["body"].get("channel", "")))
        pings = any(live(part) for part in shown_in_slack(each.body["body"]))
        yield Output(name=f"Slack: {each.what}", text=_words(each.body), place=place, pings=pings)
    for view in (*server.world.views.values(), *server.world.homes.values()):
        yield Output(name=f"Slack: {view.kind}", text=_words(view.data))


def shown_in_discord(body: object) -> Iterator[Json]:
    """The messages in what we ask of Discord: new or edited, for all or for one."""
    if isinstance(body, Mapping):
        for part in (body, body.get("message"), body.get("data")):
            if isinstance(part, dict) and (part.get("content") or part.get("embeds")):
                yield part


def shown_in_slack(body: object) -> Iterator[Json]:
    """The messages and views in what we ask of Slack."""
    shown: Any = body.get("view") or body if isinstance(body, Mapping) else None
    if isinstance(shown, dict) and shown.get("blocks"):
        yield shown


def _words(body: object) -> str:
    return json.dumps(body, ensure_ascii=False)


def posted_twice(log: Log) -> list[Found]:
    """Posts of ours that stood twice, if only for a while: the second may be gone again."""
    marks = Counter(filter(None, (_mark(entry.body) for entry in log.deeds("post"))))
    return [Found(Promise.TWICE, f"{mark} was posted {n} times") for mark, n in marks.items() if n > 1]


def _mark(body: Json) -> str | None:
    metadata = body.get("metadata") or {}
    mark: str | None = body.get("nonce") or metadata.get("event_payload", {}).get("marker")
    return mark


def taken_back(log: Log) -> frozenset[str]:
    """Words that stand nowhere any more: of messages that were deleted or reworded."""
    now: dict[tuple[str, str], str] = {}
    ever: set[str] = set()
    for entry in log.deeds():
        if entry.who != US and entry.what in {"post", "edit", "delete"}:
            key = (entry.body["channel"], entry.body.get("message") or entry.body["ts"])
            now[key] = entry.body.get("text", "")
            ever.add(now[key])
    return frozenset(ever - {*now.values()})
