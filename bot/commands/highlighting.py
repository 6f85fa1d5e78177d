"""/highlight and what belongs to it: vote, undo, list; pick and block; take down and put back."""

from datetime import timedelta

from bot.cards import NOTES, noted, quoted
from bot.commands.context import Context
from bot.commands.finding import channel_for, discussion_for, message_for, name_of
from bot.commands.forms import SENT
from bot.commands.saying import listed, moment_since, post_item, said
from bot.commands.settings import known_space
from bot.discussions import shown_title
from bot.errors import CommandError
from bot.highlights import may_count
from bot.markup import Bold, Text, Tree, cut, joined
from bot.models import (
    Answer,
    Author,
    Button,
    Command,
    Form,
    FormField,
    Highlight,
    Platform,
    Post,
    Scope,
    VoteCast,
    VoteSource,
    VotesWithdrawn,
    Withheld,
)
from bot.texts import Texts

NEWEST = 25
LOOKED = 100  # messages searched for them
LABEL = 90  # characters of a reply in a list to choose from
BEST = 10
READ = 200  # highlights among which the best are looked for
WEEK = timedelta(days=7)


async def highlight(context: Context, command: Command) -> Answer:
    """Vote for a message; without one, offer the newest replies of the discussion to choose from."""
    texts = await context.texts_of(command)
    if "link" not in command.args and command.target is None:
        return await _choose(context, command, texts)
    post = await message_for(context, command, texts)
    undo = Button(label=texts.say("Undo"), command="unhighlight", args={"link": await _link(context, post)})
    again = await context.store.forum.has_vote(post.ref, command.asker.member)
    if again and not command.args.get("note"):
        return said(texts.say("Already highlighted."), url=post.url, buttons=[undo])
    await _check(context, command, post, texts)
    told = await _note(context, command, post, texts)
    if not again:
        await _vote(context, command, post, VoteSource.COMMAND, active=True)
    text = texts.say("Already highlighted.") if again else texts.say("Highlighted.")
    return said(f"{text} {told}".strip(), url=post.url, buttons=[undo])


async def _note(context: Context, command: Command, post: Post, texts: Texts) -> str:
    """Keep the asker's note, if there is one, in place of an earlier one; what to say of that."""
    note = command.args.get("note", "")
    if not note:
        return ""
    if not await context.store.desk.set_note(post.ref, command.asker.member, note, command.at):
        return texts.say("The note is not kept: no words of this channel are.")
    member = await context.store.people.member(command.asker.member)
    if member is not None and member.opted_out_at is not None:
        return texts.say("Your note is kept, but shown nowhere: you have opted out.")
    return texts.say("Your note stands beside it.")


async def _choose(context: Context, command: Command, texts: Texts) -> Form:
    """A private list of the newest replies that the asker may highlight."""
    discussion = await discussion_for(context, command, texts)
    opening = await context.store.forum.opening(discussion.id)
    newest = await context.store.forum.newest(discussion.id, LOOKED)
    space = await known_space(context, command, texts)
    may = [post for post in newest if may_count(post, command.asker.member, voter_is_bot=False, space=space)]
    shown = [post for post in may if post.text is not None and (opening is None or post.ref != opening.ref)][:NEWEST]
    if not shown:
        raise CommandError(texts.say("There is no reply to highlight here yet."))
    choices = tuple((context.urls.mark(discussion, post.ref), _label(post)) for post in shown)
    return Form(
        title=texts.say("Highlight a reply"),
        command="highlight",
        fields=(FormField(name="link", label=texts.say("Reply"), kind="choice", choices=choices),),
        submit=texts.say("Highlight"),
        args={SENT: "yes"} | {name: words for name, words in command.args.items() if name == "note"},
    )


def _label(post: Post) -> str:
    return cut(f"{post.author_name}: {quoted(post, LABEL)}" if post.author_name else quoted(post, LABEL), LABEL)


async def _link(context: Context, post: Post) -> str:
    """A short link to a message that we understand ourselves."""
    discussion = None if post.discussion is None else await context.store.forum.discussion(post.discussion)
    if discussion is not None:
        return context.urls.mark(discussion, post.ref)
    return context.urls.room_message(post.ref) if post.ref.channel.space.platform is Platform.LOCAL else post.url


async def _check(context: Context, command: Command, post: Post, texts: Texts) -> None:
    """CommandError if the asker may not highlight this message, with the reason."""
    if post.withheld in {Withheld.DELETED, Withheld.UNSEEN, Withheld.ERASED}:
        raise CommandError(texts.say("This message is no longer available, so it cannot be highlighted."))
    known = await context.store.places.channel(post.ref.channel)
    if known is None or not known.settings.watched:
        raise CommandError(texts.say("I don't follow this channel, so highlights in it are not kept."))
    held = await context.store.forum.held(post.ref)
    if held.by_moderator:
        raise CommandError(
            texts.say("A moderator keeps this message from being a highlight. Only a moderator can lift that.")
        )
    if held.by_author:
        raise CommandError(texts.say("Its author took the highlight down. Only the author can put it back."))
    space = await context.space_of(command)
    if post.author == command.asker.member and not (space and space.own_highlights):
        raise CommandError(texts.say("This is your own message. Highlights are for what others wrote."))
    if post.is_bot and not (space and space.bot_highlights):
        raise CommandError(texts.say("Messages of bots cannot be highlighted here."))


