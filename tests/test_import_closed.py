"""What an import may not open."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.access import web_scope
from bot.models import Channel, ChannelGone, ChannelInfo, ChannelSeen, Level, Platform, Space, SpaceInfo, SpaceSeen
from storage import SqlStore
from tests.adapters.archives.exports import FORUM, GENERAL, GUILD, as_zip, discord_export
from tests.test_import import bring


async def test_an_import_opens_no_channel_that_its_platform_closed(store: SqlStore, tmp_path: Path) -> None:
    space = Space(Platform.DISCORD, GUILD)
    closed, gone = Channel(space, GENERAL), Channel(space, FORUM)
    told = datetime(2024, 5, 20, tzinfo=UTC)  # before the export was made
    await store.ledger.record(
        [
            SpaceSeen(info=SpaceInfo(space=space, name="Camp"), at=told),
            ChannelSeen(info=ChannelInfo(channel=closed, name="general", private=True, nsfw=True), at=told),
            ChannelSeen(info=ChannelInfo(channel=gone, name="ideas", forum=True), at=told),
            ChannelGone(channel=gone, at=told + timedelta(days=1)),
        ]
    )
    await store.places.set_level(gone, Level.WEB, 0)
    await bring(store, as_zip(tmp_path / "x.zip", discord_export()), share=Level.WEB)
    known = {each.channel: each for each in await store.places.channels()}
    assert (known[closed].info.private, known[closed].info.nsfw) == (True, True)
    assert known[closed].settings.level is Level.DIGEST
    assert known[gone].removed
    assert not web_scope(known.values()).channels
