"""Digest runs as values."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, time
from typing import Any

from sqlalchemy import Connection

from bot.models import (
    Channel,
    Every,
    KnownChannel,
    MessageRef,
    Pick,
    Reach,
    Rule,
    Run,
    RunState,
    Schedule,
    Section,
    Slot,
    position_of,
)
from bot.ports import Changed
from storage.changes import note
from storage.sql import by_keys, one, rows, run
from storage.times import maybe, moment

SCHEDULE = (
    "SELECT id, community_id, name, channel_id, rule, reach, sources, paused, say_quiet, created_at, last_end,"
    " follows_id FROM schedule"
)
RUN = (
    "SELECT id, schedule_id, slot, due_at, start_at, state, discussions, people, activity, left_out, late, reason,"
    " sent_at, frozen_as FROM run"
)


def rule_json(rule: Rule) -> str:
    """A rule as it is kept."""
    return json.dumps(
        {
            "every": rule.every.value,
            "at": rule.at.isoformat(),
            "zone": rule.zone,
            "weekday": rule.weekday,
            "day": rule.day,
            "anchor": None if rule.anchor is None else rule.anchor.isoformat(),
        }
    )


def rule_of(kept: str) -> Rule:
    """The rule that `rule_json` wrote."""
    values = json.loads(kept)
    return Rule(
        every=Every(values["every"]),
        at=time.fromisoformat(values["at"]),
        zone=values["zone"],
        weekday=values["weekday"],
        day=values["day"],
        anchor=None if values["anchor"] is None else date.fromisoformat(values["anchor"]),
    )


def schedule_of(row: Sequence[Any], channels: Mapping[int, KnownChannel]) -> Schedule:
    """A row of SCHEDULE as a value."""
    return Schedule(
        id=row[0],
        community=row[1],
        name=row[2],
        destination=channels[row[3]].channel,
        rule=rule_of(row[4]),
        reach=Reach(row[5]),
        sources=tuple(channels[key].channel for key in json.loads(row[6]) if key in channels),
        paused=bool(row[7]),
        say_quiet=bool(row[8]),
        created_at=moment(row[9]),
        last_end=maybe(row[10]),
        follows=row[11],
    )


def schedule_json(schedule: Schedule, channels: Mapping[int, KnownChannel]) -> str:
    """What a run needs to know of the schedule that it is made by."""
    keys = {known.channel: key for key, known in channels.items()}
    return json.dumps(
        {
            "name": schedule.name,
            "rule": rule_json(schedule.rule),
            "reach": schedule.reach.value,
            "sources": [keys[source] for source in schedule.sources if source in keys],
            "paused": schedule.paused,
        }
    )


def _as_frozen(schedule: Schedule, kept: str | None, channels: Mapping[int, KnownChannel]) -> Schedule:
    """The schedule as it was when a run was made by it."""
    if kept is None:
        return schedule
    values = json.loads(kept)
    return replace(
        schedule,
        name=values["name"],
        rule=rule_of(values["rule"]),
        reach=Reach(values["reach"]),
        sources=tuple(channels[key].channel for key in values["sources"] if key in channels),
        paused=values["paused"],
    )


def reopen(connection: Connection, chosen: int, reason: str) -> None:
    """Let the next run tell of the time of one that was never shown; what a moderator pinned comes again too."""
    merged = "UPDATE run SET state = 'merged', reason = ? WHERE id = ? AND state = 'frozen'"
    if run(connection, merged, (reason, chosen)).rowcount < 1:
        return
    kept = "SELECT s.id, s.pins FROM schedule s JOIN run r ON r.schedule_id = s.id WHERE r.id = ?"
    schedule, pins = one(connection, kept, (chosen,))
    shown = "SELECT discussion_id FROM run_pick WHERE run_id = ? AND reason = 'pinned'"
    pinned = {*json.loads(pins), *(row[0] for row in rows(connection, shown, (chosen,)))}
    run(
        connection,
        "UPDATE schedule SET pins = ?, last_end = (SELECT max(r.due_at) FROM run r WHERE r.schedule_id = schedule.id"
        " AND r.state IN ('frozen', 'sent', 'empty', 'withdrawn')) WHERE id = ?",
        (json.dumps(sorted(pinned)), schedule),
    )
    note(connection, Changed.RUN, [chosen])


def runs_of(connection: Connection, channels: Mapping[int, KnownChannel], community: int, limit: int) -> list[Run]:
    """A community's digests whose text stands, newest first."""
    found = rows(
        connection,
        f"{RUN} WHERE state IN ('frozen', 'sent') AND schedule_id IN (SELECT id FROM schedule WHERE community_id = ?)"
        " ORDER BY due_at DESC, id DESC LIMIT ?",
        (community, limit),
    )
    return runs_with(connection, channels, found)


