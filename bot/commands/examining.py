"""/folkmoot-admin doctor: what is wrong in a space, each with its remedy."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.access import allowed
from bot.commands.context import Context
from bot.commands.finding import name_of, names_of
from bot.commands.saying import listed
from bot.commands.schedules import setbacks_seen, visible_schedules
from bot.commands.settings import known_space
from bot.lacking import told
from bot.markup import Bold, Text
from bot.models import Answer, Command, KnownChannel, KnownSpace, Level, channel_of
from bot.setbacks import digest_line, given_up_line
from bot.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """The space that is looked at, as far as the asker can open its channels."""

    context: Context
    command: Command
    space: KnownSpace
    readable: tuple[KnownChannel, ...]
    texts: Texts


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and what to do about it."""

    what: str
    remedy: str


async def doctor(context: Context, command: Command) -> Answer:
    """Look at channels, settings, counters, digests and posts that were given up; changes nothing."""
    texts = await context.texts_of(command)
    space = await known_space(context, command, texts)
    readable = await context.readable(command)
    patient = Patient(context=context, command=command, space=space, readable=readable, texts=texts)
    problems = [problem for look in LOOKS for problem in await look(patient)]
    footer = " · ".join(
        (
            space.info.name,
            space.zone,
            texts.count("{n} channel followed", "{n} channels followed", sum(it.settings.watched for it in readable)),
        )
    )
    if not problems:
        return listed(texts.say("All is well"), [(Text(texts.say("Nothing to mend.")),)], footer=footer)
    items = [(Bold((Text(it.what),)), Text(f" {it.remedy}")) for it in problems]
    return listed(texts.count("{n} thing to mend", "{n} things to mend", len(items)), items, footer=footer)


async def _platform(patient: Patient) -> Sequence[Problem]:
    texts, adapter = patient.texts, patient.context.adapters.get(patient.space.info.space.platform)
    if adapter is None:
        remedy = texts.say("The operator has to give its token in .env.")
        return [Problem(texts.say("This platform is not connected."), remedy)]
    here = [it for it in await patient.context.store.places.channels() if _is_watched(patient, it)]
    shown = await adapter.readable(patient.command.asker.member, [it.channel for it in here])
    names = {it.channel: name_of(it) for it in here if it.channel in shown}
    return [
        Problem(*told(each, texts, space=patient.space.info.name, channel=names[each.channel] if each.channel else ""))
        for each in await adapter.examine(list(names))
        if each.sure
    ]


def _is_watched(patient: Patient, it: KnownChannel) -> bool:
    """Whether we follow a channel of this space, one that is closed to us too."""
    return it.channel.space == patient.space.info.space and it.settings.watched


async def _settings(patient: Patient) -> Sequence[Problem]:
    texts, found = patient.texts, []
    if not patient.space.set_up:
        found.append(Problem(texts.say("This space was never set up."), texts.say("Run /folkmoot-admin setup.")))
    ids = {it.channel.id for it in await patient.context.store.places.channels() if _is_here(patient, it)}
    for name, channel in (
        ("log_channel", patient.space.log_channel),
        ("highlights_channel", patient.space.highlights_channel),
    ):
        if channel is not None and channel not in ids:
            what = texts.say("The channel chosen as {name} is gone.", name=name)
            remedy = texts.say("Choose another one with /folkmoot-admin set {name}, or 'off'.", name=name)
            found.append(Problem(what, remedy))
    return found


def _is_here(patient: Patient, it: KnownChannel) -> bool:
    return it.channel.space == patient.space.info.space and not it.removed


async def _channels(patient: Patient) -> Sequence[Problem]:
    texts, found = patient.texts, []
    if not any(it.settings.watched for it in patient.readable):
        what = texts.say("I follow no channel that you can open.")
        found.append(Problem(what, texts.say("Run /folkmoot-admin watch in the channels that matter.")))
    found += await _unreadable(patient)
    closed = [it for it in patient.readable if it.settings.level >= Level.WEB and _closed(it)]
    if closed:
        what = texts.say("{channels} is set to be on the web, but may not be.", channels=names_of(closed))
        found.append(Problem(what, texts.say("Nothing of it is shown; set it to 'digest' with /folkmoot-admin share.")))
    return found


