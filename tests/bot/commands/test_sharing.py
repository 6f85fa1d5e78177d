"""What a raise of the sharing level brings back, and what it does not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import CommandError
from bot.models import Form, MessageRef, Platform, position_at
from tests.bot.commands.scene import AWAY_CHANNEL, Scene
from tests.makers import NOON, a_discussion, a_message, seen

WORDS = "Does an narwhal bite?"


async def share(scene: Scene, **args: str) -> None:
    answer = await scene.run("folkmoot-admin share", args, who="root", channel=AWAY_CHANNEL)
    if isinstance(answer, Form):
        await scene.run("folkmoot-admin share", {**answer.args, "confirm": "yes"}, who="root", channel=AWAY_CHANNEL)


@pytest.mark.parametrize("level", ["digest", "web"])
@pytest.mark.parametrize(("history", "kept"), [({}, None), ({"include_history": "yes"}, WORDS)])
async def test_words_of_what_was_only_counted_return_when_it_is_asked_for(
    scene: Scene, level: str, history: dict[str, str], kept: str | None
) -> None:
    old = a_message(0, WORDS, channel=AWAY_CHANNEL)
    await share(scene, level="count")
    scene.clock.advance(timedelta(minutes=1))
    await share(scene, level=level, **history)
    later = MessageRef(AWAY_CHANNEL, str(position_at(Platform.DISCORD, NOON + timedelta(hours=4))))
    await scene.store.ledger.record([seen(old), seen(replace(old, ref=later, text="And a shark?"))])
    texts = [post.text for ref in (old.ref, later) if (post := await scene.store.forum.post(ref)) is not None]
    assert texts == [kept, "And a shark?"]
    assert (await scene.store.ledger.audit()).drift == 0


async def test_what_is_hosted_here_keeps_its_words_at_every_level(scene: Scene) -> None:
    opening = a_message(0)
    await scene.run("folkmoot-admin share", {"level": "count"}, who="root")
    await scene.run("folkmoot-admin share", {"level": "digest"}, who="root")
    await scene.store.ledger.record([seen(replace(opening, text="Which one?", edited_at=NOON + timedelta(hours=3)))])
    post = await scene.store.forum.post(opening.ref)
    assert post is not None
    assert post.text == "Which one?"


async def test_words_are_refused_where_only_numbers_are_kept(scene: Scene) -> None:
    await scene.store.ledger.record(a_discussion(2, AWAY_CHANNEL, start=600))
    await share(scene, level="count")
    for command, args in (("discussion edit", {"title": "Tents"}), ("discussion conclude", {"outcome": "Two poles."})):
        with pytest.raises(CommandError, match="Only numbers are kept of #narwhal-bay"):
            await scene.run(command, args, who="root", channel=AWAY_CHANNEL, thread=600)
    args = {"sent": "yes"}
    said = await scene.said("discussion conclude", args, who="root", channel=AWAY_CHANNEL, thread=600)
    assert "Concluded." in said
