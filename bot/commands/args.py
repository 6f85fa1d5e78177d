"""Arguments and choices that several commands share."""

from bot.commands.specs import Arg, Words
from bot.models import Every
from bot.texts import phrase

LINK = Arg(
    name="link",
    label=phrase("Message"),
    kind=Words.LINK,
    hint=phrase("A link to the message; not needed in its menu."),
    limit=2000,
)
DISCUSSION = Arg(
    name="discussion",
    label=phrase("Discussion"),
    kind=Words.LINK,
    hint=phrase("A link to it or its number; not needed inside its thread."),
    limit=2000,
    shown=False,
)
CHANNEL = Arg(name="channel", label=phrase("Channel"), kind=Words.CHANNEL, hint=phrase("This one, if left out."))
SINCE = Arg(name="since", label=phrase("Since"), kind=Words.SINCE, hint=phrase("12h, 7d, 2w or a date"))

EVERY = (
    (Every.DAILY.value, phrase("every day")),
    (Every.WEEKDAYS.value, phrase("Monday to Friday")),
    (Every.WEEKLY.value, phrase("every week")),
    (Every.FORTNIGHTLY.value, phrase("every two weeks")),
    (Every.MONTHLY.value, phrase("every month")),
)
