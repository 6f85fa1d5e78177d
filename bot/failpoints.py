"""Named places between what is received and what is recorded, where a test lets the process die.

In production nothing is armed and reaching one does nothing: no setting can arm one, only a test's own program.
"""

from collections.abc import Callable

POINTS = (
    "stream.taken",  # payloads were taken from a platform's stream
    "stream.read",  # they are events now, not stored yet
    "app.kept",  # events are durable, nobody was told
    "commit.before",  # a transaction is written, not committed
    "commit.after",  # it is committed, nobody was told
    "follow.settled",  # what changed has its titles and summaries
    "follow.planned",  # cards and highlight posts are planned
    "follow.touched",  # posts that are untrue are marked; the change log will be read again from before
    "delivery.claimed",  # a post is leased
    "delivery.rendered",  # it is known what it should show
    "delivery.frozen",  # that is kept; not sent yet
    "delivery.posted",  # the platform has it, we have not recorded that
    "delivery.edited",  # the platform shows the edit, we have not recorded that
    "delivery.recorded",  # all is recorded
    "delivery.removed",  # the platform took it away, we have not recorded that
    "digest.claimed",  # a slot is ours
    "digest.frozen",  # its digest waits in the outbox
    "gap.kept",  # a part of a gap is stored
    "gap.closed",  # a gap is closed, what came before is not compared
)

Reached = Callable[[str], None]
_reached: Reached | None = None


def arm(reached: Reached | None) -> None:
    """Have every place call this with its name; None: nothing any more."""
    global _reached  # noqa: PLW0603 - one process, one plan
    _reached = reached


def reach(point: str) -> None:
    """Die here if a test asked for it."""
    if _reached is not None:
        _reached(point)