async def _vote(context: Context, command: Command, post: Post, source: VoteSource, *, active: bool) -> None:
    voter = Author(member=command.asker.member, name=command.asker.name)
    await context.record(VoteCast(ref=post.ref, voter=voter, source=source, active=active, at=command.at))


async def unhighlight(context: Context, command: Command) -> Answer:
    """Take one's own vote back, by whatever way it was cast; a reaction stays withdrawn until it is added again."""
    texts = await context.texts_of(command)
    post = await message_for(context, command, texts)
    if not await context.store.forum.has_vote(post.ref, command.asker.member):
        return said(texts.say("You have not highlighted this message."), url=post.url)
    await context.record(VotesWithdrawn(ref=post.ref, voter=command.asker.member, at=command.at))
    await context.store.desk.set_note(post.ref, command.asker.member, "", command.at)
    return said(texts.say("Your highlight is taken back."), url=post.url)


async def highlights(context: Context, command: Command) -> Answer:
    """List the best of some time (a week), most votes first."""
    texts = await context.texts_of(command)
    now = context.clock.now()
    since = moment_since(command.args["since"], texts, now) if "since" in command.args else now - WEEK
    scope = await context.scope_of(command)
    if "channel" in command.args:
        channel = await channel_for(context, command, texts)
        scope = Scope(channels=scope.channels & {channel.key}, web=False)
    found = await context.store.forum.highlights(scope, since, READ)
    shown = [it for it in found if it.post.text is not None]
    best = sorted(shown, key=lambda it: (-it.post.votes, it.post.sent_at, it.post.ref))[:BEST]
    if not best:
        return said(texts.say("No highlights since {when}. React with ⭐ or use /highlight.", when=texts.moment(since)))
    return listed(texts.say("Highlights since {when}", when=texts.moment(since)), [_item(it, texts) for it in best])


def _item(it: Highlight, texts: Texts) -> Tree:
    where = f"{cut(shown_title(it.discussion, texts), LABEL)} · {name_of(it.discussion.channel)}"
    notes = [(Text(noted(note, texts)),) for note in it.notes[:NOTES]]
    head = (Bold((Text(f"⭐ {texts.number(it.post.votes)} "),)), *post_item(it.post, texts))
    return joined([head, *notes, (Text(where),)])


async def pick(context: Context, command: Command) -> Answer:
    """A moderator's pick: a highlight that is published and quoted whatever the votes."""
    texts = await context.texts_of(command)
    post = await message_for(context, command, texts)
    await _check(context, command, post, texts)
    await _vote(context, command, post, VoteSource.PICK, active=True)
    args = {"link": await _link(context, post)}
    button = Button(label=texts.say("Undo"), command="highlight-admin unpick", args=args)
    return said(texts.say("Picked."), url=post.url, buttons=[button])


async def unpick(context: Context, command: Command) -> Answer:
    """Take one's own pick back; votes stay."""
    texts = await context.texts_of(command)
    post = await message_for(context, command, texts)
    await _vote(context, command, post, VoteSource.PICK, active=False)
    return said(texts.say("Your pick is taken back."), url=post.url)


async def block(context: Context, command: Command) -> Answer:
    """Keep a message from being a highlight until a moderator lifts it."""
    texts = await context.texts_of(command)
    post = await message_for(context, command, texts)
    await context.store.desk.hold(post.ref, command.asker.member, True, True, command.at)
    return said(texts.say("Blocked: this message is no highlight until a moderator unblocks it."), url=post.url)


async def unblock(context: Context, command: Command) -> Answer:
    """Lift a moderator's block; votes count again."""
    texts = await context.texts_of(command)
    post = await message_for(context, command, texts)
    changed = await context.store.desk.hold(post.ref, command.asker.member, True, False, command.at)
    text = texts.say("Unblocked: it may be a highlight again.") if changed else texts.say("It was not blocked.")
    return said(text, url=post.url)


async def take_down(context: Context, command: Command) -> Answer:
    """Keep one's own message from being a highlight until one puts it back."""
    texts = await context.texts_of(command)
    post = await _own(context, command, texts)
    await context.store.desk.hold(post.ref, command.asker.member, False, True, command.at)
    args = {"link": await _link(context, post)}
    button = Button(label=texts.say("Put it back"), command="highlight-own put-back", args=args)
    return said(texts.say("Taken down: your message is no highlight any more."), url=post.url, buttons=[button])


async def put_back(context: Context, command: Command) -> Answer:
    """Let one's own message be a highlight again."""
    texts = await context.texts_of(command)
    post = await _own(context, command, texts)
    changed = await context.store.desk.hold(post.ref, command.asker.member, False, False, command.at)
    text = texts.say("It may be a highlight again.") if changed else texts.say("You had not taken it down.")
    return said(text, url=post.url)


async def _own(context: Context, command: Command, texts: Texts) -> Post:
    """The message, if the asker wrote it; moderators block instead."""
    post = await message_for(context, command, texts)
    if post.author != command.asker.member:
        raise CommandError(
            texts.say("This is not your message. As a moderator, use /highlight-admin block or unblock.")
        )
    return post
