"""/discussion: open one, treat a message as one, look at them, and what opener and moderators decide."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from secrets import token_hex

from bot.access import Who, may
from bot.cards import discussion_card
from bot.commands.answering import choose_question
from bot.commands.context import Context
from bot.commands.finding import channel_for, discussion_for, is_same, message_for, name_of
from bot.commands.forms import began, edited
from bot.commands.saying import discussion_item, listed, said
from bot.discussions import shown_title
from bot.errors import CommandError
from bot.leasing import Turns
from bot.models import (
    Answer,
    Button,
    CardMode,
    Command,
    Discussion,
    Form,
    KnownChannel,
    Level,
    MessageRef,
    PostKind,
    Scope,
    Stored,
    Tab,
)
from bot.summaries import make_title
from bot.texts import Texts
from bot.viewing import card_view

LISTED = 10
TWICE = timedelta(minutes=2)  # the same discussion started again within this is the same one
RESET = "-"  # typed for a title or summary: back to what is made


async def start(context: Context, command: Command) -> Answer:
    """Open a thread in the asker's name and plan its card; the same words again within two minutes are one."""
    texts = await context.texts_of(command)
    channel = await channel_for(context, command, texts)
    if not channel.settings.watched:
        raise CommandError(
            texts.say(
                "I don't follow {channel}, so a discussion there would not be kept. A moderator can run "
                "/folkmoot-admin watch there first.",
                channel=name_of(channel),
            )
        )
    async with _alone(context, command) as alone:
        if not alone:
            return said(texts.say("This discussion is being opened already."))
        discussion = await _started_before(context, command, channel) or await _open(context, command, channel)
    await _plan_card(context, command, discussion)
    return said(texts.say("Your discussion is open."), title=discussion.title, url=discussion.url)


def _alone(context: Context, command: Command) -> AbstractAsyncContextManager[bool]:
    """Whether the asker opens no other discussion just now: a form that is sent twice at once opens one."""
    asker = command.asker.member
    mark = sha256(f"{asker.space.platform} {asker.space.id} {asker.id}".encode()).hexdigest()[:16]  # no id of a person
    return Turns(store=context.store, clock=context.clock, owner=token_hex(8)).taken(f"start {mark}")


async def _started_before(context: Context, command: Command, channel: KnownChannel) -> Discussion | None:
    recent = await context.store.forum.recent(Scope(channels=frozenset({channel.key}), web=False), 20)
    for it in recent:
        same = it.opener == command.asker.member and it.title == command.args["title"]
        if same and abs(command.at - it.opened_at) < TWICE:  # it may be opened after it was asked for again
            return it
    return None


async def _open(context: Context, command: Command, channel: KnownChannel) -> Discussion:
    title, summary = command.args["title"], command.args.get("summary")
    adapter = context.adapter_of(channel.channel.space)
    thread = await adapter.open_thread(channel.channel, command.asker.member, title, command.args["text"])
    number = await context.store.desk.track(MessageRef(thread.channel, thread.id), command.asker.member, command.at)
    await context.store.desk.set_words(number, title, summary, command.asker.member, command.at)
    return await _again(context, number)


async def _again(context: Context, number: int) -> Discussion:
    """A discussion as it is now."""
    discussion = await context.store.forum.discussion(number)
    if discussion is None:
        raise AssertionError("discussions are never deleted")
    return discussion


async def _plan_card(context: Context, command: Command, discussion: Discussion) -> None:
    if discussion.channel.settings.cards is not CardMode.OFF:
        await context.store.outbox.plan(PostKind.CARD, f"card:{discussion.id}", discussion.thread, command.at)


async def track(context: Context, command: Command) -> Answer:
    """Treat a message's thread as a discussion; where cards are only asked for, this asks for one."""
    texts = await context.texts_of(command)
    discussion = await _tracked(context, command, texts)
    if discussion.channel.settings.cards is CardMode.ASKED:
        await _plan_card(context, command, discussion)
    title = await _title(context, discussion, texts)
    return said(texts.say("This is a discussion now."), title=title, url=discussion.url)


