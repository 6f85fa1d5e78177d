"""A backup that was made while people talked is started, and has all that they said since."""

import asyncio
from pathlib import Path

import pytest

from storage import SqlStore, open_store
from tests.camps import PATIENCE, Camp, folkmoot
from tests.makers import SetClock
from tests.servers.discord import DiscordServer
from tests.storage.test_backup import PROGRAMS, restored
from tests.wire.keeping import all_kept, no_gap, seen, sized


@sized("messages", 30, 3000)
async def test_a_backup_under_load_is_started_and_misses_nothing(
    discord: DiscordServer,
    store: SqlStore,
    clock: SetClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    messages: float,
) -> None:
    monkeypatch.setenv("PATH", str(PROGRAMS), prepend=":")
    guild, target = discord.guild("Camp"), tmp_path / "copy"
    help_, ada = guild.channel("help"), guild.member("Ada")
    async with folkmoot(discord, store, clock) as parts:
        await seen(Camp(discord, guild, help_, store, clock, parts), help_)
        said = [help_.post(ada, "Which tent?")]
        thread = said[0].thread(ada, "Tents")
        said += [thread.post(ada, f"Before {n}.") for n in range(int(messages))]
        async with asyncio.timeout(PATIENCE):
            while (await store.ledger.audit()).messages < messages / 2:
                await store.ledger.wait(await store.ledger.last_seq(), 0.1)
        copying = asyncio.create_task(store.backup(target))
        while not copying.done():
            said.append(thread.post(ada, f"Meanwhile {len(said)}."))
            await store.ledger.wait(await store.ledger.last_seq(), 0.05)
        await copying
    said[3].edit("Changed since.")
    said.pop(5).delete()
    said += [help_.post(ada, f"After {n}.") for n in range(int(messages))]
    copy = open_store(restored(store, target))
    async with folkmoot(discord, copy, clock) as parts:
        await all_kept(copy, said, PATIENCE + messages / 20)
        await no_gap(Camp(discord, guild, help_, copy, clock, parts))
    await copy.close()
