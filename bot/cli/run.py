"""`folkmoot run`: put everything together and run it until told to stop."""

import asyncio
import secrets
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import structlog
import typer
from pydantic import SecretStr

from bot.cli.opening import (
    DatabaseOption,
    check_zones,
    give_memory_back,
    settings_for,
    share_one_heap,
    spare_the_collector,
    store_at,
)
from bot.models import Event, Platform
from bot.ports import Adapter, Clock, Store
from bot.settings import Settings
from bot.together import until_one_ends

if TYPE_CHECKING:
    from adapters.web.adapter import WebAdapter
    from bot.app import App
    from bot.catchup import CatchUp
    from bot.schedule import Ticks
    from bot.urls import Urls

NOT_EMPTY = "The local room is not empty, so nothing was added to it."
TICK = 15.0  # seconds between looks at what the clock alone brings
DRAIN = 15.0  # seconds that work under way may take to end
GOODBYE = 2.0  # seconds that ticks may take to end after that, or where something went wrong
YOUNG = 20_000  # objects that may come before garbage is looked for
TIDY = 60.0  # seconds between two times that memory is given back

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A Folkmoot put together, not yet running."""

    app: "App"
    web: "WebAdapter"
    adapters: Mapping[Platform, Any]  # each of a class of its own
    ticks: "Ticks"
    catch_up: "CatchUp"


def assemble(settings: Settings, store: Store, clock: Clock, moderator_code: str) -> Parts:
    """Put the parts together; nothing runs yet. The platforms' libraries are imported only where they are wanted."""
    from bot.app import App
    from bot.catchup import CatchUp
    from bot.commands.context import Context
    from bot.delivery import Delivery
    from bot.digesting import Digests
    from bot.renderings import Renderings
    from bot.schedule import Ticks
    from bot.summaries import Extract
    from bot.texts import texts_for
    from bot.urls import Urls

    urls = Urls(settings.forum_url)
    web, adapters = _platforms(settings, store, clock, urls, moderator_code)
    digests = Digests(store=store, urls=urls)

    owner = secrets.token_hex(8)
    catch_up = CatchUp(store=store, clock=clock, adapters=adapters, owner=owner)

    async def tell(event: Event) -> None:
        await app.on_event(event)

    context = Context(
        store=store,
        clock=clock,
        adapters=adapters,
        digests=digests,
        urls=urls,
        texts_for=texts_for,
        tell=tell,
        progress=catch_up.progress,
    )
    render = Renderings(store=store, clock=clock, urls=urls, digests=digests)
    delivery = Delivery(store=store, clock=clock, adapters=adapters, render=render, owner=owner)
    app = App(store=store, clock=clock, context=context, delivery=delivery, summarizer=Extract(), catch_up=catch_up)
    ticks = Ticks()
    ticks.every(TICK, app.tick, "tick")
    return Parts(app=app, web=web, adapters=adapters, ticks=ticks, catch_up=catch_up)


def _platforms(
    settings: Settings, store: Store, clock: Clock, urls: "Urls", moderator_code: str
) -> "tuple[WebAdapter, Mapping[Platform, Adapter]]":
    """The forum with the local room, and every platform that is configured, that room among them."""
    from adapters.web.adapter import WebAdapter

    web = WebAdapter(
        store=store,
        clock=clock,
        host=settings.web_host,
        port=settings.web_port,
        urls=urls,
        room_open=settings.room_open,
        moderator_code=moderator_code,
        local_only=settings.local_room == "auto",
    )
    adapters = {Platform.LOCAL: web, **connected(settings, store, clock)}
    deliver(settings, web, adapters)
    web.watch(adapters)
    return web, adapters


def connected(settings: Settings, store: Store, clock: Clock) -> dict[Any, Adapter]:
    """The platforms whose tokens are there; the library of each is imported only then."""
    adapters: dict[Any, Adapter] = {}
    if settings.discord_token is not None:
        from adapters.discord.adapter import DiscordAdapter

        token = settings.discord_token.get_secret_value()
        adapters[Platform.DISCORD] = DiscordAdapter(
            store=store, clock=clock, token=token, api_url=settings.discord_api_url, shards=settings.shards
        )
    if settings.slack_bot_token is not None:
        from adapters.slack.adapter import SlackAdapter

        adapters[Platform.SLACK] = SlackAdapter(
            store=store,
            clock=clock,
            token=settings.slack_bot_token.get_secret_value(),
            app_token=_secret(settings.slack_app_token),
            secret=_secret(settings.slack_signing_secret),
            api_url=settings.slack_api_url,
        )
    return adapters


