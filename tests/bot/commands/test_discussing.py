"""/discussion: opening, tracking, concluding, wording, answering and hiding, as people see it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from typing_extensions import override

from bot.commands.finding import asker_in
from bot.discussions import state_line
from bot.errors import CommandError, NotAllowed, Unavailable
from bot.models import (
    Asker,
    Card,
    CardMode,
    Channel,
    ChannelInfo,
    ChannelSeen,
    Command,
    Discussion,
    Form,
    Level,
    MemberRef,
    Role,
    Thread,
    ThreadSeen,
)
from bot.models import Platform as On
from bot.texts import texts_for
from bot.urls import Urls
from tests.bot.commands.scene import AWAY_CHANNEL, GENERAL, HIDDEN_AT, LONE_AT, SECRET, Scene, words_of
from tests.makers import HELP, a_message, an_id, seen
from tests.rooms import SmallRoom

EN = texts_for("en", "UTC")
STOVES = {"title": "Stoves", "summary": "Which one is light?", "text": "Which stove is light and cheap?"}


async def test_start_opens_a_thread_in_the_openers_name_with_its_card(scene: Scene) -> None:
    card = await scene.said("discussion start", STOVES, who="zoe")
    [started] = [it for it in await recent(scene) if it.title == "Stoves"]
    assert started.url in card
    assert (started.count, started.opener_name, started.summary) == (1, "Zoe", "Which one is light?")
    await scene.deliver()
    assert [shown.title for shown in scene.shown()] == ["Stoves"]


async def recent(scene: Scene) -> list[Discussion]:
    scope = await scene.context.scope_of(asked(HELP))
    return list(await scene.store.forum.recent(scope, 20))


def asked(channel: Channel, who: str = "zoe", *roles: Role) -> Command:
    asker = Asker(member=MemberRef(channel.space, who), name=who, roles=frozenset({Role.MEMBER, *roles}))
    return Command(name="", asker=asker, channel=channel, at=a_message().sent_at)


async def test_the_same_start_within_two_minutes_is_one(scene: Scene) -> None:
    await scene.run("discussion start", STOVES)
    await scene.run("discussion start", STOVES)
    assert len([it for it in await recent(scene) if it.title == "Stoves"]) == 1
    scene.clock.advance(timedelta(minutes=3))
    await scene.run("discussion start", STOVES)
    assert len([it for it in await recent(scene) if it.title == "Stoves"]) == 2


async def test_a_start_that_is_sent_twice_at_once_opens_one(scene: Scene) -> None:
    said = await asyncio.gather(*(scene.said("discussion start", STOVES, who="zoe") for _ in range(2)))
    assert len([it for it in await recent(scene) if it.title == "Stoves"]) == 1
    assert sum("Your discussion is open." in it for it in said) == 1
    assert "This discussion is being opened already." in said


async def test_a_start_that_was_asked_for_before_the_first_one_was_open_is_the_same(scene: Scene) -> None:
    scene.clock.advance(timedelta(seconds=5))
    await scene.run("discussion start", STOVES)
    scene.clock.advance(timedelta(seconds=-4))
    await scene.run("discussion start", STOVES)
    assert len([it for it in await recent(scene) if it.title == "Stoves"]) == 1


async def test_nothing_is_started_where_nothing_is_kept(scene: Scene) -> None:
    await scene.store.places.watch(GENERAL, False)
    with pytest.raises(CommandError, match="I don't follow #general"):
        await scene.run("discussion start", STOVES, channel=GENERAL)


async def test_where_cards_are_off_a_start_brings_none(scene: Scene) -> None:
    await scene.store.places.set_cards(HELP, CardMode.OFF)
    await scene.run("discussion start", STOVES)
    await scene.deliver()
    assert scene.shown() == []


async def test_a_lone_message_becomes_a_discussion(scene: Scene) -> None:
    await scene.store.places.set_cards(HELP, CardMode.ASKED)
    assert "The river rises at night" in await scene.said("discussion track", target=LONE_AT)
    found = await scene.discussion(LONE_AT)
    assert found.count == 1
    await scene.deliver()
    assert len(scene.shown()) == 1


async def test_tracking_a_thread_that_is_one_changes_nothing(scene: Scene) -> None:
    said = await scene.said("discussion track", thread=0)
    assert (await scene.discussion()).title in said
    await scene.deliver()
    assert scene.shown() == []


async def test_a_conclusion_has_an_outcome_and_later_replies_do_not_reopen_it(scene: Scene) -> None:
    said = await scene.said("discussion conclude", {"outcome": "The dome tent."}, who="ada", thread=0)
    assert "[Reopen]" in said
    await scene.store.ledger.record([seen(a_message(185, "Late to this.", thread=0, author="Bo"))])
    line = state_line(await scene.discussion(), scene.clock.now(), EN)
    assert line == "✅ Concluded — The dome tent. · 1 reply since"
    await scene.run("discussion conclude", {"outcome": "The tunnel tent."}, who="mo", thread=0)
    assert (await scene.discussion()).outcome == "The tunnel tent."
    assert "already" in await scene.said("discussion conclude", {"sent": "yes"}, who="ada", thread=0)
    assert (await scene.discussion()).outcome == "The tunnel tent."
    await scene.run("discussion reopen", {"discussion": str((await scene.discussion()).id)}, who="ada")
    assert "🟢" in state_line(await scene.discussion(), scene.clock.now(), EN)


async def test_who_concluded_is_kept_though_they_never_wrote(scene: Scene) -> None:
    await scene.run("discussion conclude", {"outcome": "Dome."}, who="mo", thread=0)
    assert (await scene.discussion()).state_by == "Mo"


async def test_titles_are_one_clean_line(scene: Scene) -> None:
    words = {"title": "Storm\n  and\0 tents \udc00", "sent": "yes"}
    await scene.run("discussion edit", words, who="ada", thread=0)
    assert (await scene.discussion()).title == "Storm and\ufffd tents \ufffd"


async def test_conclude_asks_for_the_outcome_and_takes_none(scene: Scene) -> None:
    form = await scene.run("discussion conclude", who="ada", thread=0)
    assert isinstance(form, Form)
    assert [(it.name, it.required) for it in form.fields] == [("outcome", False)]
    await scene.run(form.command, {**form.args, "outcome": ""}, who="ada")  # a form comes back without its thread
    assert "✅" in state_line(await scene.discussion(), scene.clock.now(), EN)


async def test_words_are_set_kept_and_given_back(scene: Scene) -> None:
    made = (await scene.discussion()).title
    form = await scene.run("discussion edit", who="ada", thread=0)
    assert isinstance(form, Form)
    assert {it.name: it.value for it in form.fields}["title"] == made
    await scene.run(form.command, {**form.args, "title": "Storm tents", "summary": ""}, who="ada")
    assert (await scene.discussion()).title == "Storm tents"
    await scene.run("discussion edit", {"title": "-", "sent": "yes"}, who="mo", thread=0)
    assert (await scene.discussion()).title == made
    with pytest.raises(CommandError, match="new title"):
        await scene.run("discussion edit", {"sent": "yes"}, who="ada", thread=0)


async def test_a_form_that_comes_back_as_it_was_sets_nothing(scene: Scene) -> None:
    form = await scene.run("discussion edit", who="mo", thread=0)
    assert isinstance(form, Form)
    shown = {it.name: it.value for it in form.fields}
    assert "Nothing was changed." in await scene.said(form.command, {**form.args, **shown}, who="mo")
    await scene.run(form.command, {**form.args, **shown, "summary": "Dome or tunnel?"}, who="mo")
    found = await scene.discussion()
    assert (found.title_set, found.summary) == (False, "Dome or tunnel?")


async def test_of_two_who_change_words_at_once_each_changes_what_they_changed(scene: Scene) -> None:
    form = await scene.run("discussion edit", who="mo", thread=0)
    assert isinstance(form, Form)
    shown = {it.name: it.value for it in form.fields}
    for words in ({"title": "Storm tents"}, {"summary": "Dome or tunnel?"}):
        await scene.run(form.command, {**form.args, **shown, **words}, who="mo")
    found = await scene.discussion()
    assert (found.title, found.summary) == ("Storm tents", "Dome or tunnel?")


async def waiting(scene: Scene) -> int:
    await scene.settle()
    return (await scene.discussion()).waiting


async def test_an_answer_ends_the_waiting(scene: Scene) -> None:
    assert await waiting(scene) == 1
    assert "Marked" in await scene.said("discussion answer", who="ada", target=2)
    assert await waiting(scene) == 0
    with pytest.raises(CommandError, match="No question waits"):
        await scene.run("discussion answer", who="ada", target=3)


async def test_who_asked_may_mark_the_answer_to_their_own_question(scene: Scene) -> None:
    await scene.store.ledger.record([seen(a_message(185, "And which stove do you take?", thread=0, author="Bo"))])
    assert await waiting(scene) == 2
    await scene.run("discussion answer", who="bo", target=2)
    await scene.settle()
    left = await scene.store.forum.questions((await scene.discussion()).id)
    assert [it.text for it in left] == ["Which tent holds out in a storm?"]
    with pytest.raises(NotAllowed):
        await scene.run("discussion answer", who="zoe", target=2)


async def test_the_opener_chooses_among_several_questions(scene: Scene) -> None:
    await scene.store.ledger.record([seen(a_message(185, "And which stove do you take?", thread=0, author="Bo"))])
    await scene.settle()
    form = await scene.run("discussion answer", who="ada", target=2)
    assert isinstance(form, Form)
    links = {label: value for value, label in form.fields[0].choices}
    assert set(links) == {"Which tent holds out in a storm?", "And which stove do you take?"}
    chosen = links["And which stove do you take?"]
    await scene.run(form.command, {**form.args, "question": chosen}, who="ada")
    await scene.settle()
    left = await scene.store.forum.questions((await scene.discussion()).id)
    assert [it.text for it in left] == ["Which tent holds out in a storm?"]


async def test_question_and_answer_stand_in_one_discussion(scene: Scene) -> None:
    other = await scene.link(91)
    with pytest.raises(CommandError, match="same discussion"):
        await scene.run("discussion answer", {"question": other}, who="mo", target=2)
    with pytest.raises(CommandError, match="itself"):
        await scene.run("discussion answer", {"question": await scene.link(2)}, who="mo", target=2)
    with pytest.raises(CommandError, match="not part of a discussion"):
        await scene.run("discussion answer", who="mo", target=LONE_AT)


async def test_what_is_hidden_is_not_found_by_members(scene: Scene) -> None:
    await scene.run("discussion hide", who="mo", thread=0)
    with pytest.raises(CommandError, match="know that discussion"):
        await scene.run("discussion status", thread=0)
    assert "storm" not in await scene.said("discussion list", {"tab": "all"})
    await scene.run("discussion unhide", who="mo", thread=0)
    assert "storm" in await scene.said("discussion list", {"tab": "all"})


async def test_a_card_goes_with_its_discussion_and_comes_back_with_it(scene: Scene) -> None:
    await scene.run("discussion start", STOVES)
    await scene.deliver()
    number = str(next(it.id for it in await recent(scene) if it.title == "Stoves"))
    await scene.run("discussion hide", {"discussion": number}, who="mo")
    await scene.context.store.outbox.touch([int(number)])
    await scene.deliver()
    assert scene.shown() == []
    await scene.run("discussion unhide", {"discussion": number}, who="mo")
    await scene.deliver()
    assert [shown.title for shown in scene.shown()] == ["Stoves"]


async def test_a_card_that_people_deleted_stays_away(scene: Scene) -> None:
    await scene.run("discussion start", STOVES)
    await scene.deliver()
    number = str(next(it.id for it in await recent(scene) if it.title == "Stoves"))
    scene.rooms[On.LOCAL].posts.clear()
    await scene.run("discussion conclude", {"discussion": number, "outcome": "The light one."}, who="mo")
    await scene.context.store.outbox.touch([int(number)])
    await scene.deliver()
    for verb in ("hide", "unhide"):
        await scene.run(f"discussion {verb}", {"discussion": number}, who="mo")
    await scene.deliver()
    assert scene.shown() == []


async def test_what_stays_in_its_channel_is_found_there_and_nowhere_else(scene: Scene) -> None:
    info = ChannelInfo(channel=HELP, name="help", nsfw=True)
    await scene.store.ledger.record([ChannelSeen(info=info, at=scene.clock.now())])
    assert "storm" in await scene.said("discussion status", thread=0)
    number = str((await scene.discussion()).id)
    with pytest.raises(CommandError, match="know that discussion"):
        await scene.run("discussion status", {"discussion": number}, channel=GENERAL)
    assert "storm" in await scene.said("discussion list", {"tab": "all"})
    assert "storm" not in await scene.said("discussion list", {"tab": "all"}, channel=GENERAL)


async def test_a_card_opens_a_page_only_if_there_is_one_that_its_readers_can_reach(scene: Scene) -> None:
    async def opens(channel: Channel) -> bool:
        card = await scene.run("discussion status", thread=0, channel=channel)
        assert isinstance(card, Card)
        return "Open page" in [button.label for button in card.buttons]

    assert not await opens(HELP)
    for channel in (HELP, AWAY_CHANNEL):
        await scene.store.places.set_level(channel, Level.WEB, 0)
    assert [await opens(channel) for channel in (HELP, AWAY_CHANNEL)] == [True, False]
    scene.context = replace(scene.context, urls=Urls("https://talk.example"))
    assert await opens(AWAY_CHANNEL)


async def test_moderators_find_hidden_discussions(scene: Scene) -> None:
    number = str((await scene.discussion(HIDDEN_AT)).id)
    assert "axolotl" in await scene.said("discussion status", {"discussion": number}, who="mo")


async def test_status_is_the_card(scene: Scene) -> None:
    said = await scene.said("discussion status", thread=0)
    assert "Which tent holds out in a storm?" in said
    assert "10 msgs · ⭐ 2 highlights" in said
    assert "🟢 Discussion in progress" in said


async def test_a_list_is_of_one_channel_if_that_is_asked_for(scene: Scene) -> None:
    assert "storm" not in await scene.said("discussion list", {"tab": "all", "channel": "#general"})
    assert "quokka" in await scene.said("discussion list", {"tab": "all", "channel": "#quokka-den"}, who="mo")


async def test_without_a_place_one_is_asked_for(scene: Scene) -> None:
    with pytest.raises(CommandError, match="Say which discussion"):
        await scene.run("discussion status")
    with pytest.raises(CommandError, match="Say which message"):
        await scene.run("discussion track")


async def test_answers_come_in_the_askers_language(scene: Scene) -> None:
    form = await scene.run("discussion start", locale="de")
    assert isinstance(form, Form)
    assert form.title != "Start a discussion"
    with pytest.raises(NotAllowed) as refused:
        await scene.run("discussion hide", locale="de", thread=0)
    assert str(refused.value) == "Das kann nur die Moderation."


def test_a_discord_moderator_is_one_of_a_single_channel() -> None:
    there = Channel(AWAY_CHANNEL.space, "other")
    moderator, admin = asked(AWAY_CHANNEL, "mo", Role.MODERATOR), asked(AWAY_CHANNEL, "root", Role.ADMIN)
    assert Role.MODERATOR in asker_in(moderator, AWAY_CHANNEL).roles
    assert asker_in(moderator, there).roles == {Role.MEMBER}
    assert Role.ADMIN in asker_in(admin, there).roles
    assert Role.MODERATOR in asker_in(asked(HELP, "mo", Role.MODERATOR), SECRET).roles


async def test_a_platform_that_does_not_answer_is_said_plainly(scene: Scene) -> None:
    scene.context = replace(scene.context, adapters={})
    with pytest.raises(CommandError, match="I don't know this channel"):
        await scene.run("discussion start", STOVES)
    scene.context = replace(scene.context, adapters={On.LOCAL: Mute(scene.store, scene.clock, HELP.space)})
    with pytest.raises(CommandError, match="try again"):
        await scene.run("discussion start", STOVES)


class Mute(SmallRoom):
    """A platform that is down."""

    @override
    async def readable(self, member: MemberRef, channels: Sequence[Channel]) -> frozenset[Channel]:
        raise Unavailable("no answer")


async def test_a_private_thread_is_seen_only_from_inside(scene: Scene) -> None:
    private = ThreadSeen(thread=Thread(HELP, an_id(0)), at=scene.clock.now(), private=True)
    await scene.store.ledger.record([private])
    assert "storm" in await scene.said("discussion status", thread=0, who="ada")
    form = {"sent": "yes", "in_thread": an_id(0), "outcome": "Mine."}
    with pytest.raises(CommandError, match="Say which discussion"):
        await scene.run("discussion conclude", form, who="mo")
    with pytest.raises(CommandError, match="know that discussion"):
        await scene.run("discussion status", {"discussion": str((await scene.discussion()).id)}, who="mo")


async def test_links_of_buttons_and_choices_are_short(scene: Scene) -> None:
    await scene.run("discussion edit", {"title": "ж" * 99, "sent": "yes"}, who="ada", thread=0)
    form = await scene.run("highlight", thread=0)
    assert isinstance(form, Form)
    assert all(len(value) < 60 for value, _ in form.fields[0].choices)


async def test_a_card_button_finds_its_discussion_by_number(scene: Scene) -> None:
    number = str((await scene.discussion()).id)
    form = await scene.run("highlight", {"discussion": number}, who="zoe", channel=GENERAL)
    assert isinstance(form, Form)
    assert "Reply 8 about tents." in words_of(form)
