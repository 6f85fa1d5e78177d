"""`folkmoot doctor`: look at everything once and say what to mend."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Annotated

import typer

from bot.cli.opening import DatabaseOption, check_zones, texts_of, with_store
from bot.errors import ConfigError, StoreFailed
from bot.models import KnownChannel, OwnPost
from bot.ports import Store
from bot.settings import Settings

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `mend` says what to do where it is not well."""

    what: str
    well: bool
    mend: str = ""


def _found(what: str, well: bool, mend: str) -> Finding:
    return Finding(what, well, "" if well else mend)


async def findings(store: Store, settings: Settings) -> list[Finding]:
    """Look at storage, counts, channels and posts."""
    audit = await store.ledger.audit()
    from bot.clock import SystemClock

    now = SystemClock().now()
    parked, dropped = await store.outbox.parked(), await store.setbacks.dropped(now - WEEK)
    watched = [channel for channel in await store.places.channels() if channel.settings.watched]
    return [
        Finding(f"storage answers: {audit.messages:,} messages, {audit.discussions:,} discussions", well=True),
        await _writes(store),
        _found(f"counters drift by {audit.drift}", audit.drift == 0, "Please report this; run `folkmoot verify`."),
        _found(
            f"posts given up: {_by_reason(parked)}",
            not parked,
            "Mend what is named; what is changed is tried again at once, and what stands once a day.",
        ),
        Finding(f"posts dropped in the last seven days: {_by_reason(dropped)}", well=True),
        *await _digests(store, now),
        await _zones(store),
        _tokens(settings),
        _found(
            f"channels watched: {len(watched)}",
            bool(watched) or settings.room_open,
            f"Watch some with {texts_of(settings).command('folkmoot-admin setup')}.",
        ),
        *await _reading(store),
        Finding(f"the forum is at {settings.forum_url}", well=True),
        *await _platforms(store, settings, watched),
    ]


async def _reading(store: Store) -> list[Finding]:
    """Whether all is read that was missed, and what is on the web was read again."""
    from bot.clock import SystemClock

    stale = [it for it in await store.places.channels() if it.settings.watched and it.as_of is not None]
    swept = await store.sweeps.state(SystemClock().now())
    mend = "The log says why; it is tried again as long as `folkmoot run` runs."
    named = ", ".join(f"#{it.info.name}" for it in stale)
    late = ", ".join(f"#{it.info.name}" for it in swept.behind)
    last = "" if swept.whole_at is None else f"; the last whole round ended on {swept.whole_at:%Y-%m-%d}"
    return [
        _found(f"channels in which messages may be missing: {named or 0}", not stale, mend),
        _found(f"channels on the web that were not read again for 30 days: {late or 0}{last}", not late, mend),
    ]


def _by_reason(posts: Sequence[OwnPost]) -> str:
    """How many posts, and how many for which reason."""
    from bot.setbacks import why
    from bot.texts import texts_for

    if not posts:
        return "0"
    texts = texts_for("en")
    counted = Counter(why(post.reason, texts).rstrip(".") for post in posts)
    return f"{len(posts)} ({'; '.join(f'{n}: {reason}' for reason, n in counted.most_common())})"


async def _digests(store: Store, now: datetime) -> list[Finding]:
    """The digests that were not posted, and that no later one made up for."""
    from bot.setbacks import LOOK_BACK, digest_line
    from bot.texts import texts_for

    found = [it for it in await store.setbacks.digests(now - LOOK_BACK) if not it.over]
    if not found:
        return [Finding("every digest that was due was posted", well=True)]
    mend = "Check whether the bot may post where it goes; the next one that can be posted covers its time too."
    return [Finding(digest_line(it, texts_for("en", it.run.schedule.rule.zone)), False, mend) for it in found]


async def _platforms(store: Store, settings: Settings, watched: Sequence[KnownChannel]) -> list[Finding]:
    """What the platforms lack whose tokens are here."""
    from bot.cli.run import connected
    from bot.clock import SystemClock
    from bot.lacking import told
    from bot.models import Lack
    from bot.texts import texts_for

    found, names = [], {it.channel: it for it in watched}
    for platform, adapter in connected(settings, store, SystemClock()).items():
        lacking = await adapter.examine([it.channel for it in watched if it.channel.space.platform is platform])
        if not any(each.sure for each in lacking):
            found.append(Finding(f"{platform.title()} lets us do what we need", well=True))
        for each in [each for each in lacking if each.lack is not Lack.WAY_IN]:  # `_tokens` said that
            channel = names.get(each.channel) if each.channel else None
            here = channel or next((it for it in watched if it.channel.space == each.space), None)
            said = told(
                each,
                texts_for("en").on(platform),
                space=here.space_name if here else "",
                channel=f"#{channel.info.name}" if channel else "",
            )
            found.append(Finding(said[0], False, said[1]) if each.sure else Finding(" ".join(said), well=True))
    return found


async def _writes(store: Store) -> Finding:
    """Try to write: a full disk lets everything be read."""
    from bot.clock import SystemClock

    try:
        await store.leases.take("doctor", "doctor", SystemClock().now(), 1)
        await store.leases.give_back("doctor", "doctor")
    except StoreFailed as error:
        return Finding("storage cannot be written", well=False, mend=str(error))
    return Finding("storage can be written", well=True)


async def _zones(store: Store) -> Finding:
    try:
        await check_zones(store)
    except ConfigError as error:
        return Finding("a digest's zone is unknown", well=False, mend=str(error))
    return Finding("the zones of all digests are known", well=True)


def _tokens(settings: Settings) -> Finding:
    try:
        settings.check_tokens()
    except ConfigError as error:
        return Finding("a platform's token is missing", well=False, mend=str(error))
    return Finding("what each platform needs is in the settings", well=True)


def doctor_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a finding.")] = False,
    database_url: DatabaseOption = None,
) -> None:
    """Check settings, platforms, storage, counts and posts, and say where to mend what; exit code 1 if need be."""

    async def work(store: Store, settings: Settings) -> int:
        found = await findings(store, settings)
        for finding in found:
            if as_json:
                typer.echo(json.dumps(asdict(finding), ensure_ascii=False))
            else:
                typer.echo(f"{'ok  ' if finding.well else 'MEND'}  {finding.what}")
                if not finding.well:
                    typer.echo(f"      {finding.mend}")
        return 0 if all(finding.well for finding in found) else 1

    with_store(database_url, work)
