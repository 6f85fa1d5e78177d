"""/folkmoot: what there is to do here, and how things stand."""

from collections.abc import Iterator, Mapping, Sequence

from bot.access import OWN_RULE, Who, may
from bot.commands.context import Context
from bot.commands.finding import name_of, names_of
from bot.commands.saying import listed, said
from bot.commands.schedules import visible_schedules
from bot.commands.specs import Spec
from bot.commands.words import unknown, usage
from bot.delivery import space_of
from bot.errors import CommandError
from bot.markup import Code, Text
from bot.models import Answer, Command, KnownChannel, Tab
from bot.schedule import next_slots
from bot.texts import Texts


async def explain(table: Mapping[str, Spec], context: Context, command: Command) -> Answer:
    """List the commands of the table that the asker may use, or explain one."""
    texts = await context.texts_of(command)
    wanted = command.args.get("command", "").strip().removeprefix("/").casefold()
    if wanted and not any(name == wanted or name.startswith(f"{wanted} ") for name in table):
        raise CommandError(unknown(wanted, table, texts))
    space = await context.space_of(command)
    may_start = space is None or space.members_may_start
    items = [
        (Code(usage(spec, texts)), Text(f" — {texts.say(spec.help)}"))
        for name, spec in table.items()
        if (not wanted or name == wanted or name.startswith(f"{wanted} "))
        and (spec.who in OWN_RULE or may(spec.who, command.asker, members_may_start=may_start))
    ]
    if not items:
        return said(texts.say("You may not use this command here."))
    return listed(texts.say("What you can do here"), items, footer=texts.say("[…] may be left out."))


async def status(context: Context, command: Command) -> Answer:
    """What is followed and when the next digest comes, as far as the asker can see it."""
    texts = await context.texts_of(command)
    now = context.clock.now()
    followed = [it for it in await context.readable(command) if it.settings.watched]
    counts = await context.store.forum.tab_counts(await context.scope_of(command), now)
    lines = [_followed(names_of(followed) if followed else "", texts), *_reading(context, command, followed, texts)]
    lines += [*await _closed(context, command, texts), *await _given_up(context, command, texts)]
    in_progress = counts.get(Tab.IN_PROGRESS, 0)
    lines.append(texts.count("{n} discussion in progress", "{n} discussions in progress", in_progress))
    for schedule, destination in await visible_schedules(context, command):
        if not schedule.paused:
            when = texts.moment(next_slots(schedule.rule, now, 1)[0].due_at)
            lines.append(
                texts.say(
                    "Next digest “{name}” in {channel}: {when}",
                    name=schedule.name,
                    channel=name_of(destination),
                    when=when,
                )
            )
    space = await context.space_of(command)
    reachable = context.urls.public or (space is not None and space.info.hosted)
    return said("\n".join(lines), title="Folkmoot", url=context.urls.forum() if reachable else "")


def _reading(context: Context, command: Command, followed: Sequence[KnownChannel], texts: Texts) -> Iterator[str]:
    """How far the reading of older messages has come; for moderators, and only in channels that they can open."""
    if not may(Who.MODERATOR, command.asker):
        return
    names = {it.channel: name_of(it) for it in followed}
    for each in context.progress(command.channel.space):
        if each.channel in names:
            read = texts.count("{n} message", "{n} messages", each.messages)
            yield texts.say(
                "Reading what was said in {channel}: {messages} so far", channel=names[each.channel], messages=read
            )
            if each.left is not None:
                yield texts.say("This takes at least {time} more: Slack lets me read 15 messages a minute.",
                                time=texts.lasting(each.left))  # fmt: skip


async def _closed(context: Context, command: Command, texts: Texts) -> Sequence[str]:
    """The followed channels that are closed to us; for moderators, as far as they can open them."""
    space = command.channel.space
    adapter = context.adapters.get(space.platform)
    if adapter is None or not may(Who.MODERATOR, command.asker):
        return ()
    known = await context.store.places.channels()
    lost = [it for it in known if it.channel.space == space and it.settings.watched and it.removed]
    shown = await adapter.readable(command.asker.member, [it.channel for it in lost])
    named = [it for it in lost if it.channel in shown]
    if not named:
        return ()
    return (texts.say("I can't read {channels}; /folkmoot-admin doctor says why.", channels=names_of(named)),)


async def _given_up(context: Context, command: Command, texts: Texts) -> Sequence[str]:
    """How many posts were given up in the space; for moderators."""
    if not may(Who.MODERATOR, command.asker):
        return ()
    n = sum(space_of(it) == command.channel.space for it in await context.store.outbox.parked())
    if not n:
        return ()
    return (
        texts.count(
            "{n} post was given up; /folkmoot-admin doctor says why.",
            "{n} posts were given up; /folkmoot-admin doctor says why.",
            n,
        ),
    )


def _followed(names: str, texts: Texts) -> str:
    if not names:
        return texts.say("I follow no channel that you can open yet. A moderator can run /folkmoot-admin watch.")
    return texts.say("I follow {channels}.", channels=names)
