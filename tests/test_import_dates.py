"""Exports that tell of times that cannot be: what a platform says afterwards holds, and pages are shown."""

from datetime import timedelta
from pathlib import Path

import pytest

from adapters.archives.export import Options
from bot.cli.exporting import Exporting
from bot.models import Channel, ChannelGone, ChannelInfo, ChannelSeen, Platform, Space, Thread, ThreadGone
from storage import SqlStore
from tests.adapters.archives.exports import FORUM, GUILD, as_zip, discord_export, discord_post, slack_export
from tests.makers import NOON
from tests.test_import import CAMP, bring

LATER = NOON + timedelta(minutes=1)
POST = "800000000000000001"
IDEAS = Channel(Space(Platform.DISCORD, GUILD), FORUM)


async def test_a_channel_that_closes_after_an_import_is_closed_though_the_workspace_s_day_is_ahead(
    store: SqlStore, tmp_path: Path
) -> None:
    files = slack_export() | {"camp/2099-01-01.json": []}
    await bring(store, as_zip(tmp_path / "x.zip", files), Options(now=NOON))
    info = ChannelInfo(channel=CAMP, name="camp", private=True)
    await store.ledger.record([ChannelSeen(info=info, at=LATER)])
    known = await store.places.channel(CAMP)
    assert known is not None
    assert known.info.private
    await store.ledger.record([ChannelGone(channel=CAMP, at=LATER)])
    known = await store.places.channel(CAMP)
    assert known is not None
    assert known.removed


async def test_a_thread_that_is_deleted_after_an_import_is_gone_though_the_exporter_s_clock_was_ahead(
    store: SqlStore, tmp_path: Path
) -> None:
    files = {name: file | {"exportedAt": "2099-01-01T00:00:00+00:00"} for name, file in discord_export().items()}
    await bring(store, as_zip(tmp_path / "x.zip", files), Options(now=NOON))
    await store.ledger.record([ThreadGone(thread=Thread(IDEAS, POST), at=LATER)])
    found = await store.forum.discussion_of(Thread(IDEAS, POST))
    assert found is not None
    assert found.removed


@pytest.mark.parametrize("never", ["9999-12-31T23:59:59.999+00:00", "0001-01-01T00:00:00+00:00"])
async def test_a_message_of_no_time_is_left_out_in_one_sentence_and_the_rest_is_shown(
    store: SqlStore, tmp_path: Path, never: str
) -> None:
    messages = discord_export()[f"Camp - ideas - Gate [{POST}].json"]["messages"]
    messages[-1] |= {"timestamp": never}
    messages[0] |= {"timestampEdited": never}
    tally = await bring(store, as_zip(tmp_path / "x.zip", {"gate.json": discord_post(POST, "Gate", messages)}))
    assert tally.problems == [
        f"x.zip, gate.json is damaged: message {len(messages)} of it has no valid id or time and was left out."
    ]
    assert await Exporting(store, tmp_path / "out", "", everything=True).run() == (1, len(messages) - 1)
    (opening, *_) = await store.forum.posts(1)
    assert opening.edited_at is None
