"""Votes on what we posted ourselves: on our copy of a highlight they count for the original, elsewhere for nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeGuard

from bot.models import Channel, Event, MessageRef, PostKind, VoteCast, VoteSource, VotesRead
from bot.ports import Store

HIGHLIGHT = "highlight"  # subjects of our copies are "highlight:{channel key}:{message id}"


def highlight_subject(channel_key: int, ref: MessageRef) -> str:
    """What the copy of a highlighted message is about."""
    return f"{HIGHLIGHT}:{channel_key}:{ref.id}"


async def counted_for_originals(store: Store, events: Sequence[Event]) -> Sequence[Event]:
    """Events with the reactions on our copies turned into votes for the originals; those on other posts of ours go.

    One look into the outbox for all of them, none where nobody reacted.
    """
    asked = {event.ref for event in events if _is_reaction(event)}
    ours = await store.outbox.posted(asked) if asked else {}
    if not ours:
        return events
    channels = {known.key: known.channel for known in await store.places.channels()}
    originals = {ref: _original(post.kind, post.subject, channels) for ref, post in ours.items()}
    turned = (_turned(event, originals) for event in events)
    return [event for event in turned if event is not None]


def _is_reaction(event: Event) -> TypeGuard[VoteCast | VotesRead]:
    return isinstance(event, VoteCast | VotesRead) and event.source is VoteSource.REACTION


def _turned(event: Event, originals: Mapping[MessageRef, MessageRef | None]) -> Event | None:
    """A vote where it belongs; None if it is worth nothing."""
    if not _is_reaction(event) or event.ref not in originals:
        return event
    original = originals[event.ref]
    return None if original is None else replace(event, ref=original, source=VoteSource.COPY)


def _original(kind: PostKind, subject: str, channels: Mapping[int, Channel]) -> MessageRef | None:
    """The message that a post of ours is a copy of."""
    if kind is not PostKind.HIGHLIGHT:
        return None
    _, key, ident = subject.split(":", 2)
    channel = channels.get(int(key))
    return None if channel is None else MessageRef(channel, ident)
