"""Commands where the ground is missing: an unknown place, a platform that is away or refuses, nothing to list."""

from dataclasses import replace

import pytest

from bot.commands import TABLE
from bot.errors import CommandError, Forbidden, Unavailable
from bot.models import Card, Channel, Form, Platform, Space
from tests.bot.commands.scene import GENERAL, LONE_AT, WEEKLY, Scene, words_of
from tests.bot.commands.test_table import USES
from tests.makers import HELP, SPACE, a_channel, a_message, seen

# Nothing here depends on the database; what is kept is tried on both under tests/storage.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NOWHERE = Channel(Space(Platform.LOCAL, "nowhere"), "somewhere")


async def answered(scene: Scene, name: str, channel: Channel) -> str:
    """What a row says, be it an answer or a refusal."""
    args, thread, target = USES[name]
    try:
        return words_of(await scene.run(name, args, who="root", channel=channel, thread=thread, target=target))
    except CommandError as error:
        return str(error)


async def test_in_a_place_that_nobody_told_us_of_every_command_has_an_answer(digested: Scene) -> None:
    for name in TABLE:
        said = await answered(digested, name, NOWHERE)
        assert said, name
        assert "tents" not in said, (name, said)


@pytest.mark.parametrize(
    ("name", "args", "says"),
    [
        ("digest list", {}, "No digest is scheduled here"),
        ("digest schedule", WEEKLY, "I don't know this place yet. Please try again in a minute."),
        ("digest pause", {}, "No digest is scheduled here"),
        ("digest why", {}, "No digest was posted here yet."),
        ("folkmoot-admin settings", {}, "I don't know this place yet."),
        ("folkmoot-admin doctor", {}, "I don't know this place yet."),
        ("privacy export", {}, "Nothing of yours is stored here, so there is nothing to export."),
    ],
)
async def test_what_is_said_in_a_place_that_nobody_told_us_of(
    scene: Scene, name: str, args: dict[str, str], says: str
) -> None:
    try:
        said = await scene.said(name, args, who="root", channel=NOWHERE)
    except CommandError as error:
        said = str(error)
    assert says in said


async def test_without_its_platform_no_command_names_anything_or_fails_unsaid(digested: Scene) -> None:
    digested.context = replace(digested.context, adapters={})
    for name in TABLE:
        said = await answered(digested, name, HELP)
        assert said, name
        assert "quokka" not in said, (name, said)


@pytest.mark.parametrize(
    ("mood", "says"),
    [
        (Forbidden("no"), "The platform does not let me do that. An admin can give me the right."),
        (Unavailable("later"), "That did not work just now. Please try again in a minute."),
    ],
)
async def test_a_platform_that_refuses_is_told_as_what_to_do(scene: Scene, mood: Exception, says: str) -> None:
    scene.rooms[Platform.LOCAL].mood = mood  # type: ignore[assignment]  # both are a platform's
    with pytest.raises(CommandError) as error:
        await scene.run("discussion start", {"title": "Stoves", "text": "Which one?"}, who="zoe")
    assert str(error.value) == says


async def test_lists_of_nothing_say_what_to_do(scene: Scene) -> None:
    assert await scene.said("digest list") == (
        "No digest is scheduled here. A moderator can set one up with /digest schedule."
    )
    with pytest.raises(CommandError, match="No digest is scheduled here"):
        await scene.run("digest pause", who="mo")
    with pytest.raises(CommandError, match="No digest was posted here yet"):
        await scene.run("digest why")
    assert "no_such_place" in await refusal(scene, "digest schedule", WEEKLY | {"sources": "no_such_place"})


async def refusal(scene: Scene, name: str, args: dict[str, str]) -> str:
    with pytest.raises(CommandError) as error:
        await scene.run(name, args, who="mo")
    return str(error.value)


async def test_there_must_be_a_reply_of_somebody_else_to_highlight(scene: Scene) -> None:
    await scene.store.ledger.record([seen(a_message(170, "Alone with my tent.", author="Zoe"))])
    await scene.run("discussion track", target=170, who="zoe")
    with pytest.raises(CommandError, match="There is no reply to highlight here yet"):
        await scene.run("highlight", thread=170)


async def test_highlights_can_be_listed_for_one_channel(scene: Scene) -> None:
    assert "Reply 2 about tents." in await scene.said("highlights", {"channel": "#help"})
    assert "Reply 2" not in await scene.said("highlights", {"channel": "#general"})


async def test_a_lone_message_can_be_highlighted_and_undone_by_its_button(scene: Scene) -> None:
    answer = await scene.run("highlight", target=LONE_AT)
    assert isinstance(answer, Card)
    [undo] = answer.buttons
    assert "taken back" in await scene.said(undo.command, undo.args)


async def test_in_a_thread_without_a_discussion_its_first_message_is_tracked(scene: Scene) -> None:
    assert await scene.store.ledger.audit_rows()
    before = (await scene.store.ledger.audit()).discussions
    await scene.run("discussion track", thread=LONE_AT)
    assert (await scene.store.ledger.audit()).discussions == before + 1
    await scene.run("discussion track", thread=LONE_AT)
    assert (await scene.store.ledger.audit()).discussions == before + 1


async def test_a_form_from_a_messages_menu_comes_back_to_that_message(scene: Scene) -> None:
    form = await scene.run("discussion conclude", {}, target=1, who="mo")
    assert isinstance(form, Form)
    await scene.run("discussion conclude", {**form.args, "outcome": "The green one."}, who="mo")
    assert (await scene.discussion()).outcome == "The green one."


async def test_of_a_message_that_is_not_kept_it_is_said_why(scene: Scene) -> None:
    await scene.store.places.watch(GENERAL, False)
    for name in ("discussion track", "highlight"):
        with pytest.raises(CommandError, match="I don't follow #general, so I know no message of it"):
            await scene.run(name, target=1, channel=GENERAL)
        with pytest.raises(CommandError, match="I am not in this channel, so I know none of its messages"):
            await scene.run(name, target=1, channel=Channel(SPACE, "elsewhere"))
        with pytest.raises(CommandError, match="I don't know that message"):
            await scene.run(name, target=171)


async def test_who_moderates_one_channel_on_discord_does_not_moderate_another(scene: Scene) -> None:
    other = Channel(Space(Platform.DISCORD, "9"), "other")
    room = scene.rooms[Platform.DISCORD]
    told = a_channel(other)
    room.listed[other] = told.info
    await scene.store.ledger.record([told])
    before = await scene.rows()
    there = Channel(other.space, "narwhal-bay")
    for name, args in (
        ("folkmoot-admin watch", {"channel": "other"}),
        ("digest schedule", WEEKLY | {"to": "other"}),
    ):
        with pytest.raises(CommandError, match="moderator"):
            await scene.run(name, args, who="mo", channel=there)
    assert await scene.rows() == before


async def test_paused_digests_are_not_promised_by_status(digested: Scene) -> None:
    assert "Weekly" in await digested.said("folkmoot status")
    await digested.run("digest pause", {"schedule": "Weekly"}, who="mo")
    assert "Weekly" not in await digested.said("folkmoot status")


@pytest.mark.parametrize(
    ("name", "args", "says"),
    [
        ("digest drop", {"item": "two"}, "must be a number, not 'two'"),
        ("digest schedule", WEEKLY | {"say_quiet": "perhaps"}, "is yes or no, not 'perhaps'"),
    ],
)
async def test_numbers_and_yes_or_no_are_asked_for_by_name(
    digested: Scene, name: str, args: dict[str, str], says: str
) -> None:
    assert says in await refusal(digested, name, args)
