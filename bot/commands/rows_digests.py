"""The rows of /digest."""

from bot.access import Who
from bot.commands import digest_runs, joining, schedules
from bot.commands.args import DISCUSSION, EVERY
from bot.commands.forms import BEGAN
from bot.commands.specs import About, Arg, Spec, Words
from bot.models import Every, Reach
from bot.schedule import WEEKDAYS
from bot.texts import phrase

SCHEDULE = Arg(
    name="schedule", label=phrase("Digest"), hint=phrase("Its name or number, if there are several."), names=True
)
RUN = Arg(name="digest", label=phrase("Digest"), hint=phrase("Its number or a link to it; the newest if left out."))
ITEM = Arg(name="item", label=phrase("Item"), kind=Words.NUMBER, hint=phrase("Its number in the digest."))

DAYS = tuple(
    zip(
        WEEKDAYS,
        (
            phrase("Monday"),
            phrase("Tuesday"),
            phrase("Wednesday"),
            phrase("Thursday"),
            phrase("Friday"),
            phrase("Saturday"),
            phrase("Sunday"),
        ),
        strict=True,
    )
)
REACHES = (
    (Reach.CHANNEL.value, phrase("this channel only")),
    (Reach.SPACE.value, phrase("all channels that everybody here can read")),
    (Reach.COMMUNITY.value, phrase("all spaces of the community")),
)


def _rule(*, required: bool) -> tuple[Arg, ...]:
    """The arguments that make a schedule; for a change, whatever is left out stays."""
    return (
        Arg(name="name", label=phrase("Name"), required=required, limit=schedules.NAME_LIMIT),
        Arg(
            name="every",
            label=phrase("How often"),
            kind=Words.CHOICE,
            required=required,
            choices=EVERY,
            value=Every.WEEKLY.value if required else "",
        ),
        *_when(required=required),
        Arg(
            name="reach",
            label=phrase("Collects from"),
            kind=Words.CHOICE,
            choices=REACHES,
            value=Reach.SPACE.value if required else "",
        ),
        Arg(
            name="sources",
            label=phrase("Only these channels"),
            kind=Words.CHANNELS,
            hint=phrase("Such as #help #general; “all” for all that it may collect from."),
            limit=schedules.SOURCES_LIMIT,
        ),
        Arg(
            name="say_quiet",
            label=phrase("Say so when nothing happened"),
            kind=Words.FLAG,
        ),
    )


def _when(*, required: bool) -> tuple[Arg, ...]:
    """When a schedule comes, besides how often."""
    return (
        Arg(
            name="weekday",
            label=phrase("Weekday"),
            kind=Words.CHOICE,
            choices=DAYS,
            value="mon" if required else "",
            hint=phrase("For every week or two weeks."),
        ),
        Arg(
            name="day",
            label=phrase("Day of the month"),
            value="1" if required else "",
            hint=phrase("For every month: 1 to 28, or last."),
        ),
        Arg(
            name="at",
            label=phrase("Time"),
            kind=Words.TIME,
            required=required,
            value="09:00" if required else "",
            hint=phrase("Hours and minutes, such as 09:00."),
        ),
        Arg(
            name="zone",
            label=phrase("Time zone"),
            kind=Words.ZONE,
            required=required,
            hint=phrase("Such as Europe/Berlin."),
        ),
        Arg(
            name="anchor",
            label=phrase("First week"),
            hint=phrase("For every two weeks: a date in a week in which it comes."),
        ),
    )


TO = Arg(name="to", label=phrase("Goes to"), kind=Words.CHANNEL, hint=phrase("This channel, if left out."))

DIGESTS = (
    Spec(
        name="digest preview",
        help=phrase("Show what the coming digest has so far"),
        who=Who.EVERYONE,
        run=digest_runs.preview,
        args=(SCHEDULE,),
    ),
    Spec(
        name="digest list",
        help=phrase("List the digests, coming and past"),
        who=Who.EVERYONE,
        run=digest_runs.list_,
    ),
    Spec(
        name="digest why",
        help=phrase("Explain why something is in a digest"),
        who=Who.EVERYONE,
        run=digest_runs.why,
        args=(ITEM, RUN),
    ),
    Spec(
        name="digest now",
        help=phrase("Post a digest at once"),
        who=Who.MODERATOR,
        run=digest_runs.now,
        public=True,
        args=(SCHEDULE,),
    ),
    Spec(
        name="digest schedule",
        help=phrase("Set up a digest"),
        who=Who.MODERATOR,
        run=schedules.schedule,
        opens="form",
        public=True,
        args=(*_rule(required=True), TO),
    ),
    Spec(
        name="digest join",
        help=phrase("Let a linked space's digest come here too"),
        who=Who.MODERATOR,
        run=joining.join,
        public=True,
        args=(SCHEDULE, TO),
    ),
    Spec(
        name="digest edit",
        help=phrase("Change a digest"),
        who=Who.MODERATOR,
        run=schedules.edit,
        opens="form",
        fill=schedules.edit_values,
        public=True,
        args=(SCHEDULE, *_rule(required=False), BEGAN),
    ),
    Spec(
        name="digest pause",
        help=phrase("Pause a digest"),
        who=Who.MODERATOR,
        run=schedules.pause,
        args=(SCHEDULE,),
    ),
    Spec(
        name="digest resume",
        help=phrase("Resume a paused digest"),
        who=Who.MODERATOR,
        run=schedules.resume,
        args=(SCHEDULE,),
    ),
    Spec(
        name="digest unschedule",
        help=phrase("Remove a digest"),
        who=Who.MODERATOR,
        run=schedules.unschedule,
        args=(SCHEDULE,),
    ),
    Spec(
        name="digest drop",
        help=phrase("Remove an item from a posted digest"),
        who=Who.MODERATOR,
        run=digest_runs.drop,
        public=True,
        args=(
            Arg(
                name="item",
                label=phrase("Item"),
                kind=Words.NUMBER,
                required=True,
                hint=phrase("Its number in the digest."),
            ),
            RUN,
        ),
    ),
    Spec(
        name="digest withdraw",
        help=phrase("Withdraw a posted digest"),
        who=Who.MODERATOR,
        run=digest_runs.withdraw,
        public=True,
        args=(RUN,),
    ),
    Spec(
        name="digest pin",
        help=phrase("Put a discussion first in the next digest"),
        who=Who.MODERATOR,
        run=digest_runs.pin,
        about=About.DISCUSSION,
        args=(DISCUSSION, SCHEDULE),
    ),
)
