"""One community on two platforms: how spaces are linked and parted, and what is shared by it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import CommandError
from bot.models import ChannelInfo, ChannelSeen, Form, PostKind, Space, SpaceGone
from storage.sql import rows
from tests.bot.commands.scene import Scene, words_of
from tests.linked.towns import CAMP, COMMON, DAILY, LODGE, SHOP, canary, code_of, link, place, posts, talk
from tests.makers import HELP, SPACE, a_channel, a_moment, a_space, an_author

EVENING = timedelta(hours=3)  # until the digest is due


async def refused(scene: Scene, name: str, args: dict[str, str], space: Space = SHOP, who: str = "root") -> str:
    with pytest.raises(CommandError) as error:
        await scene.run(name, args, who=who, channel=place(space))
    return str(error.value)


async def community(scene: Scene, space: Space) -> int:
    known = await scene.store.places.space(space)
    assert known is not None
    return known.community


async def linked(scene: Scene, space: Space) -> frozenset[Space]:
    known = await scene.store.places.space(space)
    assert known is not None
    return known.linked


async def unlink(scene: Scene, space: Space, answer: str = "yes", other: str = "") -> str:
    args = {"space": other} if other else {}
    form = await scene.run("folkmoot-admin unlink", args, who="root", channel=place(space))
    assert isinstance(form, Form)
    given = {**form.args, "confirm": answer}
    return await scene.said("folkmoot-admin unlink", given, who="root", channel=place(space))


async def evening(scene: Scene) -> tuple[list[str], list[str]]:
    """The digests that both halls have after the evening's, as they read then."""
    scene.clock.advance(EVENING)
    await scene.context.digests.tick(scene.clock.now())
    await scene.deliver()
    return digests(scene, CAMP), digests(scene, SHOP)


def digests(scene: Scene, space: Space) -> list[str]:
    return [said for each in posts(scene, space) if (said := words_of(each)).startswith("The day in ")]


async def test_a_code_links_two_spaces_and_both_hear_what_that_means(scene: Scene) -> None:
    code = await code_of(scene, CAMP)
    kept = await scene.store.database.read(lambda each: rows(each, "SELECT fingerprint FROM link_code"))
    assert code not in str(kept)
    typed = {"code": code.lower().replace("-", " ")}
    said = await scene.said("folkmoot-admin link", typed, who="root", channel=place(SHOP))
    assert "This space and Camp · Discord are one community now." in said
    assert await linked(scene, CAMP) == {SHOP}
    assert await linked(scene, SHOP) == {CAMP}
    assert await community(scene, CAMP) == await community(scene, SHOP) != await community(scene, LODGE)
    await scene.deliver()
    for space, other in ((CAMP, "Workshop · Slack"), (SHOP, "Camp · Discord")):
        [notice] = posts(scene, space)
        assert f"This space and {other} are one community now.\nDigests here may quote" in words_of(notice)
        [heard] = posts(scene, space, "staff")
        assert "Root (Camp · Discord) and Root (Workshop · Slack) linked them, 3 Aug 2026, 15:00." in words_of(heard)
    told = "What everybody here can read may be quoted in Camp · Discord too."
    assert told in await scene.said("privacy show", channel=place(SHOP))
    assert "may be quoted in" not in await scene.said("privacy show", channel=place(LODGE))
    shown = await scene.said("folkmoot-admin settings", who="root", channel=place(SHOP))
    assert "Linked with (/folkmoot admin link): Camp · Discord" in shown


async def test_a_code_that_is_not_right_links_nothing(scene: Scene) -> None:
    first = await code_of(scene, CAMP)
    assert "made here" in await refused(scene, "folkmoot-admin link", {"code": first}, CAMP)
    assert "I gave out no such code" in await refused(scene, "folkmoot-admin link", {"code": "ABCD-EFGH-JKLM"})
    second = await code_of(scene, CAMP)
    assert "I gave out no such code" in await refused(scene, "folkmoot-admin link", {"code": first})
    scene.clock.advance(timedelta(minutes=31))
    assert "older than 30 minutes" in await refused(scene, "folkmoot-admin link", {"code": second})
    assert await linked(scene, SHOP) == frozenset()
    third = await code_of(scene, CAMP)
    await scene.said("folkmoot-admin link", {"code": third}, who="root", channel=place(SHOP))
    assert "used already" in await refused(scene, "folkmoot-admin link", {"code": third}, LODGE)
    assert "linked already" in await refused(scene, "folkmoot-admin link", {"code": await code_of(scene, SHOP)}, CAMP)


