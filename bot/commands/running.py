"""Runs a command: first who may, then what is missing, then the work."""

from dataclasses import replace

from bot.access import OWN_RULE, Who, may, refusal
from bot.commands.answering import questions_for
from bot.commands.context import Context
from bot.commands.finding import asker_in, discussion_for, message_for
from bot.commands.forms import form_of, landed, wants_form
from bot.commands.specs import About, Spec
from bot.commands.table import TABLE
from bot.commands.words import checked, unknown
from bot.errors import CommandError, Forbidden, NotAllowed, PlatformError, StoreBusy, StoreFailed
from bot.models import Answer, Asker, Author, Command, MemberRef, Role
from bot.texts import Texts


async def run(context: Context, command: Command) -> Answer:
    """Run a command and give the private answer, or the form it needs first.

    CommandError says in one sentence, in the asker's language, what is wrong; NotAllowed who may. Nothing is changed
    before it is known that the asker may.
    """
    texts = await context.texts_of(command)
    spec = TABLE.get(command.name)
    if spec is None:
        raise CommandError(unknown(command.name, TABLE, texts))
    if command.asker.member.space != command.channel.space:
        raise NotAllowed(refusal(Who.EVERYONE, texts))
    try:
        return await _run(context, spec, command, texts)
    except Forbidden:
        raise CommandError(texts.say("The platform does not let me do that. An admin can give me the right.")) from None
    except (PlatformError, StoreBusy, StoreFailed):
        raise CommandError(texts.say("That did not work just now. Please try again in a minute.")) from None


async def _run(context: Context, spec: Spec, command: Command, texts: Texts) -> Answer:
    here = await _promoted(context, await _landed(context, command))
    await _allow(context, spec, here, texts)
    if wants_form(spec, command.args):
        filled = await spec.fill(context, here) if spec.fill else {}
        return form_of(spec, replace(here, args=dict(filled) | dict(here.args)), texts)
    ready = replace(here, args=checked(spec, here.args, texts))
    if spec.signed:
        asker = Author(member=command.asker.member, name=command.asker.name)
        await context.store.people.meet(asker, command.at)
    return await spec.run(context, ready)


async def _landed(context: Context, command: Command) -> Command:
    """The command where its form was opened; only a platform itself can say that somebody is in a private thread."""
    here = landed(command)
    if here.thread is None or here.thread == command.thread:
        return here
    discussion = await context.store.forum.discussion_of(here.thread)
    return replace(here, thread=None) if discussion is not None and discussion.private else here


async def _promoted(context: Context, command: Command) -> Command:
    """The command with its asker made a moderator, if they are in the group that was chosen for that."""
    space = await context.space_of(command)
    if space is None or space.moderator_group not in command.asker.groups:
        return command
    roles = command.asker.roles | {Role.MODERATOR}
    return replace(command, asker=replace(command.asker, roles=roles, everywhere=True))


async def _allow(context: Context, spec: Spec, command: Command, texts: Texts) -> None:
    """NotAllowed unless the asker may; CommandError when what it is about cannot be found."""
    space = await context.space_of(command)
    may_start = space is None or space.members_may_start
    if spec.who not in OWN_RULE and not may(spec.who, command.asker, members_may_start=may_start):
        raise NotAllowed(refusal(spec.who, texts))
    if spec.who is Who.EVERYONE or spec.about is About.PLACE:
        return
    asker, opener, author = await _concerned(context, spec, command, texts)
    if not may(spec.who, asker, opener=opener, author=author):
        raise NotAllowed(refusal(spec.who, texts))


async def _concerned(
    context: Context, spec: Spec, command: Command, texts: Texts
) -> tuple[Asker, MemberRef | None, MemberRef | None]:
    """The asker as seen from the channel of what the command is about, who opened it and who wrote it."""
    if spec.about is About.DISCUSSION:
        discussion = await discussion_for(context, command, texts)
        return asker_in(command, discussion.thread.channel), discussion.opener, None
    post = await message_for(context, command, texts)
    of = None if post.discussion is None else await context.store.forum.discussion(post.discussion)
    author = post.author
    if spec.who is Who.OPENER_AUTHOR_OR_MODERATOR:
        asked = {it.asker for it in await questions_for(context, command, texts)}
        author = command.asker.member if command.asker.member in asked else None
    return asker_in(command, post.ref.channel), of.opener if of else None, author