def run_of(connection: Connection, channels: Mapping[int, KnownChannel], chosen: int) -> Run | None:
    """One run."""
    row = one(connection, f"{RUN} WHERE id = ?", (chosen,))
    return None if row is None else runs_with(connection, channels, [row])[0]


def runs_with(
    connection: Connection, channels: Mapping[int, KnownChannel], found: Sequence[Sequence[Any]]
) -> list[Run]:
    """Rows of RUN as values, in their order."""
    schedules = {
        row[0]: schedule_of(row, channels)
        for row in by_keys(connection, f"{SCHEDULE} WHERE id IN ({{keys}})", {each[1] for each in found})
    }
    picks: dict[int, list[Pick]] = {each[0]: [] for each in found}
    for row in by_keys(connection, PICKS, sorted(picks)):
        picks[row[0]].append(_pick(row[1:], channels))
    return [
        _run(row, _as_frozen(schedules[row[1]], row[13], channels), sorted(picks[row[0]], key=lambda it: it.number))
        for row in found
    ]


PICKS = (
    "SELECT p.run_id, p.number, p.section, p.discussion_id, d.channel_id, p.quote, m.mid, p.count, p.new, p.highlights,"
    " p.waiting, p.score, p.terms, p.reason, p.dropped FROM run_pick p JOIN discussion d ON d.id = p.discussion_id"
    " LEFT JOIN message m ON m.channel_id = d.channel_id AND m.position = p.quote WHERE p.run_id IN ({keys})"
)


def _pick(row: Sequence[Any], channels: Mapping[int, KnownChannel]) -> Pick:
    where: Channel = channels[row[3]].channel
    return Pick(
        number=row[0],
        section=Section(row[1]),
        discussion=row[2],
        quote=None if row[4] is None or row[5] is None else MessageRef(where, row[5]),
        count=row[6],
        new=row[7],
        highlights=row[8],
        waiting=bool(row[9]),
        score=row[10],
        terms=json.loads(row[11]),
        reason=row[12],
        dropped=bool(row[13]),
    )


def pick_row(chosen: int, pick: Pick) -> tuple[object, ...]:
    """A pick as a row."""
    quote = None if pick.quote is None else position_of(pick.quote.id)
    return (
        chosen, pick.number, pick.section.value, pick.discussion, quote, pick.count, pick.new, pick.highlights,
        pick.waiting, pick.score, json.dumps(pick.terms), pick.reason, pick.dropped,
    )  # fmt: skip


def _run(row: Sequence[Any], schedule: Schedule, picks: Sequence[Pick]) -> Run:
    return Run(
        id=row[0],
        schedule=schedule,
        slot=Slot(schedule=row[1], key=row[2], due_at=moment(row[3])),
        start=moment(row[4]),
        state=RunState(row[5]),
        picks=tuple(picks),
        discussions=row[6],
        people=row[7],
        activity=tuple(json.loads(row[8])),
        left_out=row[9],
        late=bool(row[10]),
        reason=row[11],
        sent_at=maybe(row[12]),
    )
