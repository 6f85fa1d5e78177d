"""/digest schedule and what changes a schedule."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.access import Who, may, refusal
from bot.commands.context import Context
from bot.commands.finding import as_typed, asker_in, channel_for, channels_named, name_of, names_of
from bot.commands.forms import began, edited
from bot.commands.saying import said
from bot.errors import CommandError, NotAllowed
from bot.models import Answer, Button, Card, Channel, Command, KnownChannel, Reach, Schedule, Setback
from bot.rescheduling import change, reschedule
from bot.schedule import describe, first_start, next_slots, parse_rule
from bot.setbacks import LOOK_BACK
from bot.texts import Texts

Visible = Sequence[tuple[Schedule, KnownChannel]]
RULE = ("every", "at", "zone", "weekday", "day", "anchor")
NAME_LIMIT = 60
SOURCES_LIMIT = 1000  # characters of the channels that a digest collects from
ALL = "all"


async def visible_schedules(context: Context, command: Command) -> Visible:
    """The schedules that post where the asker can read, with that channel; those of this channel first."""
    space = await context.space_of(command)
    if space is None:
        return ()
    readable = {it.channel: it for it in await context.readable(command)}
    found = [it for it in await context.store.calendar.schedules(space.community) if it.destination in readable]
    found.sort(key=lambda it: (it.destination != command.channel, it.id))
    return [(it, readable[it.destination]) for it in found]


async def setbacks_seen(context: Context, command: Command) -> Sequence[Setback]:
    """The digests that were not posted where the asker can read, and that no later one made up for, newest first."""
    space = await context.space_of(command)
    if space is None:
        return ()
    readable = {it.channel for it in await context.readable(command)}
    found = await context.store.setbacks.digests(context.clock.now() - LOOK_BACK, space.community)
    return [it for it in found if not it.over and it.run.schedule.destination in readable]


async def schedule_for(context: Context, command: Command, texts: Texts) -> Schedule:
    """The schedule named by argument `schedule` (name or number), else the only one, here or anywhere."""
    visible = await visible_schedules(context, command)
    wanted = command.args.get("schedule", "").strip().casefold()
    named = [it for it, _ in visible if wanted in {it.name.casefold(), str(it.id), f"#{it.id}"}]
    here = [it for it, _ in visible if it.destination == command.channel]
    found = named if wanted else here if len(here) == 1 else [it for it, _ in visible]
    if len(found) == 1 or (wanted and found):
        return found[0]
    if not visible:
        raise CommandError(texts.say("No digest is scheduled here. A moderator can set one up with /digest schedule."))
    names = ", ".join(f"{texts.quoted(it.name)} ({it.id})" for it, _ in visible)
    raise CommandError(texts.say("Say which digest, by its name or number: {names}.", names=names))


async def kept_schedule(context: Context, command: Command, texts: Texts) -> Schedule:
    """As `schedule_for`, for who looks after it: NotAllowed unless the asker is a moderator where it posts."""
    schedule = await schedule_for(context, command, texts)
    keep(command, schedule.destination, texts)
    return schedule


def keep(command: Command, destination: Channel, texts: Texts) -> None:
    """NotAllowed unless the asker is a moderator of a channel."""
    if not may(Who.MODERATOR, asker_in(command, destination)):
        raise NotAllowed(refusal(Who.MODERATOR, texts))


async def schedule(context: Context, command: Command) -> Answer:
    """Set up a digest; the answer names the next two times it is due."""
    texts = await context.texts_of(command)
    space = await context.space_of(command)
    if space is None:
        raise CommandError(texts.say("I don't know this place yet. Please try again in a minute."))
    destination = await channel_for(context, command, texts, "to")
    keep(command, destination.channel, texts)
    name = command.args["name"]
    await _free(context, space.community, name, destination, texts)
    rule = parse_rule(command.args, texts=texts, now=context.clock.now())
    sources = await _sources(context, command, destination, texts)
    made = await context.store.calendar.add_schedule(
        community=space.community,
        name=name,
        destination=destination.channel,
        rule=rule,
        reach=Reach(command.args.get("reach", Reach.SPACE)),
        sources=sources,
        say_quiet=bool(command.args.get("say_quiet")),
        at=first_start(rule, command.at),
    )
    return told(context, command, made, destination)


async def _free(
    context: Context, community: int, name: str, destination: KnownChannel, texts: Texts, but: int = 0
) -> None:
    """CommandError if a digest of that name goes to the same channel already."""
    for it in await context.store.calendar.schedules(community):
        same = it.destination == destination.channel and it.name.casefold() == name.casefold()
        if same and it.id != but:
            raise CommandError(
                texts.say(
                    "There is a digest “{name}” in {channel} already. Change that one, or choose another name.",
                    name=it.name,
                    channel=name_of(destination),
                )
            )


async def _sources(context: Context, command: Command, destination: KnownChannel, texts: Texts) -> tuple[Channel, ...]:
    """The channels named to collect from, none for all. CommandError for one that cannot be opened or may not go there.

    "all" takes back what was named before; a channel of that name is meant by "#all".
    """
    named = command.args.get("sources", "")
    every = named.strip().casefold() == ALL
    found = channels_named("" if every else named, await context.readable(command), texts)
    refused = await context.digests.refused(destination.channel, [it.channel for it in found])
    if refused:
        raise CommandError(
            texts.say(
                "{sources} may not go into a digest in {channel}, because not everybody there may read it.",
                sources=names_of(refused),
                channel=name_of(destination),
            )
        )
    return tuple(it.channel for it in found)


def told(context: Context, command: Command, it: Schedule, destination: KnownChannel) -> Card:
    """What a schedule will do, with its next two due times in its zone."""
    texts = context.texts_for(command.asker.locale, it.rule.zone).on(command.channel.space.platform)
    first, second = (texts.moment(slot.due_at) for slot in next_slots(it.rule, command.at, 2))
    lines = [
        texts.say(
            "“{name}” goes to {channel}: {rule}.",
            name=it.name,
            channel=name_of(destination),
            rule=describe(it.rule, texts),
        ),
        texts.say("It is paused.")
        if it.paused
        else texts.say("Next: {first}, then {second} ({zone}).", first=first, second=second, zone=it.rule.zone),
    ]
    args = {"schedule": str(it.id)}
    return said(
        "\n".join(lines),
        buttons=[
            Button(label=texts.say("Preview"), command="digest preview", args=args),
            Button(label=texts.say("Edit"), command="digest edit", args=args),
        ],
    )


async def _own_schedule(context: Context, command: Command, texts: Texts) -> Schedule:
    """As `kept_schedule`; CommandError for one that takes its rule over from another space."""
    it = await kept_schedule(context, command, texts)
    if it.follows is not None:
        raise CommandError(
            texts.say(
                "“{name}” follows a digest of a linked space, and is changed there. For one of your own:"
                " /digest unschedule, then /digest schedule.",
                name=it.name,
            )
        )
    return it


async def edit_values(context: Context, command: Command) -> Mapping[str, str]:
    """What the form for changing a schedule begins with: how it is now."""
    texts = await context.texts_of(command)
    it = await _own_schedule(context, command, texts)
    rule = it.rule
    names = {known.channel: name_of(known) for known in await context.readable(command)}
    values = {
        "name": it.name,
        "every": rule.every.value,
        "at": rule.at.strftime("%H:%M"),
        "zone": rule.zone,
        "weekday": rule.weekday,
        "day": str(rule.day) if rule.day else "last",
        "anchor": rule.anchor.isoformat() if rule.anchor else "",
        "reach": it.reach.value,
        "sources": as_typed([names[source] for source in it.sources if source in names], SOURCES_LIMIT),
        "say_quiet": "yes" if it.say_quiet else "",
    }
    return values | {"schedule": str(it.id), "say_quiet": values["say_quiet"] or "no"} | began(values)


async def edit(context: Context, command: Command) -> Answer:
    """Change a schedule; what is left empty stays, and what is left as the form began with it."""
    texts = await context.texts_of(command)
    it = await _own_schedule(context, command, texts)
    destination = await channel_for(context, replace(command, channel=it.destination, args={}), texts)
    now = context.clock.now()
    given = edited(command.args)
    args = dict(await edit_values(context, command)) | {name: value for name, value in given.items() if value}
    name = args["name"]
    await _free(context, it.community, name, destination, texts, but=it.id)
    changed = replace(
        it,
        name=name,
        rule=parse_rule({key: args[key] for key in RULE}, texts=texts, now=now),
        reach=Reach(args["reach"]),
        sources=await _sources(context, command, destination, texts) if given.get("sources") else it.sources,
        say_quiet=given.get("say_quiet", "yes" if it.say_quiet else "") == "yes",
    )
    await change(context.store, changed, now)
    return told(context, command, changed, destination)


async def pause(context: Context, command: Command) -> Answer:
    """Let a schedule rest."""
    texts = await context.texts_of(command)
    it = await kept_schedule(context, command, texts)
    if not it.paused:
        await context.store.calendar.change_schedule(replace(it, paused=True))
    button = Button(label=texts.say("Resume"), command="digest resume", args={"schedule": str(it.id)})
    return said(texts.say("“{name}” is paused.", name=it.name), buttons=[button])


async def resume(context: Context, command: Command) -> Answer:
    """Let a paused schedule go on; what was due meanwhile does not come late."""
    texts = await context.texts_of(command)
    it = await kept_schedule(context, command, texts)
    going = replace(it, paused=False)
    if it.paused:
        await reschedule(context.store, going, context.clock.now())
    destination = await channel_for(context, replace(command, channel=it.destination, args={}), texts)
    return told(context, command, going, destination)


async def unschedule(context: Context, command: Command) -> Answer:
    """Take a schedule away; what it posted stays."""
    texts = await context.texts_of(command)
    it = await kept_schedule(context, command, texts)
    await context.store.calendar.remove_schedule(it.id)
    return said(texts.say("“{name}” will not be posted any more. What it posted stays.", name=it.name))
