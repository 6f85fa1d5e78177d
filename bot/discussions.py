"""The state of a discussion and the lines that show it. Pure: time is an argument."""

from datetime import datetime, timedelta

from bot.models import CardMode, Discussion, Platform, State, Stored
from bot.ports import Answered
from bot.texts import Texts, phrase

NEW_FOR = timedelta(days=7)
DORMANT_AFTER = timedelta(days=7)
BEFORE_ARCHIVE = timedelta(
    minutes=10
)  # a card cannot be edited in an archived thread: it turns quiet while it still can
CARD_WITHIN = timedelta(hours=1)  # how old the live reply may be that makes a card appear
CARD_REPLIES = 5
CARD_REPLIES_SLACK = 8  # Slack threads are chattier, and its edits are dearer
CARD_PEOPLE = 3

SIGNS = {
    State.REMOVED: "",
    State.LOCKED: "🔒",
    State.CONCLUDED: "✅",
    State.NEW: "🆕",
    State.IN_PROGRESS: "🟢",
    State.QUIET: "🟡",
    State.DORMANT: "💤",
}
WORDS = {
    State.REMOVED: "",
    State.LOCKED: phrase("Closed by a moderator"),
    State.CONCLUDED: phrase("Concluded"),
    State.NEW: phrase("Waiting for replies"),
    State.IN_PROGRESS: phrase("Discussion in progress"),
    State.QUIET: phrase("Quiet"),
    State.DORMANT: phrase("No recent activity"),
}


def answered(discussion: Discussion) -> bool:
    """Whether a live counted reply is there, also when the opening post is deleted, not counted or was never seen."""
    return discussion.count > 0 and (discussion.replies > 0 or discussion.last_activity > discussion.opened_at)


def state_of(discussion: Discussion, now: datetime) -> State:
    """The state at a moment (DESIGN section 2, in its order of precedence)."""
    fixed = _fixed(discussion)
    if fixed is not None:
        return fixed
    if not answered(discussion):
        return State.NEW if now < discussion.opened_at + NEW_FOR else State.DORMANT
    if now < _fresh_until(discussion):
        return State.IN_PROGRESS
    return State.QUIET if now < discussion.last_activity + DORMANT_AFTER else State.DORMANT


def as_of(discussion: Discussion) -> datetime | None:
    """Up to when what is shown of a discussion is sure to be so, where it has to be said: its channel is behind.

    Not of one that was dormant by then: a channel has many of those, and each would be edited for it.
    """
    since = discussion.channel.as_of
    return since if since is not None and since < discussion.last_activity + DORMANT_AFTER else None


def next_change_at(discussion: Discussion, now: datetime) -> datetime | None:
    """The first moment after `now` at which the clock alone changes the state, and so what is shown; None if never.

    How long ago something was is not part of it: chat clients and pages keep that true by themselves.
    """
    if _fixed(discussion) is not None:
        return None
    if not answered(discussion):
        steps = [discussion.opened_at + NEW_FOR]
    else:
        fresh_until = _fresh_until(discussion)
        steps = [fresh_until, max(fresh_until, discussion.last_activity + DORMANT_AFTER)]
    return next((step for step in steps if step > now), None)


def _fixed(discussion: Discussion) -> State | None:
    """The state that no clock changes, if it is in one."""
    if discussion.removed:
        return State.REMOVED
    if discussion.locked:
        return State.LOCKED
    return State.CONCLUDED if discussion.stored is Stored.CONCLUDED else None


def _fresh_until(discussion: Discussion) -> datetime:
    """When a discussion with replies stops being in progress."""
    fresh = timedelta(seconds=discussion.quiet_after)
    if discussion.archive_after is not None:
        fresh = min(fresh, max(timedelta(seconds=discussion.archive_after) - BEFORE_ARCHIVE, timedelta(0)))
    return discussion.last_activity + fresh


def state_words(discussion: Discussion, now: datetime, texts: Texts) -> str:
    """The state in words alone, for screen readers; "" for one that is removed."""
    state = state_of(discussion, now)
    return _concluded(discussion, texts) if state is State.CONCLUDED else texts.say(WORDS[state])


