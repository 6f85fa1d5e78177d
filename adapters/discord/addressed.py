"""Commands written to us as a message: Discord has no private answer to those, so the slash command is named."""

from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from cachetools import TTLCache

from adapters.discord.api import Api
from adapters.discord.convert import command_in
from adapters.discord.convert.reading import record, snowflake
from adapters.discord.render import pointer_payload
from bot.errors import PlatformError
from bot.models import Platform, Space
from bot.ports import Store
from bot.texts import texts_for

QUIET, PLACES = 60.0, 1000  # seconds between two of our replies in one place, and how many places are remembered

log = structlog.get_logger(__name__)


class Addressed:
    """Replies to "@Folkmoot status" that /folkmoot status is what is wanted; rarely, and pinging nobody."""

    def __init__(self, *, api: Api, store: Store, own: str) -> None:
        self._api = api
        self._store = store
        self._own = own
        self._answered: MutableMapping[str, bool] = TTLCache(PLACES, QUIET)

    def means_us(self, payload: Mapping[str, Any]) -> bool:
        """Whether a new message is a person's, and begins with our mention and a command of ours."""
        author = payload.get("author")
        person = isinstance(author, dict) and not author.get("bot") and not payload.get("webhook_id")
        return person and command_in(payload.get("content"), self._own) is not None

    async def answer(self, payload: Mapping[str, Any]) -> None:
        """Reply to a message that `means_us`; nothing if a reply of ours stands there since less than a minute."""
        place, guild = snowflake(payload.get("channel_id")), snowflake(record(payload).get("guild_id"))
        command = command_in(payload.get("content"), self._own)
        if command is None or not guild or place in self._answered:
            return
        self._answered[place] = True
        space = await self._store.places.space(Space(Platform.DISCORD, guild))
        texts = texts_for("en" if space is None else space.locale)
        said = texts.say("Please use {command}: then only you see my answer.", command=f"/{command}")
        payload = pointer_payload(said, snowflake(payload.get("id")))
        try:
            await self._api.call("POST", "/channels/{channel_id}/messages", json=payload, channel_id=place)
        except PlatformError as error:
            log.info("not answered where we were addressed", channel=place, reason=str(error))
