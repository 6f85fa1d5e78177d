"""Which question a message answers, and who may say so: the opener, the person who asked, or a moderator."""

from collections.abc import Sequence

from bot.access import Who, may
from bot.cards import quoted
from bot.commands.context import Context
from bot.commands.finding import asker_in, is_same, message_for
from bot.commands.forms import SENT
from bot.errors import CommandError
from bot.markup import cut
from bot.models import Command, Discussion, Form, FormField, Post, Question
from bot.texts import Texts

CHOICES = 25
LABEL = 90  # characters of a question in a list to choose from


async def waiting_in(context: Context, discussion: Discussion) -> Sequence[Question]:
    """The questions of a discussion that wait."""
    return [question for question in await context.store.forum.questions(discussion.id) if question.waits]


async def questions_for(context: Context, command: Command, texts: Texts) -> Sequence[Question]:
    """The questions that a message may answer, one a message: the one named, the one replied to, or all that wait."""
    if command.args.get("question"):
        asked = await message_for(context, command, texts, "question")
        return [Question(ref=asked.ref, asker=asked.author, text=quoted(asked, LABEL), waits=True)]
    post = await message_for(context, command, texts)
    discussion = None if post.discussion is None else await context.store.forum.discussion(post.discussion)
    if discussion is None:
        return []
    waiting = [it for it in await waiting_in(context, discussion) if not is_same(it.ref, post.ref)]
    replied_to = [it for it in waiting if post.reply_to is not None and it.ref.id == post.reply_to]
    return list({it.ref: it for it in replied_to or waiting}.values())


async def choose_question(context: Context, command: Command, post: Post, texts: Texts) -> Post | Form:
    """The message whose questions `post` is to answer; a form to choose it when several may be meant."""
    discussion = None if post.discussion is None else await context.store.forum.discussion(post.discussion)
    if discussion is None:
        raise CommandError(texts.say("This message is not part of a discussion, so it answers nothing there."))
    asker = asker_in(command, post.ref.channel)
    asked = [
        it
        for it in await questions_for(context, command, texts)
        if may(Who.OPENER_AUTHOR_OR_MODERATOR, asker, opener=discussion.opener, author=it.asker)
    ]
    found = await context.store.forum.post(asked[0].ref) if len(asked) == 1 else None
    if not asked or (len(asked) == 1 and found is None):
        raise CommandError(texts.say("No question waits for an answer here. Give a link to the question."))
    return found or _form(context, command, (discussion, post), asked, texts)


def _form(
    context: Context, command: Command, here: tuple[Discussion, Post], asked: Sequence[Question], texts: Texts
) -> Form:
    discussion, post = here
    choices = tuple((context.urls.mark(discussion, it.ref), cut(it.text, LABEL)) for it in asked[:CHOICES])
    return Form(
        title=texts.say("Which question does it answer?"),
        command=command.name,
        fields=(FormField(name="question", label=texts.say("Question"), kind="choice", choices=choices),),
        submit=texts.say("OK"),
        args={SENT: "yes", "link": context.urls.mark(discussion, post.ref)},
    )
