"""Tiny builders of values, with sensible defaults, that all tests share."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.models import (
    Author,
    Channel,
    ChannelInfo,
    ChannelSeen,
    Kind,
    MemberRef,
    Message,
    MessageDeleted,
    MessageRef,
    MessageSeen,
    Origin,
    Platform,
    Space,
    SpaceInfo,
    SpaceSeen,
    Thread,
    VoteCast,
    VoteSource,
)

NOON = datetime(2026, 8, 3, 12, 0, tzinfo=UTC)
SPACE = Space(Platform.LOCAL, "local")
HELP = Channel(SPACE, "help")


@dataclass
class SetClock:
    """A clock that stands until it is set."""

    at: datetime = field(default=NOON)

    def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        self.at += by

    def set(self, at: datetime) -> None:
        self.at = at


def a_moment(minutes: float = 0) -> datetime:
    return NOON + timedelta(minutes=minutes)


def an_id(minutes: float = 0) -> str:
    """The id that the local room gives a message sent this many minutes after noon."""
    return str(int(a_moment(minutes).timestamp() * 1_000_000))


def an_author(name: str = "Ada", *, space: Space = SPACE, is_bot: bool = False) -> Author:
    return Author(member=MemberRef(space, name.lower()), name=name, is_bot=is_bot)


def a_message(
    minutes: float = 0,
    text: str = "Which tent holds out in a storm?",
    *,
    thread: float | None = None,
    author: str = "Ada",
    channel: Channel = HELP,
    edited: float | None = None,
    kind: Kind = Kind.PERSON,
    reply_to: float | None = None,
) -> Message:
    """A message sent so many minutes after noon; `thread` says when the thread's first message was sent."""
    return Message(
        ref=MessageRef(channel, an_id(minutes)),
        thread=Thread(channel, an_id(minutes if thread is None else thread)),
        author=an_author(author, space=channel.space, is_bot=kind is Kind.BOT),
        text=text,
        sent_at=a_moment(minutes),
        edited_at=None if edited is None else a_moment(edited),
        kind=kind,
        reply_to=None if reply_to is None else an_id(reply_to),
    )


def seen(message: Message, origin: Origin = Origin.LIVE) -> MessageSeen:
    return MessageSeen(message=message, origin=origin)


def deleted(minutes: float, at: float = 600, channel: Channel = HELP) -> MessageDeleted:
    return MessageDeleted(ref=MessageRef(channel, an_id(minutes)), thread=None, at=a_moment(at))


def a_vote(
    minutes: float,
    voter: str = "Bo",
    *,
    at: float = 300,
    active: bool = True,
    source: VoteSource = VoteSource.REACTION,
    channel: Channel = HELP,
) -> VoteCast:
    return VoteCast(
        ref=MessageRef(channel, an_id(minutes)),
        voter=an_author(voter, space=channel.space),
        source=source,
        active=active,
        at=a_moment(at),
    )


def a_space(space: Space = SPACE, name: str = "The local room", *, hosted: bool = True) -> SpaceSeen:
    return SpaceSeen(info=SpaceInfo(space=space, name=name, hosted=hosted), at=NOON)


def a_channel(channel: Channel = HELP, *, private: bool = False, nsfw: bool = False) -> ChannelSeen:
    return ChannelSeen(info=ChannelInfo(channel=channel, name=channel.id, private=private, nsfw=nsfw), at=NOON)


def a_discussion(replies: int = 8, channel: Channel = HELP, start: float = 0) -> list[MessageSeen]:
    """An opening post by Ada and so many replies by others, a minute apart."""
    people = ("Bo", "Cem", "Dina", "Eve", "Finn", "Gus", "Hal")
    opening = seen(a_message(start, channel=channel))
    return [opening] + [
        seen(
            a_message(
                start + n,
                f"Reply {n} about tents.",
                thread=start,
                author=people[n % len(people)],
                channel=channel,
            )
        )
        for n in range(1, replies + 1)
    ]