async def test_a_code_is_made_only_where_it_can_be_told(scene: Scene) -> None:
    with pytest.raises(CommandError, match="Use this in a channel that I am in"):
        await scene.run("folkmoot-admin link", who="root", channel=place(CAMP, "unheard-of"))


async def test_a_code_is_taken_only_where_it_can_be_told(scene: Scene) -> None:
    code = {"code": await code_of(scene, CAMP)}
    with pytest.raises(CommandError, match="Use this in a channel that I am in"):
        await scene.run("folkmoot-admin link", code, who="root", channel=place(SHOP, "unheard-of"))
    assert await linked(scene, SHOP) == frozenset()
    await scene.run("folkmoot-admin link", code, who="root", channel=place(SHOP))
    assert await linked(scene, SHOP) == {CAMP}


async def test_a_space_may_try_five_wrong_codes_an_hour(scene: Scene) -> None:
    code = await code_of(scene, CAMP)
    for n in range(5):
        assert "no such code" in await refused(scene, "folkmoot-admin link", {"code": f"ABCD-EFGH-JKL{n + 2}"})
    assert "in an hour" in await refused(scene, "folkmoot-admin link", {"code": code})
    scene.clock.advance(timedelta(hours=1))
    code = await code_of(scene, CAMP)
    said = await scene.said("folkmoot-admin link", {"code": code}, who="root", channel=place(SHOP))
    assert "one community now" in said


async def test_a_code_dies_with_its_makers_data_and_with_their_space(scene: Scene) -> None:
    code = await code_of(scene, CAMP)
    await scene.store.people.erase(an_author("Root", space=CAMP).member, scene.clock.now())
    assert "I gave out no such code" in await refused(scene, "folkmoot-admin link", {"code": code})
    code = await code_of(scene, LODGE)
    await scene.store.ledger.record([SpaceGone(space=LODGE, at=scene.clock.now())])
    assert "Ask for a new one" in await refused(scene, "folkmoot-admin link", {"code": code})


async def test_the_room_that_needs_no_account_is_not_linked(scene: Scene) -> None:
    await scene.store.ledger.record([a_space(), a_channel()])
    code = await code_of(scene, CAMP)
    for args in ({}, {"code": code}):
        assert "needs no account" in await scene.said("folkmoot-admin link", args, who="root", channel=HELP)
    known = await scene.store.places.space(SPACE)
    assert known is not None
    assert known.linked == frozenset()


async def test_a_digest_says_what_came_from_where(scene: Scene) -> None:
    await link(scene)
    await scene.run("digest schedule", DAILY, who="mo", channel=place(CAMP))
    said = await scene.said("digest join", {"schedule": "evening"}, who="mo", channel=place(SHOP))
    assert "“Evening” goes to #workshop-hall" in said
    assert await scene.said("digest join", who="mo", channel=place(SHOP)) == said
    [[here], [there]] = await evening(scene)
    for digest in (here, there):
        assert digest.startswith("The day in Camp · 2–3 Aug · 4 discussions, ")
        assert f"— Bo · Who has a {canary(CAMP, 'hall')} {COMMON}? · Camp · Discord" in digest
        assert f"— Bo · Who has a {canary(SHOP, 'hall')} {COMMON}? · Workshop · Slack" in digest
    assert [len(each) for each in await evening(scene)] == [1, 1]


