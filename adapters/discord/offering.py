"""Tells Discord which commands we have."""

import asyncio

import structlog

from adapters.discord.api import Api
from adapters.discord.render import application_commands, commands_hash
from bot.errors import FolkmootError
from bot.ports import Store

SYNCED = "discord commands "  # the cursor that holds the hash of the commands sent last
AGAIN, LONGEST = 15.0, 3600.0  # seconds before commands that were not taken are sent again: at first, and in the end

log = structlog.get_logger(__name__)


async def offer(api: Api, store: Store, application: str) -> None:
    """Send our commands if they differ from those sent last, again and again until Discord takes them.

    Nothing else may wait for it: Discord takes only so many new commands in a day, and may not answer here while
    messages go on coming.
    """
    commands, wait = application_commands(), AGAIN
    mark = f"{SYNCED}{application} {commands_hash(commands)}"
    while True:
        try:
            if not await store.outbox.cursor(mark):
                await api.call(
                    "PUT", "/applications/{application_id}/commands", json=commands, application_id=application
                )
                await store.outbox.set_cursor(mark, 1)
        except FolkmootError as error:
            log.warning("Discord did not take our commands", reason=str(error), again_in=wait)
        else:
            return
        await asyncio.sleep(wait)
        wait = min(2 * wait, LONGEST)