async def _title(context: Context, discussion: Discussion, texts: Texts) -> str:
    """Its title; that of one which was begun just now is made a moment later, so make the same one here."""
    opening = None if discussion.title else await context.store.forum.opening(discussion.id)
    platform = discussion.thread.channel.space.platform
    made = make_title(opening.text, platform) if opening is not None and opening.text else ""
    return made or shown_title(discussion, texts)


async def _tracked(context: Context, command: Command, texts: Texts) -> Discussion:
    """The discussion that a thread is already, or that its first message (or the one named) makes."""
    if command.thread is not None and command.target is None and "link" not in command.args:
        if await context.store.forum.discussion_of(command.thread) is not None:
            return await discussion_for(context, command, texts)
        if may(Who.MODERATOR, command.asker):  # a private thread is kept only if somebody asks for it
            await context.adapter_of(command.channel.space).track(command.thread)
            if await context.store.forum.discussion_of(command.thread) is not None:
                return await discussion_for(context, command, texts)
        command = replace(command, target=MessageRef(command.thread.channel, command.thread.id))
    post = await message_for(context, command, texts)
    number = await context.store.desk.track(post.ref, command.asker.member, command.at, chain=True)
    return await _again(context, number)


async def status(context: Context, command: Command) -> Answer:
    """Show the card of a discussion to the asker alone."""
    texts = await context.texts_of(command)
    discussion = await discussion_for(context, command, texts)
    view = await card_view(context.store, context.urls, discussion, context.clock.now())
    card, _ = discussion_card(view, texts)
    return card


async def list_(context: Context, command: Command) -> Answer:
    """List discussions of the channels that the asker can open, or of one of them."""
    texts = await context.texts_of(command)
    scope = await context.scope_of(command)
    if "channel" in command.args:
        channel = await channel_for(context, command, texts)
        scope = Scope(channels=scope.channels & {channel.key}, web=False)
    tab = Tab(command.args.get("tab", Tab.IN_PROGRESS))
    now = context.clock.now()
    found = await context.store.forum.discussions(scope, tab, now, LISTED)
    if not found:
        return said(texts.say("It's quiet here. Start something: /discussion start."))
    items = [discussion_item(it, now, texts, name_of(it.channel)) for it in found]
    return listed(texts.say("Discussions"), items)


async def conclude(context: Context, command: Command) -> Answer:
    """Conclude a discussion, or replace the outcome of a concluded one."""
    texts = await context.texts_of(command)
    discussion = await discussion_for(context, command, texts)
    outcome = command.args.get("outcome", "")
    if outcome:
        _check_kept(discussion, texts)
    if discussion.stored is Stored.CONCLUDED and not outcome:
        text = texts.say("It is concluded already.")
    else:
        asker = command.asker.member
        await context.store.desk.set_stored(discussion.id, Stored.CONCLUDED, asker, command.at, outcome)
        text = texts.say("Concluded. Later replies do not reopen it.")
    button = Button(label=texts.say("Reopen"), command="discussion reopen", args={"discussion": str(discussion.id)})
    return said(text, title=shown_title(discussion, texts), url=discussion.url, buttons=[button])


async def reopen(context: Context, command: Command) -> Answer:
    """Take a conclusion back."""
    texts = await context.texts_of(command)
    discussion = await discussion_for(context, command, texts)
    if discussion.stored is Stored.OPEN:
        text = texts.say("It is not concluded, so it is open already.")
    else:
        await context.store.desk.set_stored(discussion.id, Stored.OPEN, command.asker.member, command.at)
        text = texts.say("It is open again.")
    return said(text, title=shown_title(discussion, texts), url=discussion.url)