async def test_a_digest_follows_the_one_it_joined_until_the_spaces_part(scene: Scene) -> None:
    assert "No linked space" in await scene.said("digest join", who="mo", channel=place(SHOP))
    await link(scene)
    await scene.run("digest schedule", DAILY, who="mo", channel=place(CAMP))
    await scene.run("digest schedule", DAILY | {"name": "Den"}, who="root", channel=place(CAMP, "den"))
    assert "“Evening” (1, #camp-hall · Camp · Discord)." in await refused(scene, "digest join", {"schedule": "Den"})
    await scene.run("digest join", who="mo", channel=place(SHOP))
    assert "is changed there" in await refused(scene, "digest edit", {"at": "19:00"}, who="mo")
    await scene.run("digest edit", {"schedule": "1", "at": "17:00"}, who="mo", channel=place(CAMP))
    assert "17:00" in await scene.said("digest list", channel=place(SHOP))
    await unlink(scene, CAMP)
    await scene.run("digest edit", {"at": "16:00"}, who="mo", channel=place(SHOP))
    assert "17:00" in await scene.said("digest list", channel=place(CAMP))


async def test_a_preview_and_an_account_tell_of_linked_spaces_too(scene: Scene) -> None:
    await link(scene)
    await scene.run("digest schedule", DAILY, who="mo", channel=place(CAMP))
    preview = await scene.said("digest preview", channel=place(CAMP))
    await evening(scene)
    items = await scene.said("digest why", channel=place(CAMP))
    for said in (preview, items):
        assert canary(CAMP, "hall") in said
        assert canary(SHOP, "hall") in said
    number = next(line for line in items.splitlines() if canary(SHOP, "hall") in line).strip("- ").partition(".")[0]
    assert canary(SHOP, "hall") in await scene.said("digest why", {"item": number}, channel=place(CAMP))


async def test_unlinking_while_a_digest_waits_keeps_the_other_side_out(scene: Scene) -> None:
    await link(scene)
    await scene.run("digest schedule", DAILY, who="mo", channel=place(CAMP))
    scene.clock.advance(EVENING)
    await scene.context.digests.tick(scene.clock.now())
    assert "Nothing was changed" in await unlink(scene, SHOP, "no")
    assert "no longer linked" in await unlink(scene, SHOP)
    await scene.deliver()
    [digest] = digests(scene, CAMP)
    assert canary(SHOP, "hall") not in digest
    assert "(no longer available)" in digest


async def test_parting_takes_what_was_quoted_out_and_both_hear_of_it(scene: Scene) -> None:
    before = await community(scene, CAMP)
    await link(scene)
    await scene.run("digest schedule", DAILY, who="mo", channel=place(CAMP))
    [[digest], _] = await evening(scene)
    assert canary(SHOP, "hall") in digest
    await unlink(scene, SHOP)
    await scene.deliver()
    [digest] = digests(scene, CAMP)
    assert canary(SHOP, "hall") not in digest
    assert canary(CAMP, "hall") in digest
    assert await community(scene, CAMP) == before != await community(scene, SHOP)
    for space, other in ((CAMP, "Workshop · Slack"), (SHOP, "Camp · Discord")):
        heard = words_of(posts(scene, space, "staff")[-1])
        assert f"{other} and this space are no longer linked: Root (Workshop · Slack) ended it" in heard
    assert "linked with no other" in await scene.said("folkmoot-admin unlink", who="root", channel=place(SHOP))
    await link(scene)
    await scene.deliver()
    assert canary(SHOP, "hall") in digests(scene, CAMP)[0]


async def test_who_erased_themselves_is_named_no_longer(scene: Scene) -> None:
    await link(scene)
    await scene.deliver()
    await scene.store.people.erase(an_author("Root", space=CAMP).member, scene.clock.now())
    await unlink(scene, SHOP)
    await scene.store.people.opt_out(an_author("Root", space=SHOP).member, True, scene.clock.now())
    await scene.deliver()
    for space in (CAMP, SHOP):
        for heard in posts(scene, space, "staff"):
            assert "Root" not in words_of(heard)
            assert "Somebody (" in words_of(heard)


async def test_a_note_of_no_link_is_taken_away(scene: Scene) -> None:
    for subject in ("link:99:1", "unlink:99:1"):
        await scene.store.outbox.plan(PostKind.NOTICE, subject, place(CAMP), scene.clock.now())
    await scene.store.places.set_space(SHOP, log_channel="never-was")
    await link(scene)
    await scene.deliver()
    assert [len(posts(scene, space)) for space in (CAMP, SHOP)] == [1, 1]
    assert len(posts(scene, CAMP, "staff")) == 1


