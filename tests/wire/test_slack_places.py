"""What becomes of channels and people of a workspace, and who may see what."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from bot.models import Channel as Place
from bot.models import Lack, MemberRef, Role
from tests.camps_slack import Workspace
from tests.makers import a_channel
from tests.servers.faults import Delay, Status
from tests.servers.slack import Channel, Member
from tests.servers.slack import Role as Rank

SECOND = timedelta(seconds=1)  # of two statements about a channel the later holds


async def test_a_channel_is_what_it_becomes(workspace: Workspace) -> None:
    eve, channel = workspace.member("Eve", Rank.OWNER), workspace.help
    await workspace.is_now(channel, name="help", private=False, removed=False, guests=False)
    changes: tuple[tuple[Callable[[], None], dict[str, object]], ...] = (
        (lambda: channel.make_private(eve), {"private": True}),
        (lambda: channel.make_public(eve), {"private": False}),
        (lambda: channel.rename(eve, "questions"), {"name": "questions"}),
        (lambda: channel.connect("T0OTHER001"), {"connect": True}),
        (lambda: channel.disconnect("T0OTHER001"), {"connect": False}),
        (lambda: channel.archive(eve), {"archived": True}),
        (lambda: channel.unarchive(eve), {"archived": False}),
        (channel.kick_bot, {"removed": True}),
        (lambda: channel.invite_bot(eve), {"removed": False}),
        (lambda: channel.delete(eve), {"removed": True}),
    )
    for happens, wanted in changes:
        workspace.clock.advance(SECOND)
        happens()
        await workspace.is_now(channel, **wanted)


async def test_a_channel_that_we_are_invited_to_is_known(workspace: Workspace) -> None:
    eve = workspace.member("Eve", Rank.OWNER)
    hut = workspace.server.creates(eve, "hut", private=True)
    hut.invite_bot(eve)
    await workspace.is_now(hut, name="hut", private=True)


async def test_guests_make_a_channel_one_with_guests(workspace: Workspace) -> None:
    gus = workspace.member("Gus", Rank.GUEST)
    workspace.clock.advance(SECOND)
    workspace.help.join(gus)
    await workspace.is_now(workspace.help, guests=True)
    workspace.clock.advance(SECOND)
    workspace.help.leave(gus)
    await workspace.is_now(workspace.help, guests=False)


async def test_what_no_event_told_is_found_by_the_watch(workspace: Workspace) -> None:
    eve = workspace.member("Eve", Rank.OWNER)
    workspace.server.deliveries.pause()
    workspace.clock.advance(SECOND)
    workspace.help.make_private(eve)
    workspace.server.deliveries.forget()
    await workspace.session.watch.look(deep=True)
    await workspace.is_now(workspace.help, private=True)


async def test_who_may_read_what(workspace: Workspace) -> None:
    ada, gus, eve = (workspace.member(name, rank) for name, rank in
                     (("Ada", Rank.FULL), ("Gus", Rank.GUEST), ("Eve", Rank.OWNER)))  # fmt: skip
    hut = workspace.server.channel("hut", private=True, members=(eve,))
    hall = workspace.server.channel("hall", members=(gus,))
    foreign = workspace.server.foreigner("Fay")
    await workspace.session.watch.look(deep=True)
    adapter = workspace.parts.adapters[workspace.space.platform]

    async def reads(member: Member) -> list[Channel]:
        here = {Place(workspace.space, each.id): each for each in (workspace.help, hall, hut)}
        found = await adapter.readable(MemberRef(workspace.space, member.id), list(here))
        return [channel for place, channel in here.items() if place in found]

    assert await reads(ada) == [workspace.help, hall]
    assert await reads(gus) == [hall]
    assert await reads(eve) == [workspace.help, hall, hut]
    assert await reads(foreign) == []


async def test_a_channel_that_turns_private_while_all_are_looked_at_is_closed_at_once(workspace: Workspace) -> None:
    ada, eve = workspace.member("Ada"), workspace.member("Eve", Rank.OWNER)
    workspace.help.leave(ada)
    workspace.clock.advance(SECOND)
    workspace.help.join(workspace.member("Gus", Rank.GUEST))
    await workspace.is_now(workspace.help, guests=True)
    adapter, server = workspace.parts.adapters[workspace.space.platform], workspace.server
    reader, here = MemberRef(workspace.space, ada.id), [workspace.place]
    assert await adapter.readable(reader, here) == {workspace.place}
    before = len(server.log.requests("conversations.members"))
    server.faults.on("conversations.members", Delay(0.5))
    looking = asyncio.create_task(workspace.session.watch.look(deep=True))
    await workspace.until(lambda: len(server.log.requests("conversations.members")) > before)
    workspace.clock.advance(SECOND)
    workspace.help.make_private(eve)
    await workspace.is_now(workspace.help, private=True)
    await looking
    assert await adapter.readable(reader, here) == set()


async def test_who_may_do_what(workspace: Workspace) -> None:
    ada, bo, eve = (workspace.member(name, rank) for name, rank in
                    (("Ada", Rank.FULL), ("Bo", Rank.FULL), ("Eve", Rank.ADMIN)))  # fmt: skip
    group = workspace.server.group("helpers", bo)
    said = await workspace.help.command(eve, "/folkmoot-admin", f"set moderator_group {group.id}").answer()
    assert group.id in str(said.blocks)
    known = await workspace.store.places.space(workspace.space)

    async def roles(member: Member) -> set[Role]:
        return set(await workspace.session.roster.roles(known, member.id)) - {Role.MEMBER}

    assert await roles(ada) == set()
    assert await roles(bo) == {Role.MODERATOR}
    assert await roles(eve) == {Role.MODERATOR, Role.ADMIN}


async def test_somebody_who_is_renamed_is_called_so(workspace: Workspace) -> None:
    ada = workspace.member("Ada")
    first = workspace.help.post(ada, "Which tent?")
    await workspace.stored(first)
    assert (await workspace.post(first)).author_name == "Ada"
    ada.rename("Ada L")
    await workspace.server.deliveries.settled()
    second = workspace.help.post(ada, "Or a hut?")
    await workspace.stored(second)
    assert (await workspace.post(first)).author_name == (await workspace.post(second)).author_name == "Ada L"


async def test_what_is_missing_is_named(workspace: Workspace) -> None:
    adapter, app = workspace.parts.adapters[workspace.space.platform], workspace.server.app

    async def lacking() -> dict[Lack, tuple[str, ...]]:
        found = await adapter.examine([workspace.place])
        return {each.lack: each.permissions for each in found if each.sure}

    assert await lacking() == {}
    app.scopes.discard("reactions:read")
    assert await lacking() == {Lack.SCOPES: ("reactions:read",)}
    app.scopes.add("reactions:read")
    workspace.help.kick_bot()
    await workspace.is_now(workspace.help, removed=True)
    workspace.clock.advance(SECOND)
    assert await lacking() == {Lack.MEMBER: ()}
    workspace.help.invite_bot(workspace.member("Eve", Rank.OWNER))
    await workspace.is_now(workspace.help, removed=False)
    await workspace.no_gap()
    app.events.discard("message.channels")
    workspace.help.post(workspace.member("Ada"), "Does anybody hear me?")
    workspace.clock.advance(timedelta(minutes=5))
    await workspace.session.watch.look(deep=True)
    assert await lacking() == {Lack.EVENTS: ("message.channels",)}
    app.app_scopes.discard("connections:write")
    app_token_matters = app.socket_mode
    assert (Lack.APP_TOKEN in await lacking()) is app_token_matters
    workspace.server.revoke_token()
    assert Lack.TOKEN in await lacking()


async def test_a_channel_of_an_archive_stays_while_everybody_can_open_it(
    workspace: Workspace,
) -> None:
    eve, space = workspace.member("Eve", Rank.OWNER), workspace.place.space
    old, den = workspace.server.creates(eve, "old"), workspace.server.creates(eve, "den", private=True)
    await workspace.store.ledger.record([a_channel(Place(space, each.id)) for each in (old, den)])
    stumble = workspace.server.faults.on("conversations.info", Status(200, {"ok": False, "error": "internal_error"}))
    await workspace.session.watch.look(deep=True)  # Slack does not answer for the first: the others are known
    assert stumble.bites
    await workspace.is_now(den, removed=True)
    await workspace.is_now(old, removed=False)
    workspace.clock.advance(SECOND)
    old.make_private(eve)
    await workspace.session.watch.look(deep=True)
    await workspace.is_now(old, removed=True)


async def test_a_followed_channel_that_we_were_put_out_of_meanwhile_is_gone_though_it_is_public(
    workspace: Workspace,
) -> None:
    eve, space = workspace.member("Eve", Rank.OWNER), workspace.place.space
    old = workspace.server.creates(eve, "old")
    await workspace.store.ledger.record([a_channel(Place(space, old.id))])
    await workspace.store.places.watch(Place(space, old.id), True)
    await workspace.session.watch.look(deep=True)
    await workspace.is_now(old, removed=True)
