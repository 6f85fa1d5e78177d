"""The rows of /discussion."""

from bot.access import Who
from bot.commands import discussing
from bot.commands.args import CHANNEL, DISCUSSION, LINK
from bot.commands.forms import BEGAN
from bot.commands.specs import About, Arg, Spec, Words
from bot.models import Tab
from bot.texts import phrase

TABS = (
    (Tab.ALL.value, phrase("All")),
    (Tab.IN_PROGRESS.value, phrase("In progress")),
    (Tab.WAITING.value, phrase("Waiting for an answer")),
    (Tab.CONCLUDED.value, phrase("Concluded")),
)
DISCUSSIONS = (
    Spec(
        name="discussion start",
        help=phrase("Start a discussion"),
        who=Who.STARTERS,
        run=discussing.start,
        signed=True,
        opens="form",
        public=True,
        args=(
            Arg(name="title", label=phrase("Title"), required=True, limit=100),
            Arg(name="summary", label=phrase("Summary"), hint=phrase("One line; made for you if left out.")),
            Arg(name="text", label=phrase("Opening post"), kind=Words.PARAGRAPH, required=True, limit=4000),
            Arg(name="channel", label=phrase("Channel"), kind=Words.CHANNEL, shown=False),
        ),
    ),
    Spec(
        name="discussion track",
        help=phrase("Treat a message and its replies as a discussion"),
        who=Who.EVERYONE,
        run=discussing.track,
        signed=True,
        about=About.MESSAGE,
        args=(LINK,),
    ),
    Spec(
        name="discussion status",
        help=phrase("Show how a discussion stands"),
        who=Who.EVERYONE,
        run=discussing.status,
        about=About.DISCUSSION,
        args=(DISCUSSION,),
    ),
    Spec(
        name="discussion list",
        help=phrase("List the discussions"),
        who=Who.EVERYONE,
        run=discussing.list_,
        args=(Arg(name="tab", label=phrase("Which"), kind=Words.CHOICE, choices=TABS), CHANNEL),
    ),
    Spec(
        name="discussion conclude",
        help=phrase("Conclude a discussion, with its outcome"),
        who=Who.OPENER_OR_MODERATOR,
        run=discussing.conclude,
        signed=True,
        about=About.DISCUSSION,
        opens="form",
        public=True,
        args=(DISCUSSION, Arg(name="outcome", label=phrase("Outcome"), hint=phrase("One line; may be left out."))),
    ),
    Spec(
        name="discussion reopen",
        help=phrase("Reopen a concluded discussion"),
        who=Who.OPENER_OR_MODERATOR,
        run=discussing.reopen,
        signed=True,
        about=About.DISCUSSION,
        public=True,
        args=(DISCUSSION,),
    ),
    Spec(
        name="discussion edit",
        help=phrase("Change title and summary of a discussion"),
        who=Who.OPENER_OR_MODERATOR,
        run=discussing.edit,
        signed=True,
        about=About.DISCUSSION,
        opens="form",
        fill=discussing.edit_values,
        public=True,
        args=(
            DISCUSSION,
            Arg(
                name="title",
                label=phrase("Title"),
                limit=100,
                hint=phrase("Leave empty to keep it; a single - goes back to what is made for you."),
            ),
            Arg(
                name="summary",
                label=phrase("Summary"),
                hint=phrase("Leave empty to keep it; a single - goes back to what is made for you."),
            ),
            BEGAN,
        ),
    ),
    Spec(
        name="discussion answer",
        help=phrase("Mark a message as the answer to a question"),
        who=Who.OPENER_AUTHOR_OR_MODERATOR,
        run=discussing.answer,
        signed=True,
        about=About.MESSAGE,
        public=True,
        args=(
            LINK,
            Arg(name="question", label=phrase("Question"), kind=Words.LINK, hint=phrase("A link to it."), limit=2000),
        ),
    ),
    Spec(
        name="discussion hide",
        help=phrase("Take a discussion off card, board, digest and forum"),
        who=Who.MODERATOR,
        run=discussing.hide,
        signed=True,
        about=About.DISCUSSION,
        public=True,
        args=(DISCUSSION,),
    ),
    Spec(
        name="discussion unhide",
        help=phrase("Show a hidden discussion again"),
        who=Who.MODERATOR,
        run=discussing.unhide,
        signed=True,
        about=About.DISCUSSION,
        public=True,
        args=(DISCUSSION,),
    ),
)