def _secret(value: SecretStr | None) -> str:
    return "" if value is None else value.get_secret_value()


def deliver(settings: Settings, web: Any, adapters: Mapping[Any, Any]) -> None:  # noqa: ANN401 - as in Parts
    """Let Slack deliver to our web server, where it is to: with a signing secret, and no token for sockets."""
    if settings.slack_signing_secret is not None and settings.slack_app_token is None and Platform.SLACK in adapters:
        from adapters.slack.manifest import SLACK_PATH

        web.take(SLACK_PATH, adapters[Platform.SLACK].receive)


async def serve(settings: Settings, store: Store) -> None:
    """Run until SIGINT or SIGTERM, then finish what is under way; told once more, end at once.

    ConfigError if the port is taken or a digest's zone unknown.
    """
    from bot.clock import SystemClock
    from bot.punctuality import watch

    settings.check_tokens()
    await check_zones(store)
    code = secrets.token_hex(4)
    parts = assemble(settings, store, SystemClock(), code)
    spare_the_collector(YOUNG)
    parts.ticks.every(TIDY, give_memory_back, "memory")
    told: asyncio.Queue[None] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, told.put_nowait, None)
    await parts.web.start()
    announce(settings, code)
    parts.ticks.start()
    try:
        running = [adapter.run(parts.app) for adapter in parts.adapters.values()]
        await until_one_ends(_stopped(told, parts), *running, parts.app.follow(), parts.catch_up.run(), watch())
    finally:
        await parts.ticks.stop(GOODBYE)
        await parts.web.stop()


async def _stopped(told: "asyncio.Queue[None]", parts: Parts) -> None:
    """Wait until told to stop, and let what is under way end; told once more, wait no longer."""
    await told.get()

    async def finished() -> None:
        await asyncio.gather(parts.app.finish(DRAIN), parts.ticks.rest(DRAIN))

    await until_one_ends(told.get(), finished())


def announce(settings: Settings, code: str) -> None:
    """Say where everything is; the moderators' code is shown here and nowhere else."""
    typer.echo(f"Folkmoot is at {settings.forum_url}")
    if settings.room_open:
        typer.echo(f"Talk in the local room: {settings.forum_url}/local")
        typer.echo(f"Moderators enter this code there once: {code}")
    if settings.discord_token is not None:
        from adapters.discord.examining import application_of, invite_link

        application = application_of(settings.discord_token.get_secret_value())
        if application:
            typer.echo(f"Let it into your Discord server: {invite_link(application)}")
            typer.echo("Then run /folkmoot-admin setup there.")
    if settings.slack_bot_token is not None:
        _announce_slack(settings)
    typer.echo("Stop with Ctrl+C.")


def _announce_slack(settings: Settings) -> None:
    from adapters.slack.manifest import SLACK_PATH

    if settings.slack_app_token is None and settings.web_public_url:
        typer.echo(f"Slack has to reach it at {settings.forum_url}{SLACK_PATH} (the Request URLs of your Slack app).")
    elif settings.slack_app_token is None:
        typer.echo(f"Slack has to reach {SLACK_PATH} there from outside: set WEB_PUBLIC_URL, or give SLACK_APP_TOKEN.")
    typer.echo("Type /invite and its name in the channels of your Slack workspace that it is to follow,")
    typer.echo("then run /folkmoot admin setup there.")


def run_command(database_url: DatabaseOption = None) -> None:
    """Run the bot with what .env says; with nothing set: forum and local room on http://127.0.0.1:8080."""
    settings = settings_for(database_url)
    asyncio.run(opened(settings, serve))


def demo_command(
    database_url: DatabaseOption = None,
    only_fill: Annotated[bool, typer.Option("--only-fill", help="Fill the room and do not start.")] = False,
) -> None:
    """Fill the local room with a small conversation, then run; doing so twice changes nothing."""
    settings = settings_for(database_url)

    async def work(settings: Settings, store: Store) -> None:
        from bot.cli.demo import fill
        from bot.clock import SystemClock

        await check_zones(store)
        filled = await fill(store, SystemClock().now())
        typer.echo("The local room holds a small conversation now." if filled else NOT_EMPTY)
        if not only_fill:
            await serve(settings, store)

    asyncio.run(opened(settings, work))


async def opened(settings: Settings, work: Callable[[Settings, Store], Awaitable[None]]) -> None:
    """Open the store, do the work, close the store."""
    share_one_heap()  # before it begins its threads
    async with store_at(settings.database_url) as store:
        await work(settings, store)
