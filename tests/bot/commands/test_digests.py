"""/digest: schedules that say when they are next due, and posted digests that can be asked and mended."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import CommandError, PlatformError
from bot.markup import plain
from bot.models import (
    Answer,
    Asker,
    Card,
    ChannelInfo,
    ChannelSeen,
    Command,
    Form,
    MemberRef,
    Pick,
    Platform,
    Reach,
    Run,
    Schedule,
)
from bot.rescheduling import change
from tests.bot.commands.scene import GENERAL, SECRET, WEEKLY, Scene
from tests.makers import HELP, NOON, SPACE, a_message, seen


async def the_schedule(scene: Scene, name: str = "Weekly") -> Schedule:
    [found] = [it for it in await scene.store.calendar.schedules() if it.name == name]
    return found


async def posted(scene: Scene) -> Run:
    [found] = [
        it for it in await scene.store.forum.runs((await the_schedule(scene)).community) if it.schedule.name == "Weekly"
    ]
    return found


async def refused(scene: Scene, name: str, args: Mapping[str, str], who: str = "mo") -> str:
    with pytest.raises(CommandError) as error:
        await scene.run(name, args, who=who)
    return str(error.value)


async def test_the_answer_names_the_next_two_times_in_the_zone(scene: Scene) -> None:
    said = await scene.said("digest schedule", WEEKLY | {"to": "#general", "reach": "channel"}, who="mo")
    assert "“Weekly” goes to #general: every Monday at 09:00, Europe/Berlin." in said
    assert "Next: 10 Aug 2026, 09:00, then 17 Aug 2026, 09:00 (Europe/Berlin)." in said
    kept = await the_schedule(scene)
    assert (kept.destination, kept.reach.value) == (GENERAL, "channel")


async def test_the_first_digest_tells_of_a_whole_period(scene: Scene) -> None:
    await scene.run("digest schedule", WEEKLY | {"to": "#help"}, who="mo")
    kept = await the_schedule(scene)
    assert kept.created_at == NOON - timedelta(hours=5)  # Monday at nine in Berlin
    assert "is on its way" in await scene.said("digest now", who="mo")


async def test_the_form_knows_the_zone_of_the_space(scene: Scene) -> None:
    await scene.store.places.set_space(HELP.space, zone="Asia/Tokyo")
    form = await scene.run("digest schedule", who="mo")
    assert isinstance(form, Form)
    fields = {it.name: it for it in form.fields}
    assert fields["zone"].value == "Asia/Tokyo"
    assert {value for value, _ in fields["every"].choices} >= {"daily", "weekly", "monthly"}
    assert {"name", "every", "at", "weekday", "day", "zone", "to", "reach", "sources", "say_quiet"} <= set(fields)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"zone": "CET+1"}, "I don't know the zone 'CET+1'. Did you mean"),
        ({"at": "late"}, "hours and minutes"),
        ({"every": "monthly", "day": "31"}, "from 1 to 28"),
        ({"every": "sometimes"}, "Choose one of: daily"),
        ({"to": "#nowhere"}, "I know no channel '#nowhere'"),
        ({"sources": "#help #quokka-den"}, "#quokka-den may not go into a digest in #help"),
    ],
)
async def test_a_wrong_field_says_what_to_write(scene: Scene, wrong: Mapping[str, str], sentence: str) -> None:
    assert sentence in await refused(scene, "digest schedule", {**WEEKLY, **wrong})
    assert await scene.store.calendar.schedules() == []


async def test_a_name_is_taken_once_a_channel(digested: Scene) -> None:
    assert "already" in await refused(digested, "digest schedule", WEEKLY | {"name": "weekly"})
    await digested.run("digest schedule", WEEKLY | {"to": "#general"}, who="mo")


async def test_a_change_keeps_the_rest(digested: Scene) -> None:
    form = await digested.run("digest edit", {}, who="mo")
    assert isinstance(form, Form)
    begins = {it.name: it.value for it in form.fields}
    assert (begins["name"], begins["at"], begins["zone"]) == ("Weekly", "09:00", "Europe/Berlin")
    said = await digested.said("digest edit", {"schedule": "weekly", "at": "18:30", "sent": "yes"}, who="mo")
    assert "every Monday at 18:30, Europe/Berlin" in said
    changed = await the_schedule(digested)
    assert (changed.rule.weekday, changed.reach.value, changed.say_quiet) == ("mon", "space", False)
    await digested.run("digest edit", {"schedule": "weekly", "sent": "yes", "say_quiet": "yes"}, who="mo")
    assert (await the_schedule(digested)).say_quiet


async def test_the_button_to_edit_opens_the_form(digested: Scene) -> None:
    answer = await digested.run("digest resume", who="mo")
    assert isinstance(answer, Card)
    [button] = [each for each in answer.buttons if each.label == "Edit"]
    form = await digested.run(button.command, button.args, who="mo")
    assert isinstance(form, Form)
    assert {it.name: it.value for it in form.fields}["schedule"] == button.args["schedule"]


async def sent_back(scene: Scene, form: Answer, change: Mapping[str, str]) -> str:
    """What is said to a form that comes back with a change."""
    assert isinstance(form, Form)
    filled = {it.name: it.value for it in form.fields}
    return await scene.said(form.command, {**filled, **form.args, **change}, who="mo")


async def test_of_two_who_change_a_digest_at_once_each_changes_what_they_changed(digested: Scene) -> None:
    first, second = [await digested.run("digest edit", who=who) for who in ("mo", "root")]
    await sent_back(digested, first, {"name": "News", "say_quiet": "yes"})
    assert "“News” goes to #help: every Monday at 18:30" in await sent_back(digested, second, {"at": "18:30"})
    assert (await the_schedule(digested, "News")).say_quiet
    again = await digested.run("digest edit", who="mo")
    assert "“News” goes to #help: every Monday at 18:30" in await sent_back(digested, again, {"say_quiet": "no"})
    assert not (await the_schedule(digested, "News")).say_quiet


async def test_named_sources_can_be_given_up_again(digested: Scene) -> None:
    edit = {"schedule": "weekly", "sent": "yes"}
    await digested.run("digest edit", edit | {"sources": "#help"}, who="mo")
    assert (await the_schedule(digested)).sources == (HELP,)
    await digested.run("digest edit", edit | {"at": "10:00"}, who="mo")
    assert (await the_schedule(digested)).sources == (HELP,)
    await digested.run("digest edit", edit | {"sources": "All"}, who="mo")
    assert (await the_schedule(digested)).sources == ()


async def test_a_rest_brings_nothing_late(digested: Scene) -> None:
    await digested.run("digest pause", who="mo")
    assert "paused" in await digested.said("digest list")
    digested.clock.advance(timedelta(days=15))
    assert "Next: 24 Aug 2026" in await digested.said("digest resume", who="mo")
    await digested.context.digests.tick(digested.clock.now())
    assert (await posted(digested)).sent_at < digested.clock.now() - timedelta(days=14)  # type: ignore[operator]  # it was


async def test_a_schedule_can_be_taken_away(digested: Scene) -> None:
    await digested.run("digest unschedule", {"schedule": "Weekly"}, who="mo")
    assert [it.name for it in await digested.store.calendar.schedules()] == ["Quokka news"]


async def test_which_digest_is_asked_for_when_several_may_be_meant(digested: Scene) -> None:
    await digested.run("digest schedule", WEEKLY | {"name": "Daily", "every": "daily"}, who="mo")
    said = await refused(digested, "digest pause", {})
    assert "“Weekly”" in said
    assert "“Daily”" in said
    await digested.run("digest pause", {"schedule": "Daily"}, who="mo")
    assert (await the_schedule(digested, "Daily")).paused


async def test_now_posts_once_and_then_has_nothing_new(digested: Scene) -> None:
    assert any("This week" in card.title for card in digested.shown())
    digested.clock.advance(timedelta(minutes=2))
    assert "Nothing new" in await digested.said("digest now", who="mo")


async def test_a_digest_can_be_withdrawn(digested: Scene) -> None:
    assert "Withdrawn" in await digested.said("digest withdraw", who="mo")
    await digested.deliver()
    assert digested.shown() == []
    number = str((await digested.store.calendar.schedules())[0].id)
    assert "withdrawn already" in await digested.said("digest withdraw", {"digest": number}, who="mo")


async def test_an_item_can_be_dropped(digested: Scene) -> None:
    run = await posted(digested)
    item = next(pick for pick in run.picks if pick.quote is None)
    title = (await digested.store.forum.discussion(item.discussion)).title  # type: ignore[union-attr]  # it is there
    await digested.run("digest drop", {"item": str(item.number)}, who="mo")
    await digested.deliver()
    [card] = digested.shown()
    assert f"{title} — 💬" not in plain(card.body)
    for none in ("99", "9" * 20):
        assert f"no item {none}" in await refused(digested, "digest drop", {"item": none})
    for left in [pick for pick in run.picks if pick != item]:
        await digested.run("digest drop", {"item": str(left.number)}, who="mo")
    assert await refused(digested, "digest drop", {"item": "99"}) == "This digest has no items."


async def test_why_shows_the_terms(digested: Scene) -> None:
    listed = await digested.said("digest why")
    assert "1. Which tent holds out in a storm?" in listed
    assert "1 discussion was left out, because not everybody here may read it." in listed
    assert "ln(1 + " in await digested.said("digest why", {"item": "1"})
    assert "no item 99" in await refused(digested, "digest why", {"item": "99"}, "zoe")


async def test_what_is_hidden_since_is_not_listed(digested: Scene) -> None:
    await digested.run("discussion hide", who="mo", thread=0)
    assert "storm" not in await digested.said("digest why")
    assert "storm" not in await digested.said("digest why", {"item": "1"})


async def test_the_digest_of_a_private_channel_is_not_found_outside(digested: Scene) -> None:
    secret = next(
        run
        for run in await digested.store.forum.runs((await the_schedule(digested)).community)
        if run.schedule.destination == SECRET
    )
    assert "know that digest" in await refused(digested, "digest why", {"digest": str(secret.id)}, "zoe")
    assert "quokka" not in (await digested.said("digest list")).casefold()
    assert "quokka" in (await digested.said("digest why", {"digest": str(secret.id)}, who="mo")).casefold()
    assert "know that digest" in await refused(digested, "digest withdraw", {"digest": "seven"})


async def test_a_preview_needs_no_schedule(scene: Scene) -> None:
    said = await scene.said("digest preview")
    assert "Which tent holds out in a storm?" in said
    assert await scene.store.calendar.schedules() == []
    assert scene.shown() == []


async def test_a_pin_comes_first(digested: Scene) -> None:
    await digested.store.ledger.record([seen(a_message(190, "Mine too.", thread=90, author="Cem"))])
    await digested.run("digest pin", {"schedule": "Weekly"}, who="mo", thread=90)
    digested.clock.advance(timedelta(minutes=10))
    assert "pinned" in str([pick.reason for pick in await picks(digested)])


async def picks(scene: Scene) -> list[Pick]:
    scope = await scene.context.scope_of(command_of())
    found = await scene.context.digests.preview(await the_schedule(scene), scope, scene.clock.now())
    assert found is not None
    return list(found[0].picks)


def command_of() -> Command:
    return Command(name="", asker=Asker(member=MemberRef(SPACE, "zoe"), name="Zoe"), channel=HELP, at=NOON)


async def test_what_may_not_go_there_is_not_pinned(digested: Scene) -> None:
    number = str((await digested.discussion(0, SECRET)).id)
    args = {"discussion": number, "schedule": "Weekly"}
    assert "may not go into “Weekly”" in await refused(digested, "digest pin", args)


async def test_a_digest_asked_for_where_nothing_can_be_posted_says_so(digested: Scene) -> None:
    """Not that there is nothing new."""
    info = ChannelInfo(channel=HELP, name="help", archived=True)
    await digested.store.ledger.record([ChannelSeen(info=info, at=digested.clock.now())])
    assert "while its channel is archived" in await refused(digested, "digest now", {"schedule": "Weekly"})
    assert await digested.store.setbacks.digests(NOON) == []


async def test_what_a_digest_does_not_collect_is_not_pinned(digested: Scene) -> None:
    """Else it would be promised for the next digest and never come."""
    weekly = await the_schedule(digested)
    await change(digested.context.store, replace(weekly, reach=Reach.CHANNEL), digested.clock.now())
    await digested.store.ledger.record([seen(a_message(195, "Who brings the flag?", channel=GENERAL))])
    await digested.store.ledger.record([seen(a_message(196, "Me.", thread=195, author="Cem", channel=GENERAL))])
    args = {"discussion": str((await digested.discussion(195, GENERAL)).id), "schedule": "Weekly"}
    assert "collects from other channels" in await refused(digested, "digest pin", args)
    assert await digested.store.calendar.pinned(weekly.id) == frozenset()
    await digested.run("digest pin", {"schedule": "Weekly"}, who="mo", thread=0)
    assert len(await digested.store.calendar.pinned(weekly.id)) == 1


async def test_a_digest_that_was_not_posted_is_told_of_by_list_why_and_doctor(digested: Scene) -> None:
    weekly = await the_schedule(digested)
    room = digested.rooms[Platform.LOCAL]
    room.mood = PlatformError("Missing Access")
    digested.clock.set(NOON + timedelta(days=7))
    await digested.store.ledger.record([seen(a_message(60 * 100, "One more.", thread=0, author="Bo"))])
    await digested.context.digests.tick(digested.clock.now())
    await digested.deliver()
    line = "“Weekly”, 10 Aug 2026, 09:00, is still on its way: Missing Access."
    assert line in await digested.said("digest list")
    assert line in await digested.said("digest why")
    for _ in range(5):
        digested.clock.advance(timedelta(hours=1))
        await digested.deliver()
    line = "“Weekly”, 10 Aug 2026, 09:00, was not posted: Missing Access."
    assert line in await digested.said("digest list")
    assert line in await digested.said("digest why")
    assert line in await digested.said("folkmoot-admin doctor", who="root")
    assert "Quokka" not in await digested.said("digest list")
    room.mood = None
    digested.clock.set(NOON + timedelta(days=14))
    await digested.context.digests.tick(digested.clock.now())
    await digested.deliver()
    newest = (await digested.store.forum.runs(weekly.community))[0]
    assert newest.start < NOON + timedelta(days=1)  # it tells of the time of the one before
    assert "was not posted" not in await digested.said("digest list")
    assert "was not posted" not in await digested.said("digest why")
