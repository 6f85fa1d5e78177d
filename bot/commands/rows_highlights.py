"""The rows of /highlight and what belongs to it."""

from bot.access import Who
from bot.commands import highlighting
from bot.commands.args import CHANNEL, DISCUSSION, LINK, SINCE
from bot.commands.specs import About, Arg, Spec
from bot.texts import phrase

HIGHLIGHTS = (
    Spec(
        name="highlight",
        help=phrase("Highlight a message"),
        who=Who.EVERYONE,
        run=highlighting.highlight,
        about=About.MESSAGE,
        public=True,
        args=(LINK, Arg(name="note", label=phrase("Note")), DISCUSSION),
    ),
    Spec(
        name="unhighlight",
        help=phrase("Take your highlight back"),
        who=Who.EVERYONE,
        run=highlighting.unhighlight,
        about=About.MESSAGE,
        public=True,
        args=(LINK,),
    ),
    Spec(
        name="highlights",
        help=phrase("List the best messages"),
        who=Who.EVERYONE,
        run=highlighting.highlights,
        args=(SINCE, CHANNEL),
    ),
    Spec(
        name="highlight-own take-down",
        help=phrase("Take the highlight of your own message down"),
        who=Who.AUTHOR_OR_MODERATOR,
        run=highlighting.take_down,
        signed=True,
        about=About.MESSAGE,
        public=True,
        args=(LINK,),
    ),
    Spec(
        name="highlight-own put-back",
        help=phrase("Let your own message be a highlight again"),
        who=Who.AUTHOR_OR_MODERATOR,
        run=highlighting.put_back,
        signed=True,
        about=About.MESSAGE,
        public=True,
        args=(LINK,),
    ),
    Spec(
        name="highlight-admin pick",
        help=phrase("Make a message a highlight, whatever the votes"),
        who=Who.MODERATOR,
        run=highlighting.pick,
        about=About.MESSAGE,
        public=True,
        args=(LINK,),
    ),
    Spec(
        name="highlight-admin unpick",
        help=phrase("Take your pick back"),
        who=Who.MODERATOR,
        run=highlighting.unpick,
        about=About.MESSAGE,
        public=True,
        args=(LINK,),
    ),
    Spec(
        name="highlight-admin block",
        help=phrase("Keep a message from being a highlight"),
        who=Who.MODERATOR,
        run=highlighting.block,
        signed=True,
        about=About.MESSAGE,
        public=True,
        args=(LINK,),
    ),
    Spec(
        name="highlight-admin unblock",
        help=phrase("Let a blocked message be a highlight again"),
        who=Who.MODERATOR,
        run=highlighting.unblock,
        signed=True,
        about=About.MESSAGE,
        public=True,
        args=(LINK,),
    ),
)
