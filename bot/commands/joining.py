"""/digest join: a community's digest comes to a linked space too, by the same rule."""

from collections.abc import Sequence

from bot.access import is_open
from bot.commands.context import Context
from bot.commands.finding import channel_for, name_of
from bot.commands.saying import said
from bot.commands.schedules import keep, told
from bot.commands.settings import known_space
from bot.errors import CommandError
from bot.models import Answer, Command, KnownChannel, KnownSpace, Reach, Schedule
from bot.naming import origin_of
from bot.schedule import first_start
from bot.texts import Texts

Joinable = Sequence[tuple[Schedule, KnownChannel]]


async def join(context: Context, command: Command) -> Answer:
    """Let a digest of a linked space come here too, on its times, of what may be shown here.

    It is a schedule of its own, so that each place gets each digest at most once.
    """
    texts = await context.texts_of(command)
    space = await known_space(context, command, texts)
    destination = await channel_for(context, command, texts, "to")
    keep(command, destination.channel, texts)
    joinable = await _joinable(context, space)
    if not joinable:
        return said(texts.say("No linked space has a digest of the whole community. Make one with /digest schedule."))
    of = _chosen(joinable, command.args.get("schedule", ""), texts)
    kept = await context.store.calendar.schedules(space.community)
    here = next((it for it in kept if it.follows == of.id and it.destination == destination.channel), None)
    if here is None:
        here = await context.store.calendar.add_schedule(
            community=space.community,
            name=of.name,
            destination=destination.channel,
            rule=of.rule,
            reach=Reach.COMMUNITY,
            sources=(),
            say_quiet=of.say_quiet,
            at=first_start(of.rule, command.at),
            follows=of.id,
        )
    return told(context, command, here, destination)


async def _joinable(context: Context, space: KnownSpace) -> Joinable:
    """The digests of the community in open channels of linked spaces, with these."""
    known = {it.channel: it for it in await context.store.places.channels()}
    found = [(it, known[it.destination]) for it in await context.store.calendar.schedules(space.community)]
    return [
        (it, there)
        for it, there in found
        if it.reach is Reach.COMMUNITY and not it.sources and it.follows is None
        if there.channel.space in space.linked and is_open(there)
    ]


def _chosen(joinable: Joinable, words: str, texts: Texts) -> Schedule:
    """The one that is meant by name or number, else the only one. CommandError if that is none or many."""
    wanted = words.strip().casefold()
    found = [it for it, _ in joinable if wanted in {"", it.name.casefold(), str(it.id), f"#{it.id}"}]
    if len(found) == 1:
        return found[0]
    named = (f"{texts.quoted(it.name)} ({it.id}, {name_of(there)} · {origin_of(there)})" for it, there in joinable)
    raise CommandError(texts.say("Say which digest, by its name or number: {names}.", names=", ".join(named)))
