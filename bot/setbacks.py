"""What is not posted after all: from when on there is no sense in it, and why that is, in people's words. Pure."""

from datetime import datetime, timedelta

from bot.models import Drop, OwnPost, PostKind, RunState, Setback
from bot.texts import Texts, phrase

LOOK_BACK = timedelta(days=35)  # how long digests that were not posted are reported: longer than any period
LASTS = {PostKind.HIGHLIGHT: timedelta(days=1), PostKind.CARD: timedelta(days=7)}  # if never shown; others wait

UNCHANGEABLE = phrase("this workspace's rule for editing messages does not let me change what I posted earlier.")
CHANNEL_GONE = phrase("the channel it goes to is gone.")
CHANNEL_ARCHIVED = phrase("the channel it goes to is archived.")
STUMBLED = phrase("something went wrong while it was made; whoever runs me finds it in the log.")
UNMADE = phrase("it could not be made; whoever runs me finds why in the log.")
WHY = {
    Drop.LATE.value: phrase("it waited so long that it is no longer news."),
    Drop.OVERTAKEN.value: phrase("it could not be posted before the next one was due, which covers its time too."),
    Drop.CROWDED.value: phrase("more posts waited here than I keep."),
    Drop.GONE.value: CHANNEL_GONE,
    Drop.PAUSED.value: phrase("the digest was paused."),
    Drop.REMOVED.value: phrase("the digest was taken away."),
}
OURS = frozenset({UNCHANGEABLE, CHANNEL_GONE, CHANNEL_ARCHIVED, STUMBLED, UNMADE})


def too_late(post: OwnPost, now: datetime) -> bool:
    """Whether a post that was never shown has waited longer than its kind lasts."""
    return post.kind in LASTS and now - post.planned_at > LASTS[post.kind]


def why(reason: str, texts: Texts) -> str:
    """A stored reason for people to read: ours in their language, a platform's word for word."""
    known = WHY.get(reason, reason if reason in OURS else "")
    said = texts.say(known) if known else reason
    return said if said.endswith(".") else f"{said}."


def given_up_line(n: int, channel: str, reason: str, texts: Texts) -> str:
    """What became of posts that were given up in a channel; it is "" where it may not be named."""
    said = why(reason, texts)
    if not channel:
        return texts.count(
            "{n} post in a channel that not everybody here can open was given up: {reason}",
            "{n} posts in a channel that not everybody here can open were given up: {reason}",
            n,
            reason=said,
        )
    return texts.count(
        "{n} post in {channel} was given up: {reason}",
        "{n} posts in {channel} were given up: {reason}",
        n,
        channel=f"#{channel.removeprefix('#')}",
        reason=said,
    )


def unchangeable_line(n: int, texts: Texts) -> str:
    """What became of posts that a rule of the whole space does not let us keep true."""
    return texts.count(
        "{n} post can no longer be kept up to date: {reason}",
        "{n} posts can no longer be kept up to date: {reason}",
        n,
        reason=why(UNCHANGEABLE, texts),
    )


def dropped_line(n: int, reason: str, texts: Texts) -> str:
    """What became of posts that were dropped before anybody saw them."""
    return texts.count(
        "{n} post was dropped: {reason}", "{n} posts were dropped: {reason}", n, reason=why(reason, texts)
    )


def digest_line(it: Setback, texts: Texts) -> str:
    """What became of a digest that was not posted; `texts` are in the zone of its rule."""
    name, when, reason = it.run.schedule.name, texts.moment(it.run.slot.due_at), why(it.reason, texts)
    if it.run.state is RunState.CLAIMED:
        return texts.say("“{name}”, {when}, is tried again: {reason}", name=name, when=when, reason=reason)
    if it.waits:
        return texts.say("“{name}”, {when}, is still on its way: {reason}", name=name, when=when, reason=reason)
    return texts.say("“{name}”, {when}, was not posted: {reason}", name=name, when=when, reason=reason)
