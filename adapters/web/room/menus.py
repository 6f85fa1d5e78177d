"""What somebody may do with a message or a discussion, as rows of the command table; and what a typed line may be."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.web.room.room import Person
from bot.access import Who
from bot.commands.table import TABLE
from bot.models import Discussion, Post, Stored, Thread
from bot.texts import Texts, phrase

OF_MODERATORS = frozenset({Who.MODERATOR, Who.ADMIN})


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a menu: the command it runs and what it is called."""

    command: str
    label: str


TRACK = Choice("discussion track", phrase("Treat as a discussion"))
ANSWER = Choice("discussion answer", phrase("Mark as answer"))
TAKE_DOWN = Choice("highlight-own take-down", phrase("Take the highlight down"))
PICK = Choice("highlight-admin pick", phrase("Pick as a highlight"))
UNPICK = Choice("highlight-admin unpick", phrase("Take the pick back"))
BLOCK = Choice("highlight-admin block", phrase("Block highlight"))
UNBLOCK = Choice("highlight-admin unblock", phrase("Allow highlight again"))
STATUS = Choice("discussion status", phrase("Status"))
CATCH_UP = Choice("catchup", phrase("Catch me up"))
CONCLUDE = Choice("discussion conclude", phrase("Conclude …"))
REOPEN = Choice("discussion reopen", phrase("Reopen"))
EDIT = Choice("discussion edit", phrase("Edit title and summary …"))
HIDE = Choice("discussion hide", phrase("Hide from the forum"))
UNHIDE = Choice("discussion unhide", phrase("Show on the forum again"))


def about_message(person: Person | None, post: Post, discussion: Discussion | None) -> Sequence[Choice]:
    """The menu of a message: what its reader may do with it. The commands check that once more."""
    if person is None or post.text is None:
        return ()
    choices: list[Choice] = []
    opens = discussion is None or discussion.thread.id == post.ref.id
    if discussion is None:
        choices.append(TRACK)
    elif not opens and _leads(person, discussion):
        choices.append(ANSWER)
    if post.author == person.member and post.highlighted:
        choices.append(TAKE_DOWN)
    if person.moderator:
        choices += [UNPICK if post.picked else PICK, BLOCK]
        if not post.highlighted:
            choices.append(UNBLOCK)  # a blocked message is no highlight
    return choices


def _leads(person: Person, discussion: Discussion) -> bool:
    """Whether somebody may speak for a discussion, or asked something in it that waits."""
    return person.moderator or person.member == discussion.opener or discussion.waiting > 0


def about_discussion(person: Person | None, discussion: Discussion | None, thread: Thread | None) -> Sequence[Choice]:
    """The menu of a thread."""
    if person is None or thread is None:
        return ()
    if discussion is None:
        return (TRACK,)
    choices = [CATCH_UP, STATUS]
    if person.moderator or person.member == discussion.opener:
        choices += [REOPEN if discussion.stored is Stored.CONCLUDED else CONCLUDE, EDIT]
    if person.moderator:
        choices.append(UNHIDE if discussion.hidden else HIDE)
    return choices


def completions(person: Person | None, texts: Texts) -> Sequence[tuple[str, str]]:
    """What a typed command may be, with what it does; those of moderators only for them."""
    if person is None:
        return ()
    return [
        (f"/{spec.name}", texts.say(spec.help))
        for spec in TABLE.values()
        if person.moderator or spec.who not in OF_MODERATORS
    ]
