"""`folkmoot import`: read an export of Slack or Discord."""

from collections.abc import Callable, Coroutine
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.opening import DatabaseOption, plural, spare_the_collector, with_store
from bot.errors import UsageError
from bot.markup import clean
from bot.models import Level
from bot.ports import Store
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.cli.importing import Tally

INTERRUPTED = 130  # as shells have it


class Share(StrEnum):
    """The sharing levels that an import may give."""

    COUNT = "count"
    DIGEST = "digest"
    WEB = "web"


PathArgument = Annotated[
    Path,
    typer.Argument(
        exists=True,
        metavar="PATH",
        help="A Slack export (zip or folder), or JSON of DiscordChatExporter (file, folder or zip).",
    ),
]
ShareOption = Annotated[
    Share | None,
    typer.Option(
        help="How far the words of new public channels may go: counted only, digests, or pages on the forum."
        " Without it: pages while only this machine reaches the forum, else digests. Channels that are known"
        " already keep theirs.",
        show_default=False,
    ),
]
SpaceOption = Annotated[
    str,
    typer.Option(
        metavar="ID",
        help="Keep it under this id of a server or workspace, instead of the one that the export names.",
    ),
]
UnlistedOption = Annotated[
    bool, typer.Option("--include-unlisted", help="Slack: also take folders that channels.json does not list.")
]
StarOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="A reaction that counts as a highlight, such as ⭐ or clap, instead of the usual stars; may be repeated.",
    ),
]


def import_command(
    path: PathArgument,
    share: ShareOption = None,
    space: SpaceOption = "",
    include_unlisted: UnlistedOption = False,
    star: StarOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """Read an export of Slack or Discord. Nothing is posted anywhere.

    Importing twice changes nothing; an import that was stopped goes on where it was. Private channels and direct
    messages are left out. Exit code 1 if a part of the export was damaged; everything else is stored all the same.
    """
    from adapters.archives.detect import open_export
    from adapters.archives.export import Options, SpaceUnknown
    from adapters.archives.shapes import identifier
    from bot.cli.importing import Importing, Sharing
    from bot.cli.progress import progress
    from bot.clock import SystemClock
    from bot.summaries import Extract

    if space and not identifier(space):
        raise UsageError(f"'{clean(space)}' is no id of a server or a workspace; write one such as T024BE7LD.")
    stars = frozenset(name.strip(":") for name in star) if star else None
    options = Options(space=space, stars=stars, include_unlisted=include_unlisted, now=SystemClock().now())
    export = open_export(path, options)
    spare_the_collector(200_000)

    async def work(store: Store, settings: Settings) -> int:
        asked = None if share is None else Level[share.name]
        sharing = Sharing(asked=asked, otherwise=Level.WEB if settings.loopback else Level.DIGEST)
        shown = progress("Importing")
        try:
            tally = await Importing(store, export, options, sharing, shown).run(Extract())
        except SpaceUnknown as error:
            raise UsageError(str(error)) from None
        finally:
            shown.end()
            export.source.close()
        typer.echo(summary(tally))
        return 1 if tally.problems else 0

    _until_stopped(database_url, work)


def _until_stopped(database_url: str | None, work: Callable[[Store, Settings], Coroutine[Any, Any, int]]) -> None:
    try:
        with_store(database_url, work, begins=True)
    except KeyboardInterrupt:
        typer.echo("Stopped. The same command goes on where it was.", err=True)
        raise typer.Exit(INTERRUPTED) from None


def summary(tally: "Tally") -> str:
    """What an import did, in three lines at most."""
    counted = ", ".join(
        plural(number, word)
        for number, word in (
            (tally.discussions, "discussion"),
            (tally.messages, "message"),
            (tally.highlights, "highlight"),
        )
    )
    rate = f" ({tally.messages / tally.storing:,.0f} messages a second)" if tally.storing >= 1 else ""
    text = f"Imported in {tally.seconds:.1f} s{rate}: {counted}."
    if not tally.changed:
        text += f" {'All of it was there before; nothing' if tally.messages else 'Nothing'} was changed."
    if tally.left_out:
        text += f" Left out on purpose: {plural(tally.left_out, 'place')}, named above."
    if tally.messages and not tally.discussions:
        text += "\nThere is no thread in it, and so no discussion to show."
    if tally.problems:
        text += f"\nSkipped as damaged or foreign: {plural(len(tally.problems), 'place')}, named above."
    return text