async def test_three_spaces_share_a_forum_and_each_pair_its_digests(scene: Scene) -> None:
    await link(scene, CAMP, SHOP)
    await link(scene, SHOP, LODGE)
    assert len({await community(scene, space) for space in (CAMP, SHOP, LODGE)}) == 1
    await scene.run("digest schedule", DAILY, who="mo", channel=place(CAMP))
    await scene.run("digest schedule", DAILY, who="mo", channel=place(SHOP))
    [[camp], [shop]] = await evening(scene)
    assert canary(LODGE, "hall") in shop
    assert canary(LODGE, "hall") not in camp
    [run] = [it for it in await scene.store.forum.runs(await community(scene, CAMP)) if it.schedule.id == 1]
    assert run.left_out >= 2  # both of the Lodge's hall
    said = await refused(scene, "folkmoot-admin unlink", {"space": "nowhere"})
    assert "Camp · Discord (1), Lodge · Discord (2)" in said
    await unlink(scene, SHOP, other="Camp")
    assert await community(scene, CAMP) != await community(scene, SHOP) == await community(scene, LODGE)
    schedules = await scene.store.calendar.schedules(await community(scene, SHOP))
    assert [it.destination for it in schedules] == [place(SHOP)]


async def test_a_space_that_is_gone_is_quoted_no_longer(scene: Scene) -> None:
    await link(scene)
    await scene.run("digest schedule", DAILY, who="mo", channel=place(CAMP))
    await evening(scene)
    await scene.store.ledger.record([SpaceGone(space=SHOP, at=scene.clock.now())])
    await scene.deliver()
    [digest] = digests(scene, CAMP)
    assert canary(SHOP, "hall") not in digest
    await scene.store.ledger.record(talk(place(SHOP), "later", 370))
    assert await evening(scene) == ([digest], [])
    assert "no longer linked" in await unlink(scene, CAMP)


async def test_a_destination_with_guests_gets_only_its_own(scene: Scene) -> None:
    await link(scene)
    await scene.run("digest schedule", DAILY, who="mo", channel=place(SHOP))
    hall = ChannelInfo(channel=place(SHOP), name="workshop-hall", guests=True)
    await scene.store.ledger.record([ChannelSeen(info=hall, at=a_moment(170))])
    _, [digest] = await evening(scene)
    assert canary(SHOP, "hall") in digest
    assert canary(CAMP, "hall") not in digest


async def named(scene: Scene, name: str) -> str:
    """What an admin is answered who names the community."""
    args = {"name": "community_name", "value": name}
    return await scene.said("folkmoot-admin set", args, who="root", channel=place(SHOP))


async def name(scene: Scene) -> str:
    known = await scene.store.places.channel(place(SHOP))
    assert known is not None
    return known.community_name


async def renamed(scene: Scene, space: Space, to: str, at: float) -> None:
    await scene.store.ledger.record([replace(a_space(space, to, hosted=False), at=a_moment(at))])


async def test_a_community_has_a_name_of_its_own(scene: Scene) -> None:
    await link(scene)
    await scene.run("digest schedule", DAILY, who="mo", channel=place(CAMP))
    [[digest], _] = await evening(scene)
    assert digest.startswith("The day in Camp · ")
    assert await named(scene, "Light  makers") == "Name of the community: Light makers."
    await scene.deliver()
    assert digests(scene, CAMP)[0].startswith("The day in Light makers · ")
    with pytest.raises(CommandError, match="at most 60 characters"):
        await named(scene, "x" * 61)
    await renamed(scene, CAMP, "Base", 500)
    assert await name(scene) == "Light makers"
    assert await named(scene, "off") == "Name of the community: Base."
    await renamed(scene, SHOP, "Base", 501)
    await renamed(scene, SHOP, "Yard", 502)
    assert await name(scene) == "Base"
    await renamed(scene, CAMP, "Camp", 503)
    assert await name(scene) == "Camp"