def _concluded(discussion: Discussion, texts: Texts) -> str:
    said = texts.say(WORDS[State.CONCLUDED])
    if discussion.outcome:
        said = f"{said} — {discussion.outcome}"
    if discussion.replies_since:
        since = texts.count("{n} reply since", "{n} replies since", discussion.replies_since)
        said = f"{said} · {since}"
    return said


def state_line(discussion: Discussion, now: datetime, texts: Texts) -> str:
    """The state as it is shown: "🟢 Discussion in progress", "✅ Concluded · 3 replies since"; "" when removed."""
    return f"{SIGNS[state_of(discussion, now)]} {state_words(discussion, now, texts)}".strip()


def state_note(discussion: Discussion, texts: Texts) -> str:
    """Who set the stored state and when: "Concluded by Ana, 3 Aug 2026, 14:05"; "" when nobody did."""
    if discussion.state_by_tag:
        return _tag_note(discussion, texts)
    if discussion.state_at is None:
        return ""
    name, when = discussion.state_by, texts.moment(discussion.state_at)
    if discussion.stored is Stored.CONCLUDED:
        if name:
            return texts.say("Concluded by {name}, {when}", name=name, when=when)
        return texts.say("Concluded {when}", when=when)
    if name:
        return texts.say("Reopened by {name}, {when}", name=name, when=when)
    return texts.say("Reopened {when}", when=when)


def _tag_note(discussion: Discussion, texts: Texts) -> str:
    """That the platform's own tag set the state; it may have been there when we first looked."""
    if discussion.state_at is None:
        return texts.say("Concluded: it is tagged as solved")
    when = texts.moment(discussion.state_at)
    if discussion.stored is Stored.CONCLUDED:
        return texts.say("Concluded: tagged as solved {when}", when=when)
    return texts.say("Reopened: no longer tagged as solved, {when}", when=when)


def count_words(count: int, texts: Texts) -> str:
    """How many messages: "9 msgs", "1 msg", "1.2k msgs"."""
    return texts.count("{n} msg", "{n} msgs", count)


def highlight_words(highlights: int, texts: Texts) -> str:
    """How many highlights: "0 highlights", "1 highlight"."""
    return texts.count("{n} highlight", "{n} highlights", highlights)


def counters(discussion: Discussion, texts: Texts) -> str:
    """The counter line up to where it says when the last activity was: "💬 9 msgs · ⭐ 0 highlights · 🕐 "."""
    count, highlights = count_words(discussion.count, texts), highlight_words(discussion.highlights, texts)
    return f"💬 {count} · ⭐ {highlights} · 🕐 "


def counter_line(discussion: Discussion, now: datetime, texts: Texts) -> str:
    """The counter line: "💬 9 msgs · ⭐ 0 highlights · 🕐 2h ago"."""
    return counters(discussion, texts) + texts.ago(discussion.last_activity, now)


def spoken_counter_line(discussion: Discussion, now: datetime, texts: Texts) -> str:
    """The counter line for screen readers: "9 messages, 0 highlights, last activity 2 hours ago"."""
    return texts.say(
        "{messages}, {highlights}, last activity {ago}",
        messages=texts.count("{n} message", "{n} messages", discussion.count),
        highlights=highlight_words(discussion.highlights, texts),
        ago=texts.ago_spoken(discussion.last_activity, now),
    )


def shown_title(discussion: Discussion, texts: Texts) -> str:
    """The title, or "Discussion in #help" when there is none."""
    if discussion.title:
        return discussion.title
    info = discussion.channel.info
    return texts.say("Discussion in #{channel}", channel=info.name.removeprefix("#") or info.channel.id)


def wants_card(answered: Answered, now: datetime) -> bool:
    """Whether a reply that arrived live makes the discussion's card appear."""
    discussion = answered.discussion
    if discussion.channel.settings.cards is not CardMode.AUTO or now - answered.live_at >= CARD_WITHIN:
        return False
    if discussion.hidden or discussion.locked or discussion.archived or discussion.removed:
        return False
    slack = discussion.thread.channel.space.platform is Platform.SLACK
    needed = CARD_REPLIES_SLACK if slack else CARD_REPLIES
    return answered.replies >= needed and answered.people >= CARD_PEOPLE
