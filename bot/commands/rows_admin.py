"""The rows of /folkmoot-admin."""

from bot.access import Who
from bot.commands import examining, following, linking, setting_up, settings, sharing
from bot.commands.args import CHANNEL, EVERY
from bot.commands.specs import Arg, Spec, Words
from bot.linking import CODE_LIMIT
from bot.models import CardMode, Level
from bot.texts import language_name, languages, phrase

MODES = (
    (CardMode.AUTO.value, phrase("when a discussion gets lively")),
    (CardMode.ASKED.value, phrase("only when asked for")),
    (CardMode.OFF.value, phrase("never")),
)
LEVELS = (
    (Level.COUNT.name.lower(), phrase("only numbers, no words")),
    (Level.DIGEST.name.lower(), phrase("quoted to people who can read it anyway")),
    (Level.WEB.name.lower(), phrase("on the forum")),
    (Level.INDEX.name.lower(), phrase("on the forum and in search engines")),
)


ADMIN = (
    Spec(
        name="folkmoot-admin setup",
        help=phrase("Set this space up"),
        who=Who.ADMIN,
        run=setting_up.setup,
        opens="form",
        fill=setting_up.setup_values,
        public=True,
        args=(
            Arg(
                name="zone",
                label=phrase("Time zone"),
                kind=Words.ZONE,
                required=True,
                hint=phrase("Such as Europe/Berlin."),
            ),
            Arg(
                name="locale",
                label=phrase("Language of posts"),
                kind=Words.CHOICE,
                required=True,
                choices=tuple((code, language_name(code)) for code in languages()),
                value="en",
            ),
            Arg(
                name="channels",
                label=phrase("Channels to follow"),
                kind=Words.CHANNELS,
                hint=phrase("Such as #help #general; if left out, it stays as it is."),
                limit=setting_up.CHANNELS_LIMIT,
            ),
            Arg(
                name="log",
                label=phrase("Channel that hears of problems"),
                hint=phrase("For moderators; none, if left out."),
            ),
            Arg(name="board", label=phrase("Board in this channel"), kind=Words.FLAG, value="no"),
            Arg(
                name="digest",
                label=phrase("Digest in this channel"),
                kind=Words.CHOICE,
                value=setting_up.NONE,
                choices=((setting_up.NONE, phrase("none")), *EVERY),
            ),
        ),
    ),
    Spec(
        name="folkmoot-admin watch",
        help=phrase("Follow a channel"),
        who=Who.MODERATOR,
        run=following.watch,
        args=(CHANNEL,),
    ),
    Spec(
        name="folkmoot-admin unwatch",
        help=phrase("Stop following a channel"),
        who=Who.MODERATOR,
        run=following.unwatch,
        args=(CHANNEL,),
    ),
    Spec(
        name="folkmoot-admin cards",
        help=phrase("Choose when discussions get cards"),
        who=Who.MODERATOR,
        run=following.cards,
        args=(Arg(name="mode", label=phrase("When"), kind=Words.CHOICE, choices=MODES), CHANNEL),
    ),
    Spec(
        name="folkmoot-admin board",
        help=phrase("Post a list of the discussions in progress"),
        who=Who.MODERATOR,
        run=following.board,
        public=True,
        args=(
            Arg(
                name="of",
                label=phrase("Channels"),
                kind=Words.CHANNELS,
                hint=phrase("One or several; this one, if left out."),
                limit=1000,
            ),
            Arg(name="in", label=phrase("Stands in"), kind=Words.CHANNEL, hint=phrase("This one, if left out.")),
        ),
    ),
    Spec(
        name="folkmoot-admin log",
        help=phrase("Choose the channel that hears of problems"),
        who=Who.ADMIN,
        run=settings.log,
        args=(
            Arg(
                name="channel",
                label=phrase("Channel"),
                kind=Words.CHANNEL,
                hint=phrase("This one, if left out; off for none."),
            ),
        ),
    ),
    Spec(
        name="folkmoot-admin settings",
        help=phrase("Show all settings"),
        who=Who.ADMIN,
        run=settings.show,
    ),
    Spec(
        name="folkmoot-admin set",
        help=phrase("Change a setting"),
        who=Who.ADMIN,
        run=settings.set_,
        args=(
            Arg(
                name="name",
                label=phrase("Setting"),
                kind=Words.CHOICE,
                required=True,
                choices=settings.CHOICES,
            ),
            Arg(name="value", label=phrase("New value"), required=True),
            Arg(name="channel", label=phrase("Channel"), shown=False),
        ),
    ),
    Spec(name="folkmoot-admin doctor", help=phrase("Look for problems"), who=Who.ADMIN, run=examining.doctor),
    Spec(
        name="folkmoot-admin share",
        help=phrase("Choose how far a channel's words may go"),
        who=Who.ADMIN,
        run=sharing.share,
        public=True,
        args=(
            CHANNEL,
            Arg(name="level", label=phrase("How far"), kind=Words.CHOICE, choices=LEVELS),
            Arg(name="include_history", label=phrase("Older discussions too"), kind=Words.FLAG),
            Arg(name="confirm", label=phrase("Really"), kind=Words.FLAG, shown=False),
        ),
    ),
    Spec(
        name="folkmoot-admin link",
        help=phrase("Make this space and another one community"),
        who=Who.ADMIN,
        run=linking.link,
        public=True,
        signed=True,
        args=(
            Arg(
                name="code",
                label=phrase("Code"),
                hint=phrase("The code that the other space was given; leave it out to get one here."),
                limit=CODE_LIMIT,
            ),
        ),
    ),
    Spec(
        name="folkmoot-admin unlink",
        help=phrase("Unlink this space from another"),
        who=Who.ADMIN,
        run=linking.unlink,
        public=True,
        signed=True,
        args=(
            Arg(name="space", label=phrase("Space"), hint=phrase("Its name or id, if several are linked.")),
            Arg(name="confirm", label=phrase("Really"), kind=Words.FLAG, shown=False),
        ),
    ),
)
