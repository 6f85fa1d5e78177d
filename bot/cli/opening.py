"""What every command line command needs: settings, logging, an open store."""

import asyncio
import ctypes
import gc
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from bot import logs
from bot.errors import ConfigError
from bot.models import Platform
from bot.ports import Store
from bot.settings import Settings, load

if TYPE_CHECKING:
    from bot.texts import Texts

ARENAS = -8  # M_ARENA_MAX, as glibc's malloc.h has it
OTHER_SYSTEMS = (AttributeError, OSError, TypeError)  # what it raises where there is no glibc

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        metavar="URL",
        help="Another database than DATABASE_URL in .env: sqlite:///… or postgresql://….",
        show_default=False,
    ),
]


def settings_for(database_url: str | None = None) -> Settings:
    """Read the settings and set logging up. ConfigError if one is wrong."""
    settings = load(override={} if database_url is None else {"database_url": database_url})
    logs.configure(settings.log_level, settings.log_format)
    return settings


def texts_of(settings: Settings) -> "Texts":
    """English for the operator, with commands as they can be typed where the bot is."""
    from bot.texts import texts_for

    texts = texts_for("en")
    return texts.on(Platform.SLACK) if settings.slack_bot_token and not settings.discord_token else texts


@asynccontextmanager
async def store_at(url: str) -> AsyncIterator[Store]:
    """Open the store for one command and close it after."""
    from storage import open_store

    store = open_store(url)
    try:
        yield store
    finally:
        await store.close()


def with_store(
    database_url: str | None, work: Callable[[Store, Settings], Coroutine[Any, Any, int]], *, begins: bool = False
) -> None:
    """Run `work` with an open store; its number is the exit code.

    Unless it is work that one begins with, it is said where there was no database: its address may be mistyped.
    """
    settings = settings_for(database_url)
    missing = None if begins else _missing(settings.database_url)

    async def run() -> int:
        async with store_at(settings.database_url) as store:
            code = await work(store, settings)
        if missing is not None:
            typer.echo(f"There was no database at {missing}; an empty one was made. Is DATABASE_URL right?", err=True)
        return code

    raise typer.Exit(asyncio.run(run()))


def _missing(url: str) -> Path | None:
    """The file of a SQLite database that is not there yet. ConfigError if the URL names no database."""
    from storage.database import dialect_of, path_of

    return path_of(url) if dialect_of(url) == "sqlite" and not path_of(url).exists() else None


def spare_the_collector(threshold: int) -> None:
    """Look for garbage in cycles less often, and never among what is loaded now, which stays.

    Events come and go in great numbers, and hardly one is part of a cycle: by default a third of the time would be
    spent on looking. `threshold` is how many objects more than went must have come before the youngest are looked at.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(threshold, 20, 100)


def share_one_heap() -> None:
    """Let all threads that begin from now on take their memory from one place, where the C library can be told so.

    With glibc each would have its own, and keep there what it gave back: some ten megabytes within minutes.
    """
    with suppress(*OTHER_SYSTEMS):
        ctypes.CDLL(None).mallopt(ARENAS, 1)


async def give_memory_back() -> None:
    """Let go of all garbage, and let the C library give back to the system what is free; some milliseconds.

    By itself it keeps the most that was ever needed at once, and a little more each time that lies in pieces.
    """
    gc.collect()
    with suppress(*OTHER_SYSTEMS):
        await asyncio.to_thread(ctypes.CDLL(None).malloc_trim, 0)


def plural(number: int, word: str) -> str:
    """A number with its word: "1 message", "1,200 messages"."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


async def check_zones(store: Store) -> None:
    """ConfigError if a digest is due in a zone that this machine's time zone data does not know.

    Commands take known zones only, so it is the data that lacks one: another machine's, or none at all.
    """
    for schedule in await store.calendar.schedules():
        try:
            ZoneInfo(schedule.rule.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ConfigError(
                f"The digest {schedule.id} ('{schedule.name}') is set in the zone '{schedule.rule.zone}', which the"
                " time zone data here do not know; update the package tzdata."
            ) from None
