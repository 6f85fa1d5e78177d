"""`folkmoot digest`: see what the coming digests have so far."""

import json
from typing import Annotated

import typer

from bot.cli.opening import DatabaseOption, with_store
from bot.errors import FolkmootError
from bot.markup import plain
from bot.models import Card, Scope
from bot.ports import Store
from bot.settings import Settings


def text_of(card: Card) -> str:
    """A card as plain text for a terminal."""
    fields = [f"{field.label}\n{plain(field.value)}" for field in card.fields]
    return "\n\n".join(part for part in (card.title, plain(card.body), *fields, plain(card.footer)) if part)


def digest_command(
    preview: Annotated[bool, typer.Option("--preview", help="Show what each coming digest has so far.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a digest.")] = False,
    database_url: DatabaseOption = None,
) -> None:
    """List the schedules of digests, or with --preview what each would post now; nothing is posted."""

    async def work(store: Store, settings: Settings) -> int:
        from bot.clock import SystemClock
        from bot.digesting import Digests
        from bot.urls import Urls

        schedules = await store.calendar.schedules()
        if not schedules:
            raise FolkmootError("No digest is scheduled yet; a moderator sets one up with /digest schedule.")
        digests = Digests(store=store, urls=Urls(settings.forum_url))
        everything = Scope(channels=frozenset(each.key for each in await store.places.channels()), web=False)
        for schedule in schedules:
            shown = await digests.preview(schedule, everything, SystemClock().now()) if preview else None
            text = text_of(shown[1]) if shown else ""
            if as_json:
                typer.echo(json.dumps({"id": schedule.id, "name": schedule.name, "preview": text}, ensure_ascii=False))
            else:
                typer.echo(f"{schedule.id}  {schedule.name}" + (f"\n\n{text}\n" if text else ""))
        return 0

    with_store(database_url, work)
