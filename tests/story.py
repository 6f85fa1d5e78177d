"""The story of a discussion, told on each platform: its people, their words, and what the core makes of them."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.discussions import state_of
from bot.models import Discussion, Post, Run, Thread
from bot.ports import Clock, Store

Json = dict[str, Any]

GOLDEN = Path(__file__).parent / "wire" / "golden"

PEOPLE = ("Mira", "Tomasz", "Ifeoma", "Jonas", "Priya", "Henk", "Lena")
TITLE = "A locker, a shop or a list?"
OPENING = (
    "Last month our lending library lent forty tools. The shed is full by ten, and the queue reaches the street.\n\n"
    "Do we need more room, or fewer people at the same hour? And who would stand behind the counter?"
)
SUMMARY = "Last month our lending library lent forty tools. The shed is full by ten, and the queue reaches the street."
REPLIES = (
    "Booking first. Half of that queue wanted the same two ladders.",
    "I counted: 31 of 40 loans fell between ten and noon.",
    "A window sells the idea. Nobody finds us behind the car park.",
    "Then a sign before a lease. A sign costs a Saturday.",
    "I can take Wednesdays, if somebody shows me the register.",
    "The shop has step-free access and the shed has not.",
    "A locker in the bakery's passage would hold drills and saws.",
    "Locker plus booking: three months, then we count again.",
)
WEEKLY = {"every": "weekly", "weekday": "mon", "at": "14:00", "zone": "UTC", "reach": "space"}


def golden(name: str) -> Any:  # noqa: ANN401 - JSON, or words
    """What is kept in the folder of golden renders under a name."""
    kept = (GOLDEN / name).read_text("utf-8")
    return json.loads(kept) if name.endswith(".json") else kept.rstrip("\n")


async def told(store: Store, thread: Thread, clock: Clock) -> Json:
    """What the core makes of the story by now, as plain values: the same wherever it is told.

    Ids, addresses and the platform are left out, and so is what a platform alone knows (when a thread archives itself).
    Moments are told to the minute and terms to four places: the platforms' ids differ in what follows.
    """
    discussion = await store.forum.discussion_of(thread)
    assert discussion is not None
    questions = await store.forum.questions(discussion.id)
    [latest] = await store.forum.runs(discussion.channel.community, limit=1)
    return {
        "discussion": _discussion(discussion) | {"state": state_of(discussion, clock.now()).value},
        "questions": [[each.text, each.waits] for each in questions],
        "posts": [_post(each) for each in await store.forum.posts(discussion.id)],
        "highlights": [each.text for each in await store.forum.best(discussion.id)],
        "digest": await _run(store, latest),
        "drift": (await store.ledger.audit()).drift,
    }


def _discussion(discussion: Discussion) -> Json:
    names = (
        "title", "summary", "title_set", "title_made", "summary_set", "count", "participants", "highlights", "waiting",
        "opener_name", "outcome", "replies_since", "archived", "locked", "removed", "hidden", "private",
    )  # fmt: skip
    found = {name: getattr(discussion, name) for name in names}
    times = {name: getattr(discussion, name).isoformat(timespec="minutes") for name in ("last_activity", "opened_at")}
    return found | times | {"stored": discussion.stored.value}


def _post(post: Post) -> Json:
    names = ("author_name", "text", "is_bot", "counted", "votes", "picked", "files")
    found = {name: getattr(post, name) for name in names}
    return found | {"files": list(post.files), "edited": post.edited_at is not None, "withheld": post.withheld}


async def _run(store: Store, run: Run) -> Json:
    picks = []
    for each in run.picks:
        quoted = None if each.quote is None else await store.forum.post(each.quote)
        shown = asdict(each) | {"section": each.section.value, "quote": quoted and (quoted.text or quoted.withheld)}
        numbers = {"score": round(each.score, 4), "terms": {name: round(it, 4) for name, it in each.terms.items()}}
        picks.append({name: value for name, value in (shown | numbers).items() if name != "discussion"})
    found = {name: getattr(run, name) for name in ("discussions", "people", "left_out", "late", "reason")}
    return found | {"activity": list(run.activity), "picks": picks}
