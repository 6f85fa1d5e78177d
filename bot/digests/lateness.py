"""What the footer of a digest says that is late, or stands for several. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.models import Run
from bot.schedule import LATE, NIGHT, instant
from bot.texts import Texts


def missed_line(missed: int, texts: Texts) -> str:
    """What the footer says of a digest that stands for several; "" for an ordinary one."""
    if not missed:
        return ""
    return texts.count("{n} missed digest is in this one.", "{n} missed digests are in this one.", missed)


def waited(run: Run, now: datetime) -> bool:
    """Whether what is late is made when the night ends."""
    zone = ZoneInfo(run.schedule.rule.zone)
    morning = instant(now.astimezone(zone).date(), NIGHT[1], zone)
    return morning <= now <= morning + LATE


def late_line(run: Run, texts: Texts, more: str, *, waited: bool) -> str:
    """What the footer says of a digest that is late, and `more`."""
    text = texts.say("It was due {when} and is late.", when=texts.moment(run.slot.due_at))
    if waited:
        text = texts.say(
            "It was due {when} and is late; at night nothing is posted late, so it waited for the morning.",
            when=texts.moment(run.slot.due_at),
        )
    return f"{text} {more}".strip()
