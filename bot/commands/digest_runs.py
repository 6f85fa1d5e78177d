"""/digest: look at what comes and what came, ask why, and mend what was posted."""

import re
from datetime import datetime

from bot.commands.context import Context
from bot.commands.finding import channel_for, discussion_for, name_of
from bot.commands.saying import listed, said
from bot.commands.schedules import keep, kept_schedule, schedule_for, setbacks_seen, visible_schedules
from bot.digesting import weekly
from bot.digests import left_out_line
from bot.digests.audience import readable
from bot.discussions import shown_title
from bot.errors import CommandError
from bot.markup import Bold, Break, Text, Tree, linked
from bot.models import Answer, Button, Command, KnownChannel, Run, RunState, Schedule, Scope, Setback
from bot.schedule import describe, next_slots
from bot.setbacks import digest_line
from bot.texts import Texts

_RUN = re.compile(r"(?:.*/digests/|#)?(\d{1,18})", re.ASCII)
MADE = frozenset({RunState.FROZEN, RunState.SENT, RunState.WITHDRAWN})
LOOKED = 50  # posted digests searched
LAST = 5


async def preview(context: Context, command: Command) -> Answer:
    """Show what the coming digest has so far, to the asker alone and from what the asker may read."""
    texts = await context.texts_of(command)
    visible = await visible_schedules(context, command)
    if visible or command.args.get("schedule"):
        it = await schedule_for(context, command, texts)
    else:
        it = await _weekly(context, command, texts)
    found = await context.digests.preview(it, await context.scope_of(command), context.clock.now(), texts)
    if found is None:
        raise CommandError(texts.say("This digest has nowhere to go: its channel is gone."))
    _, card = found
    return card


async def _weekly(context: Context, command: Command, texts: Texts) -> Schedule:
    """A weekly digest as this channel would get it, for those who have scheduled none yet."""
    return weekly(await channel_for(context, command, texts), texts.zone, context.clock.now())


async def list_(context: Context, command: Command) -> Answer:
    """List the schedules with their next time, and the last digests."""
    texts = await context.texts_of(command)
    visible = await visible_schedules(context, command)
    posted = await _posted(context, command)
    if not visible and not posted:
        return said(texts.say("No digest is scheduled here. A moderator can set one up with /digest schedule."))
    now = context.clock.now()
    items = [_scheduled(context, command, it, destination, now) for it, destination in visible]
    failing = (await setbacks_seen(context, command))[:LAST]
    items += [_failing(it, texts) for it in failing]
    waiting = {it.run.id for it in failing}
    items += [_past(context, run, texts) for run in [it for it in posted if it.id not in waiting][:LAST]]
    return listed(texts.say("Digests"), items)


def _scheduled(context: Context, command: Command, it: Schedule, to: KnownChannel, now: datetime) -> Tree:
    texts = context.texts_for(command.asker.locale, it.rule.zone).on(command.channel.space.platform)
    when = texts.moment(next_slots(it.rule, now, 1)[0].due_at)
    coming = texts.say("paused") if it.paused else texts.say("next: {when}", when=when)
    head = Bold((Text(f"{it.name} ({it.id})"),))
    return (head, Text(f" · {name_of(to)}"), Break(), Text(f"{describe(it.rule, texts)} · {coming}"))


def _failing(it: Setback, texts: Texts) -> Tree:
    return (Text(f"⚠️ {digest_line(it, texts.at(it.run.schedule.rule.zone))}"),)


def _past(context: Context, run: Run, texts: Texts) -> Tree:
    when = texts.span(run.start, run.slot.due_at)
    return linked(texts.say("“{name}”, {span}", name=run.schedule.name, span=when), context.urls.digest(run.id))


async def _posted(context: Context, command: Command) -> list[Run]:
    """The digests that were posted where the asker can read, newest first; those of this channel first."""
    space = await context.space_of(command)
    if space is None:
        return []
    readable = {it.channel for it in await context.readable(command)}
    runs = [it for it in await context.store.forum.runs(space.community, LOOKED) if it.schedule.destination in readable]
    return sorted(runs, key=lambda it: it.schedule.destination != command.channel)


async def _run(context: Context, command: Command, texts: Texts) -> Run:
    """The digest that is named by number or link, else the newest."""
    if "digest" not in command.args:
        posted = await _posted(context, command)
        if not posted:
            raise CommandError(texts.say("No digest was posted here yet."))
        return posted[0]
    number = _RUN.fullmatch(command.args["digest"].strip())
    run = await context.store.forum.run(int(number.group(1))) if number else None
    readable = {it.channel for it in await context.readable(command)}
    if run is None or run.schedule.destination not in readable or run.state not in MADE:
        raise CommandError(texts.say("I don't know that digest. /digest list shows the last ones."))
    return run


