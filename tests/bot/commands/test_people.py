"""/catchup, /privacy and /folkmoot: each person's own view."""

import json
from datetime import timedelta

import pytest

from bot.commands import own_export
from bot.errors import CommandError
from bot.models import Form, Handout, MemberRef
from tests.bot.commands.scene import AWAY_CHANNEL, Scene
from tests.makers import NOON, SPACE, a_message, a_vote, seen

BO = MemberRef(SPACE, "bo")


async def test_catching_up_begins_at_the_last_act(scene: Scene) -> None:
    await scene.store.ledger.record(
        [
            seen(a_message(125, "Bo was here.", thread=0, author="Bo")),
            seen(a_message(130, "And then Cem.", thread=0, author="Cem")),
        ]
    )
    said = await scene.said("catchup", who="bo")
    assert "#help · 1 new" in said


async def test_who_never_did_anything_sees_a_day(scene: Scene) -> None:
    said = await scene.said("catchup", who="zoe")
    assert "Since 2 Aug 2026, 15:00" in said
    assert "10 new" in said


async def test_a_catch_up_is_remembered(scene: Scene) -> None:
    await scene.run("catchup", who="zoe")
    scene.clock.advance(timedelta(minutes=10))
    assert "Nothing new" in await scene.said("catchup", who="zoe")
    assert "10 new" in await scene.said("catchup", {"since": "2026-08-01"}, who="zoe")


async def test_in_a_discussion_its_replies_are_read(scene: Scene) -> None:
    await scene.store.ledger.record([a_vote(3, voter="Zoe", at=5)])
    said = await scene.said("catchup", who="zoe", thread=0)
    assert "Reply 6 about tents. — Hal" in said
    assert "Reply 4 about tents." not in said
    number = str((await scene.discussion()).id)
    assert "Reply 6" in await scene.said("catchup", {"discussion": number}, who="zoe")
    scene.clock.advance(timedelta(days=2))
    assert "Nothing new here" in await scene.said("catchup", {"since": "1h"}, who="zoe", thread=0)


async def test_opting_out_works_before_the_first_word(scene: Scene) -> None:
    assert "Nothing is stored about you." in await scene.said("privacy show")
    assert "shown nowhere any more" in await scene.said("privacy optout")
    assert "already" in await scene.said("privacy optout")
    await scene.store.ledger.record([seen(a_message(190, "A secret of Zoe.", thread=0, author="Zoe"))])
    assert "secret of Zoe" not in await scene.said("catchup", {"since": "1d"}, who="bo", thread=0)
    assert "[Show my words again]" in await scene.said("privacy show")
    assert "may be shown" in await scene.said("privacy optin")
    assert "not opted out" in await scene.said("privacy optin")
    assert "secret of Zoe" in await scene.said("catchup", {"since": "1d"}, who="bo", thread=0)


async def test_an_export_holds_everything_of_ones_own_and_nothing_else(scene: Scene) -> None:
    await scene.store.ledger.record([a_vote(3, voter="Bo", at=150)])
    lines = [json.loads(line) for line in (await own_export(scene.store, BO)).splitlines()]
    kinds = [line["type"] for line in lines]
    assert kinds[0] == "member"
    assert set(kinds[1:]) == {"message", "vote"}
    messages = [line for line in lines if line["type"] == "message"]
    assert {"Reply 7 about tents.", "The river rises at night."} <= {line["text"] for line in messages}
    said = await scene.said("privacy export", who="bo")
    assert f"{len(messages)} messages and 1 vote" in said
    assert await own_export(scene.store, MemberRef(SPACE, "nobody")) == ""
    assert "nothing to export" in await scene.said("privacy export")


async def test_an_export_holds_what_somebody_set_in_words_though_they_never_wrote(scene: Scene) -> None:
    for who, title in (("zoe", "Zoe's storm"), ("mo", "Rain plans")):
        await scene.store.desk.set_words(1, title, f"{who}'s line.", MemberRef(SPACE, who), scene.clock.now())
    assert "nothing to export" in await scene.said("privacy export", who="zoe")
    await scene.run("discussion conclude", {"outcome": "Two poles."}, who="mo", thread=0)
    answer = await scene.run("privacy export", who="mo")
    assert isinstance(answer, Handout)
    told = {line["type"]: line.get("text") for line in map(json.loads, answer.content.splitlines())}
    assert told == {"member": None, "title": "Rain plans", "summary": "mo's line.", "outcome": "Two poles."}


async def test_an_opted_out_person_can_still_export(scene: Scene) -> None:
    lines = (await own_export(scene.store, MemberRef(SPACE, "pangolin"))).splitlines()
    assert "pangolin tent" in lines[1]
    assert json.loads(lines[0])["opted_out_at"]


async def test_erasing_needs_the_typed_word(scene: Scene) -> None:
    form = await scene.run("privacy erase", who="bo")
    assert isinstance(form, Form)
    with pytest.raises(CommandError, match="Nothing was erased"):
        await scene.run("privacy erase", {**form.args, "word": "yes"}, who="bo")
    assert "Reply 7" in await scene.said("catchup", {"since": "1d"}, thread=0)
    assert "gone for good" in await scene.said("privacy erase", {**form.args, "word": " Erase "}, who="bo")
    assert "Reply 7" not in await scene.said("catchup", {"since": "1d"}, thread=0)
    assert (await scene.discussion()).count == 10
    assert "Reply 7" not in await own_export(scene.store, BO)
    assert (await scene.store.ledger.audit()).drift == 0


async def test_help_lists_what_the_asker_may(scene: Scene) -> None:
    member, admin = await scene.said("folkmoot help"), await scene.said("folkmoot help", who="root")
    assert "/highlight " in member
    assert "/folkmoot-admin share" not in member
    assert "/folkmoot-admin share" in admin
    one = await scene.said("folkmoot help", {"command": "/digest"}, who="mo")
    assert "/digest pin" in one
    assert "/highlight" not in one
    with pytest.raises(CommandError, match="no command"):
        await scene.run("folkmoot help", {"command": "dance"})
    assert "may not" in await scene.said("folkmoot help", {"command": "folkmoot-admin"})


async def test_status_names_what_is_followed_and_what_comes(digested: Scene) -> None:
    said = await digested.said("folkmoot status")
    assert "I follow #general, #help." in said
    assert "Next digest “Weekly” in #help: 10 Aug 2026, 07:00" in said
    assert "2 discussions in progress" in said
    assert "http://127.0.0.1:8080/" in said
    assert "127.0.0.1" not in await digested.said("folkmoot status", channel=AWAY_CHANNEL)
    for name in ("general", "help"):
        channel = next(it for it in await digested.store.places.channels() if it.info.name == name)
        await digested.store.places.watch(channel.channel, False)
    assert "watch" in await digested.said("folkmoot status")
    assert digested.clock.now() > NOON