async def edit_values(context: Context, command: Command) -> Mapping[str, str]:
    """What the form for title and summary begins with: how they are now."""
    texts = await context.texts_of(command)
    discussion = await discussion_for(context, command, texts)
    values = {"title": discussion.title, "summary": discussion.summary}
    return values | began(values)


async def edit(context: Context, command: Command) -> Answer:
    """Set title and summary; what is left empty stays, "-" goes back to what is made.

    The form comes back with both. Words that were not changed in it stay those of whoever wrote them.
    """
    texts = await context.texts_of(command)
    discussion = await discussion_for(context, command, texts)
    if not any(command.args.get(name) for name in ("title", "summary")):
        raise CommandError(texts.say("Give a new title, a new summary, or both."))
    _check_kept(discussion, texts)
    new = edited(command.args)
    given = [new.get(name) for name in ("title", "summary")]
    now = discussion.title, discussion.summary
    title, summary = (None if each == old else _words(each) for each, old in zip(given, now, strict=True))
    if title is None and summary is None:
        return said(texts.say("Nothing was changed."), title=shown_title(discussion, texts), url=discussion.url)
    await context.store.desk.set_words(discussion.id, title, summary, command.asker.member, command.at)
    changed = await _again(context, discussion.id)
    return said(texts.say("Changed."), title=shown_title(changed, texts), url=changed.url)


def _check_kept(discussion: Discussion, texts: Texts) -> None:
    """CommandError where only numbers are kept: what people set in words would be gone at once."""
    channel = discussion.channel
    if channel.settings.level is Level.COUNT and not channel.hosted:
        raise CommandError(
            texts.say(
                "Only numbers are kept of {channel}, so no title, summary or outcome can be set there. Leave it out, "
                "or ask an admin to change that with /folkmoot-admin share.",
                channel=name_of(channel),
            )
        )


def _words(given: str | None) -> str | None:
    return "" if given == RESET else given or None


async def answer(context: Context, command: Command) -> Answer:
    """Mark a message as the answer to a question of its discussion; asks for which one if there are several."""
    texts = await context.texts_of(command)
    post = await message_for(context, command, texts)
    question = await choose_question(context, command, post, texts)
    if isinstance(question, Form):
        return question
    if is_same(question.ref, post.ref):
        raise CommandError(texts.say("A message cannot be the answer to itself. Pick the reply that answers it."))
    if question.discussion != post.discussion:
        raise CommandError(texts.say("Question and answer must stand in the same discussion."))
    await context.store.desk.mark_answer(question.ref, post.ref, command.asker.member, command.at)
    return said(texts.say("Marked as the answer."), url=post.url)


async def hide(context: Context, command: Command) -> Answer:
    """Take a discussion off card, board, digest and forum."""
    return await _set_hidden(context, command, hidden=True)


async def unhide(context: Context, command: Command) -> Answer:
    """Show a hidden discussion again."""
    return await _set_hidden(context, command, hidden=False)


async def _bring_back(context: Context, command: Command, discussion: Discussion) -> None:
    """Post the card again that hiding the discussion took away; one that people deleted stays away."""
    if await context.store.outbox.of_subject(f"card:{discussion.id}") is not None:
        await _plan_card(context, command, discussion)


async def _set_hidden(context: Context, command: Command, *, hidden: bool) -> Answer:
    texts = await context.texts_of(command)
    discussion = await discussion_for(context, command, texts)
    if discussion.hidden is not hidden:
        await context.store.desk.set_hidden(discussion.id, hidden, command.asker.member, command.at)
    args = {"discussion": str(discussion.id)}
    if hidden:
        text = texts.say("Hidden: it stands on no card, board, digest or page any more.")
        buttons = [Button(label=texts.say("Show it again"), command="discussion unhide", args=args)]
    else:
        await _bring_back(context, command, discussion)
        text, buttons = texts.say("It is shown again."), []
    return said(text, title=shown_title(discussion, texts), buttons=buttons)