async def _unreadable(patient: Patient) -> Sequence[Problem]:
    """Channels that we follow and the platform does not show us; named only to who can open them."""
    texts, places = patient.texts, patient.context.store.places
    adapter = patient.context.adapters.get(patient.space.info.space.platform)
    if adapter is None:
        return []
    listed = {info.channel for info in await adapter.channels()}
    lost = [it for it in await places.channels() if _is_watched(patient, it) and it.channel not in listed]
    gone = [it.channel for it in lost if it.removed]  # those that the asker can open were examined, and named
    shown = await adapter.readable(patient.command.asker.member, gone) if gone else frozenset()
    lost = [it for it in lost if it.channel not in shown]
    if not lost:
        return []
    what = texts.count(
        "{n} channel that I follow is closed to me.", "{n} channels that I follow are closed to me.", len(lost)
    )
    named = [it for it in lost if it in patient.readable]
    what = f"{what} ({names_of(named)})" if named else what
    return [Problem(what, texts.say("Give me access there again, or run /folkmoot-admin unwatch."))]


def _closed(it: KnownChannel) -> bool:
    return it.info.private or it.info.nsfw or it.info.connect


async def _behind(patient: Patient) -> Sequence[Problem]:
    """Channels of which something was not read, or not read again, for too long."""
    texts = patient.texts
    found = [
        texts.say(
            "What was said in {channel} since {when} could not be read: what is shown of it may be out of date.",
            channel=name_of(it),
            when=texts.moment(it.as_of),
        )
        for it in patient.readable
        if it.settings.watched and it.as_of is not None
    ]
    swept = await patient.context.store.sweeps.state(patient.context.clock.now())
    late = [it for it in patient.readable if it.key in {each.key for each in swept.behind}]
    if late:
        what = texts.say(
            "What is on the web of {channels} was not read again for 30 days: deletions may be missing.",
            channels=names_of(late),
        )
        found.append(what)
    remedy = texts.say("I keep trying; the log has the reason.")
    return [Problem(what, remedy) for what in found]


async def _posts(patient: Patient) -> Sequence[Problem]:
    texts = patient.texts
    channels = {it.channel: it for it in patient.readable}
    given_up = [(channel_of(it.where), it.reason) for it in await patient.context.store.outbox.parked()]
    parked = [(channel, reason) for channel, reason in given_up if channel.space == patient.space.info.space]
    causes = Counter((name_of(channels[channel]), reason) for channel, reason in parked if channel in channels)
    elsewhere = sum(channel not in channels for channel, _ in parked)
    remedy = texts.say("Check whether I may post there; the log says more.")
    found = [Problem(given_up_line(n, name, reason, texts), remedy) for (name, reason), n in sorted(causes.items())]
    if elsewhere:
        what = texts.count(
            "{n} post was given up where you cannot read.", "{n} posts were given up where you cannot read.", elsewhere
        )
        found.append(Problem(what, remedy))
    return found


async def _digests(patient: Patient) -> Sequence[Problem]:
    texts, found = patient.texts, []
    channels = {it.channel: it for it in patient.readable}
    for schedule, destination in await visible_schedules(patient.context, patient.command):
        out = [channels[it] for it in schedule.sources if it in channels]
        out = [it for it in out if not allowed(it, destination, frozenset())]
        if out:
            what = texts.say(
                "The digest “{name}” leaves out {channels}, because not everybody in {where} may read it.",
                name=schedule.name,
                channels=names_of(out),
                where=name_of(destination),
            )
            found.append(Problem(what, texts.say("Change its channels with /digest edit.")))
    late = patient.context.clock.now() - timedelta(hours=1)
    for it in await setbacks_seen(patient.context, patient.command):
        if not it.waits or it.run.slot.due_at < late:
            remedy = texts.say("Check whether I may post there; the next one that I can post covers its time too.")
            found.append(Problem(digest_line(it, texts.at(it.run.schedule.rule.zone)), remedy))
    return found


async def _counters(patient: Patient) -> Sequence[Problem]:
    texts = patient.texts
    drift = (await patient.context.store.ledger.audit()).drift
    if not drift:
        return []
    what = texts.count("{n} counter differs from its recount.", "{n} counters differ from their recount.", drift)
    return [Problem(what, texts.say("Please report this with what `folkmoot verify` prints."))]


LOOKS: tuple[Callable[[Patient], Awaitable[Sequence[Problem]]], ...] = (
    _platform,
    _settings,
    _channels,
    _behind,
    _posts,
    _digests,
    _counters,
)
