"""`folkmoot digest`: see what is scheduled, and what the coming digests have so far."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from bot.cli.opening import DatabaseOption, check_zones, texts_of, with_store
from bot.errors import FolkmootError, UsageError
from bot.markup import plain
from bot.models import Card, KnownChannel, Schedule, Scope, Setback, Space
from bot.ports import Store
from bot.settings import Settings

YEARS = range(1970, 3000)  # that a preview may be of
NONE_YET = "No digest is scheduled yet; a moderator sets one up with {command}."


def text_of(card: Card) -> str:
    """A card as plain text for a terminal."""
    fields = [f"{field.label}\n{plain(field.value)}" for field in card.fields]
    return "\n\n".join(part for part in (card.title, plain(card.body), *fields, plain(card.footer)) if part)


PreviewOption = Annotated[
    bool,
    typer.Option(
        "--preview",
        help="Show what each coming digest has so far; where none is scheduled, what a weekly one of each space"
        " would have.",
    ),
]
UntilOption = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help="With --preview: the time before this instead of now, such as 2018-02-09 or 2018-02-09T18:00, in UTC.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object a digest.")]


def digest_command(
    preview: PreviewOption = False,
    until: UntilOption = None,
    as_json: JsonOption = False,
    database_url: DatabaseOption = None,
) -> None:
    """List the digests that are scheduled, or with --preview show what each would post now; nothing is posted."""
    if until is not None and not preview:
        raise typer.BadParameter("it needs --preview", param_hint="'--until'")
    then = None if until is None else _moment(until)

    async def work(store: Store, settings: Settings) -> int:
        from bot.clock import SystemClock
        from bot.setbacks import LOOK_BACK

        await check_zones(store)
        now = then or SystemClock().now()
        schedules = await store.calendar.schedules()
        if preview:
            found = await previews(store, settings, schedules or await _weekly(store, now), now)
        else:
            setbacks = [it for it in await store.setbacks.digests(now - LOOK_BACK) if not it.over]
            failing = {it.run.schedule.id: it for it in reversed(setbacks)}
            found = [_facts(each, now, failing.get(each.id)) for each in schedules]
        if not found and not as_json:
            typer.echo(NONE_YET.format(command=texts_of(settings).command("digest schedule")))
        for facts in found:
            typer.echo(json.dumps(facts, ensure_ascii=False) if as_json else _printed(facts))
        return 0

    with_store(database_url, work)


def _moment(text: str) -> datetime:
    """A day or a time as it is typed, in UTC. UsageError if it is none, or too near the calendar's ends to reckon."""
    try:
        then = datetime.strptime(text, "%Y-%m-%dT%H:%M" if "T" in text else "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise UsageError(f"'{text}' is no date: write one such as 2018-02-09 or 2018-02-09T18:00.") from None
    if then.year not in YEARS:
        raise UsageError(f"'{text}' is too far away: write a date from {YEARS[0]} to {YEARS[-1]}.")
    return then


def _facts(schedule: Schedule, now: datetime, failing: Setback | None = None) -> dict[str, Any]:
    """What is known of a schedule, as it is printed; little of one that nobody set up."""
    from bot.schedule import describe, next_slots
    from bot.setbacks import digest_line
    from bot.texts import texts_for

    texts = texts_for("en", schedule.rule.zone)
    channel = schedule.destination
    real = schedule.id != 0
    coming = next_slots(schedule.rule, now, 1)[0].due_at.isoformat()
    return {
        "id": schedule.id or None,
        "name": schedule.name,
        "space": f"{channel.space.platform.value}/{channel.space.id}",
        "channel": channel.id if real else None,
        "rule": describe(schedule.rule, texts) if real else None,
        "next": coming if real and not schedule.paused else None,
        "not_posted": None if failing is None else digest_line(failing, texts),
    }


async def previews(
    store: Store, settings: Settings, schedules: Sequence[Schedule], now: datetime
) -> list[dict[str, Any]]:
    """What each schedule would post at `now`. FolkmootError if there is nothing to preview at all."""
    from bot.digesting import Digests
    from bot.urls import Urls

    if not schedules:
        raise FolkmootError("There is no channel yet to preview a digest of: talk in the room, or import an export.")
    digests = Digests(store=store, urls=Urls(settings.forum_url))
    everything = Scope(channels=frozenset(each.key for each in await store.places.channels()), web=False)
    found: list[dict[str, Any]] = []
    for schedule in schedules:
        told = schedule.last_end is not None and schedule.last_end >= now  # what was posted since does not matter then
        shown = await digests.preview(replace(schedule, last_end=None) if told else schedule, everything, now)
        text = "Its channel is gone." if shown is None else text_of(shown[1])
        found.append(_facts(schedule, now) | {"preview": text})
    return found


async def _weekly(store: Store, now: datetime) -> list[Schedule]:
    """A weekly digest of each space, as if posted in a channel that everybody there can read."""
    from bot.access import is_open
    from bot.digesting import weekly

    first: dict[Space, KnownChannel] = {}
    for channel in await store.places.channels():
        if is_open(channel):
            first.setdefault(channel.channel.space, channel)
    spaces = {space.info.space: space for space in await store.places.spaces()}
    return [
        replace(weekly(channel, spaces[space].zone, now), name=spaces[space].info.name)
        for space, channel in first.items()
    ]


def _printed(facts: dict[str, Any]) -> str:
    """A digest for people: what it is in a line, then its preview."""
    if not facts["id"]:
        return f"A weekly digest of {facts['name']} would say:\n\n{facts['preview']}\n"
    when = f"next {facts['next'][:16].replace('T', ' ')} UTC" if facts["next"] else "paused"
    line = f"{facts['id']}  {facts['name']} · {facts['rule']} · {when}"
    if facts["not_posted"]:
        line += f"\n   {facts['not_posted']}"
    return f"{line}\n\n{facts['preview']}\n" if facts.get("preview") else line
