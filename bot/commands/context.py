"""What every command works with."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.access import reader_scope
from bot.catchup import Progress
from bot.digesting import Digests
from bot.errors import Unavailable
from bot.models import Command, Event, KnownChannel, KnownSpace, Platform, Scope, Space
from bot.ports import Adapter, Clock, Store
from bot.texts import Texts
from bot.urls import Urls


def nothing_read(_space: Space) -> Sequence[Progress]:
    """Progress where nothing is ever read."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The store, the platforms and the addresses; made once, at the start.

    `tell` takes what a command does as an event (a vote); without one it is recorded in the store and nothing else.
    `progress` says what is being read in a space just now.
    """

    store: Store
    clock: Clock
    adapters: Mapping[Platform, Adapter]
    digests: Digests
    urls: Urls
    texts_for: Callable[[str, str], Texts]
    tell: Callable[[Event], Awaitable[None]] | None = None
    progress: Callable[[Space], Sequence[Progress]] = nothing_read

    async def record(self, event: Event) -> None:
        """Keep an event; durable on return."""
        if self.tell is None:
            await self.store.ledger.record([event])
        else:
            await self.tell(event)

    def adapter_of(self, space: Space) -> Adapter:
        """The platform of a space. Unavailable while it is not connected."""
        adapter = self.adapters.get(space.platform)
        if adapter is None:
            raise Unavailable(f"{space.platform} is not connected")
        return adapter

    async def space_of(self, command: Command) -> KnownSpace | None:
        """The space that a command is used in."""
        return await self.store.places.space(command.channel.space)

    async def texts_of(self, command: Command) -> Texts:
        """The texts for a private answer: the asker's language, the space's zone."""
        space = await self.space_of(command)
        texts = self.texts_for(command.asker.locale, "UTC" if space is None else space.zone)
        return texts.on(command.channel.space.platform)

    def texts_in(self, space: KnownSpace) -> Texts:
        """The texts for what is posted in a space."""
        return self.texts_for(space.locale, space.zone).on(space.info.space.platform)

    async def readable(self, command: Command, *, removed: bool = False) -> tuple[KnownChannel, ...]:
        """The channels of the asker's own space that the asker can open, by name; the only ones an answer may name.

        `removed`: those that we cannot open any more too.
        """
        space, known = command.channel.space, await self.store.places.channels()
        known = [it for it in known if it.channel.space == space and (removed or not it.removed)]
        adapter = self.adapters.get(space.platform)
        if adapter is None:
            return ()
        readable = await adapter.readable(command.asker.member, [it.channel for it in known])
        return tuple(it for it in known if it.channel in readable)

    async def scope_of(self, command: Command) -> Scope:
        """What the asker may be shown here: the discussions of the channels that they can open."""
        channels = await self.readable(command)
        return reader_scope(channels, [it.channel for it in channels], command.channel)