async def why(context: Context, command: Command) -> Answer:
    """Explain an item of a digest by the terms of its score; without a number, list the items."""
    texts = await context.texts_of(command)
    if (told := await _not_posted(context, command, texts)) is not None:
        return told
    run = await _run(context, command, texts)
    scope = await context.scope_of(command)
    if "item" not in command.args:
        return await _items(context, run, scope, texts)
    card = await context.digests.why(run.id, int(command.args["item"]), scope, texts)
    if card is None:
        raise _no_item(run, command.args["item"], texts)
    return card


async def _not_posted(context: Context, command: Command, texts: Texts) -> Answer | None:
    """Why the newest digest, or the one that is named, was not posted; None if it was."""
    named = _RUN.fullmatch(command.args.get("digest", "").strip())
    found = await setbacks_seen(context, command)
    if "digest" in command.args:
        it = next((it for it in found if named and it.run.id == int(named[1])), None)
    else:
        posted = await _posted(context, command)
        here = [it for it in found if it.run.schedule.destination == command.channel] or found
        it = here[0] if here and (not posted or posted[0].slot.due_at <= here[0].run.slot.due_at) else None
    return None if it is None or "item" in command.args else said(digest_line(it, texts.at(it.run.schedule.rule.zone)))


async def _items(context: Context, run: Run, scope: Scope, texts: Texts) -> Answer:
    items: list[Tree] = []
    buttons: list[Button] = []
    shown = await context.digests.shown_to(run.schedule, scope)
    for pick in run.picks:
        discussion = await context.store.forum.discussion(pick.discussion)
        closed = discussion is None or discussion.hidden or discussion.private or discussion.removed
        if discussion is None or closed or discussion.channel.key not in shown:
            continue
        items.append((Text(f"{pick.number}. {shown_title(discussion, texts)}"),))
        args = {"digest": str(run.id), "item": str(pick.number)}
        buttons.append(Button(label=texts.say("Why {n}?", n=pick.number), command="digest why", args=args))
    if not items:
        return said(texts.say("This digest has no item that you can read."))
    footer = left_out_line(run, texts) if run.left_out else ""
    return listed(texts.say("Why is it in the digest?"), items, buttons=buttons, footer=footer)


def _no_item(run: Run, number: str, texts: Texts) -> CommandError:
    numbers = ", ".join(str(pick.number) for pick in run.picks if not pick.dropped)
    if not numbers:
        return CommandError(texts.say("This digest has no items."))
    return CommandError(texts.say("This digest has no item {n}. It has: {numbers}.", n=number, numbers=numbers))


async def now(context: Context, command: Command) -> Answer:
    """Post a digest of what happened since the last one, at once."""
    texts = await context.texts_of(command)
    it = await kept_schedule(context, command, texts)
    audience = await context.digests.audience(it)
    if audience is None:
        raise CommandError(texts.say("This digest has nowhere to go: its channel is gone."))
    if audience.destination.info.archived:
        raise CommandError(texts.say("This digest cannot be posted while its channel is archived. Unarchive it first."))
    run = await context.digests.now(it, context.clock.now())
    if run is None:
        return said(texts.say("Nothing new since the last digest, so nothing is posted."))
    args = {"digest": str(run)}
    button = Button(label=texts.say("Withdraw"), command="digest withdraw", args=args)
    return said(texts.say("“{name}” is on its way.", name=it.name), url=context.urls.digest(run), buttons=[button])


async def drop(context: Context, command: Command) -> Answer:
    """Drop an item of a posted digest: its post is rewritten without it."""
    texts = await context.texts_of(command)
    run = await _run(context, command, texts)
    keep(command, run.schedule.destination, texts)
    item = int(command.args["item"])
    if item not in {pick.number for pick in run.picks} or not await context.digests.drop(run.id, item):
        raise _no_item(run, command.args["item"], texts)
    return said(texts.say("Dropped. The posted digest is being changed."))


async def withdraw(context: Context, command: Command) -> Answer:
    """Take a posted digest back."""
    texts = await context.texts_of(command)
    run = await _run(context, command, texts)
    keep(command, run.schedule.destination, texts)
    if not await context.digests.withdraw(run.id, context.clock.now()):
        return said(texts.say("This digest was withdrawn already, or never posted."))
    return said(texts.say("Withdrawn. The post is being taken away."))


async def pin(context: Context, command: Command) -> Answer:
    """Put a discussion first in the next digest."""
    texts = await context.texts_of(command)
    discussion = await discussion_for(context, command, texts)
    it = await kept_schedule(context, command, texts)
    if await context.digests.refused(it.destination, [discussion.thread.channel]):
        raise CommandError(
            texts.say(
                "This discussion may not go into “{name}”, because not everybody there may read it.", name=it.name
            )
        )
    audience = await context.digests.audience(it)
    if audience is None or not readable(discussion, audience.collects):
        raise CommandError(
            texts.say(
                "“{name}” cannot include this discussion: it collects from other channels, or the discussion is"
                " hidden or private. /digest edit changes where it collects from.",
                name=it.name,
            )
        )
    await context.store.calendar.pin(it.id, discussion.id)
    title = shown_title(discussion, texts)
    return said(texts.say("It comes first in the next “{name}”.", name=it.name), title=title, url=discussion.url)
