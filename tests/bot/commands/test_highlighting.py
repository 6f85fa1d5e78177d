"""/highlight: one vote a person, undone whole, refused with who refuses; and the note beside it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.commands import own_export
from bot.errors import CommandError
from bot.models import Card, Event, Form, Kind, Level, MemberRef, MessageRef, VoteCast, VoteSource
from tests.bot.commands.scene import AWAY_CHANNEL, Scene
from tests.makers import HELP, SPACE, a_message, a_vote, an_id, deleted, seen

DINA, BO = 3.0, 7.0  # minutes after noon of replies without votes; Eve's and Bo's


async def votes(scene: Scene, minutes: float) -> int:
    post = await scene.store.forum.post(MessageRef(HELP, an_id(minutes)))
    assert post is not None
    return post.votes


async def test_a_highlight_can_be_undone_by_its_button(scene: Scene) -> None:
    card = await scene.run("highlight", target=DINA)
    assert await votes(scene, DINA) == 1
    assert isinstance(card, Card)
    [undo] = card.buttons
    scene.clock.advance(timedelta(seconds=1))
    assert "Already highlighted." in await scene.said("highlight", target=DINA)
    await scene.run(undo.command, undo.args)
    assert await votes(scene, DINA) == 0
    assert "not highlighted" in await scene.said("unhighlight", target=DINA)


async def test_a_withdrawn_reaction_stays_withdrawn_until_it_is_added_again(scene: Scene) -> None:
    await scene.store.ledger.record([a_vote(DINA, voter="Zoe", at=170)])
    assert await votes(scene, DINA) == 1
    await scene.run("unhighlight", target=DINA)
    await scene.store.ledger.record([a_vote(DINA, voter="Zoe", at=170)])
    assert await votes(scene, DINA) == 0
    await scene.store.ledger.record([a_vote(DINA, voter="Zoe", at=190)])
    assert await votes(scene, DINA) == 1


async def test_a_link_with_a_note_works_as_the_menu_does(scene: Scene) -> None:
    said = await scene.said("highlight", {"link": await scene.link(DINA), "note": "so true"})
    assert "Your note stands beside it." in said
    assert await votes(scene, DINA) == 1
    assert "“so true” — Zoe" in await scene.said("highlights", who="cem")


async def test_a_later_note_takes_the_place_of_the_one_before(scene: Scene) -> None:
    await scene.run("highlight", {"note": "so true"}, target=DINA)
    said = await scene.said("highlight", {"note": "truer\n" + "still " * 25}, target=DINA)
    assert "Already highlighted. Your note stands beside it." in said
    assert await votes(scene, DINA) == 1
    listed = await scene.said("highlights")
    assert "so true" not in listed
    assert f"“truer{' still' * 15}…” — Zoe" in listed
    assert "Already highlighted." in await scene.said("highlight", target=DINA)
    assert await scene.said("highlights") == listed


async def test_a_note_goes_with_its_highlight(scene: Scene) -> None:
    card = await scene.run("highlight", {"note": "so true"}, target=DINA)
    assert isinstance(card, Card)
    [undo] = card.buttons
    scene.clock.advance(timedelta(seconds=1))
    await scene.run(undo.command, undo.args)
    await scene.store.ledger.record([a_vote(DINA, voter="Zoe", at=190), a_vote(DINA, voter="Cem")])
    assert "so true" not in await scene.said("highlights")


async def test_a_note_travels_with_the_list_to_choose_from(scene: Scene) -> None:
    form = await scene.run("highlight", {"note": "so true"}, thread=0)
    assert isinstance(form, Form)
    link = next(value for value, label in form.fields[0].choices if label.startswith("Dina"))
    await scene.run(form.command, {**form.args, "link": link})
    assert "“so true” — Zoe" in await scene.said("highlights")


async def test_a_note_is_kept_only_where_the_message_may_be_highlighted(scene: Scene) -> None:
    with pytest.raises(CommandError, match="your own"):
        await scene.run("highlight", {"note": "so true"}, target=BO, who="bo")
    assert await scene.store.forum.notes(MessageRef(HELP, an_id(BO))) == []


async def test_whoever_opted_out_hears_that_their_note_is_shown_nowhere(scene: Scene) -> None:
    await scene.run("privacy optout")
    assert "shown nowhere" in await scene.said("highlight", {"note": "so true"}, target=DINA)
    assert "so true" not in await scene.said("highlights", who="cem")
    await scene.run("privacy optin")
    assert "“so true” — Zoe" in await scene.said("highlights", who="cem")


async def test_no_note_is_kept_where_no_words_are(scene: Scene) -> None:
    away = MessageRef(AWAY_CHANNEL, an_id(2))
    await scene.store.places.set_level(AWAY_CHANNEL, Level.COUNT, 0)
    said = await scene.said("highlight", {"note": "so true"}, target=2, channel=AWAY_CHANNEL)
    assert "The note is not kept" in said
    await scene.store.places.set_level(AWAY_CHANNEL, Level.DIGEST, 0)
    assert await scene.store.forum.notes(away) == []


async def test_one_s_own_notes_are_in_the_export_until_they_are_erased(scene: Scene) -> None:
    await scene.run("highlight", {"note": "so true"}, target=DINA)
    zoe = MemberRef(SPACE, "zoe")
    [line] = [json.loads(it) for it in (await own_export(scene.store, zoe)).splitlines() if '"note"' in it]
    assert (line["id"], line["text"]) == (an_id(DINA), "so true")
    await scene.store.ledger.record([a_vote(DINA, voter="Zoe", active=False, source=VoteSource.COMMAND, at=181)])
    assert "nothing to export" not in await scene.said("privacy export")
    await scene.run("privacy erase", {"word": "erase"})
    assert '"note"' not in await own_export(scene.store, zoe)


async def choices(scene: Scene, who: str) -> list[str]:
    form = await scene.run("highlight", who=who, thread=0)
    assert isinstance(form, Form)
    return [label for _, label in form.fields[0].choices]


async def test_only_replies_that_one_may_highlight_are_offered(scene: Scene) -> None:
    await scene.store.ledger.record([seen(a_message(170, "Beep.", thread=0, author="Robo", kind=Kind.BOT))])
    offered = await choices(scene, "bo")
    assert not [each for each in offered if each.startswith(("Bo:", "Robo:", "Ada: Which tent"))]
    assert len(offered) == 7
    await scene.store.places.set_space(SPACE, own_highlights=True, bot_highlights=True)
    assert {each.partition(":")[0] for each in await choices(scene, "bo")} >= {"Bo", "Robo", "Cem"}


async def test_own_messages_are_refused_unless_switched_on(scene: Scene) -> None:
    with pytest.raises(CommandError, match="your own"):
        await scene.run("highlight", target=BO, who="bo")
    await scene.store.places.set_space(SPACE, own_highlights=True)
    await scene.run("highlight", target=BO, who="bo")
    assert await votes(scene, BO) == 1


async def test_messages_of_bots_are_refused_unless_switched_on(scene: Scene) -> None:
    await scene.store.ledger.record([seen(a_message(170, "Beep.", thread=0, author="Robo", kind=Kind.BOT))])
    with pytest.raises(CommandError, match="bots"):
        await scene.run("highlight", target=170)
    await scene.store.places.set_space(SPACE, bot_highlights=True)
    await scene.run("highlight", target=170)


async def test_what_a_moderator_blocked_only_a_moderator_lifts(scene: Scene) -> None:
    await scene.run("highlight-admin block", target=2, who="mo")
    assert await votes(scene, 2) == 0
    with pytest.raises(CommandError, match="A moderator keeps"):
        await scene.run("highlight", target=2)
    assert "not taken it down" in await scene.said("highlight-own put-back", target=2, who="dina")
    assert await votes(scene, 2) == 0
    await scene.run("highlight-admin unblock", target=2, who="mo")
    assert await votes(scene, 2) == 2
    assert "not blocked" in await scene.said("highlight-admin unblock", target=2, who="mo")


async def test_what_its_author_took_down_only_the_author_puts_back(scene: Scene) -> None:
    said = await scene.said("highlight-own take-down", target=2, who="dina")
    assert "[Put it back]" in said
    assert await votes(scene, 2) == 0
    with pytest.raises(CommandError, match="Its author took"):
        await scene.run("highlight", target=2)
    with pytest.raises(CommandError, match="not your message"):
        await scene.run("highlight-own put-back", target=2, who="mo")
    await scene.run("highlight-own put-back", target=2, who="dina")
    assert await votes(scene, 2) == 2


async def test_a_pick_is_a_vote_of_its_own_that_can_be_taken_back(scene: Scene) -> None:
    await scene.run("highlight-admin pick", target=DINA, who="mo")
    post = await scene.store.forum.post(MessageRef(HELP, an_id(DINA)))
    assert post is not None
    assert post.picked
    scene.clock.advance(timedelta(seconds=1))
    await scene.run("highlight-admin unpick", target=DINA, who="mo")
    assert await votes(scene, DINA) == 0


async def test_without_a_message_the_newest_replies_are_offered(scene: Scene) -> None:
    form = await scene.run("highlight", thread=0, who="bo")
    assert isinstance(form, Form)
    labels = [label for _, label in form.fields[0].choices]
    assert labels[0].startswith("Cem: Reply 8")
    assert not any(label.startswith("Bo:") or "angolin" in label for label in labels)
    await scene.run(form.command, {**form.args, "link": form.fields[0].choices[0][0]}, who="bo")
    assert await votes(scene, 8) == 1


async def test_a_vote_in_a_channel_that_is_not_followed_is_refused_plainly(scene: Scene) -> None:
    await scene.store.places.watch(HELP, False)
    with pytest.raises(CommandError, match="don't follow"):
        await scene.run("highlight", target=DINA)


async def test_the_best_come_first_with_their_author(scene: Scene) -> None:
    await scene.store.ledger.record([a_vote(DINA, voter="Bo", at=160), a_vote(4, voter="Bo", at=100)])
    said = await scene.said("highlights", {"since": "2d"})
    assert said.index("Reply 2 about tents.") < said.index("Reply 3 about tents.")
    assert "⭐ 2" in said
    assert "Dina" in said


async def test_no_highlights_says_how_to_make_one(scene: Scene) -> None:
    scene.clock.advance(timedelta(days=30))
    assert "/highlight" in await scene.said("highlights")
    with pytest.raises(CommandError, match="12h"):
        await scene.run("highlights", {"since": "soon"})


async def test_a_deleted_message_is_not_highlighted(scene: Scene) -> None:
    link = await scene.link(DINA)
    await scene.store.ledger.record([deleted(DINA)])
    with pytest.raises(CommandError):
        await scene.run("highlight", {"link": link})
    assert await votes(scene, 2) == 2


async def test_votes_are_told_where_the_context_says(scene: Scene) -> None:
    told: list[Event] = []

    async def tell(event: Event) -> None:
        told.append(event)

    scene.context = replace(scene.context, tell=tell)
    await scene.run("highlight", target=DINA)
    [vote] = told
    assert isinstance(vote, VoteCast)
    assert (vote.source, vote.voter.name) == (VoteSource.COMMAND, "Zoe")
