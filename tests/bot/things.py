"""Discussions, posts and channels to try the rules on; every part can be said otherwise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.models import (
    Channel,
    ChannelInfo,
    ChannelSettings,
    Discussion,
    KnownChannel,
    KnownSpace,
    Level,
    MemberRef,
    MessageRef,
    Platform,
    Post,
    Space,
    SpaceInfo,
    Stored,
    Thread,
    Withheld,
)

NOW = datetime(2026, 8, 9, 14, 5, tzinfo=UTC)
SPACE = Space(Platform.LOCAL, "local")
HELP = Channel(SPACE, "help")
ANA, BEN, CLEO = (MemberRef(SPACE, name) for name in ("ana", "ben", "cleo"))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def a_known_channel(channel: Channel = HELP, *, level: Level = Level.WEB, **more: Any) -> KnownChannel:  # noqa: ANN401 - handed on by name
    """A watched public channel; parts of ChannelInfo, ChannelSettings and KnownChannel by their names."""
    info = {key: more.pop(key) for key in list(more) if key in ChannelInfo.__dataclass_fields__}
    settings = {key: more.pop(key) for key in list(more) if key in ChannelSettings.__dataclass_fields__}
    return KnownChannel(
        key=more.pop("key", 1),
        community=1,
        info=ChannelInfo(channel=channel, name=info.pop("name", channel.id), **info),
        settings=ChannelSettings(watched=True, level=level, **settings),
        **more,
    )


def a_known_space(**more: Any) -> KnownSpace:  # noqa: ANN401 - handed on by name
    """The local space, set up; its parts by their names."""
    return KnownSpace(key=1, community=1, info=SpaceInfo(space=SPACE, name="Our room"), **more)


def a_discussion(**more: Any) -> Discussion:  # noqa: ANN401 - handed on by name
    """The discussion of the sample page: nine messages, the last two hours ago."""
    channel = more.pop("channel", a_known_channel())
    opened_at = more.get("opened_at", NOW - timedelta(hours=5))
    known = Discussion(
        id=7,
        thread=Thread(channel.channel, str(int((opened_at - EPOCH).total_seconds() * 1_000_000))),
        channel=channel,
        title="Small models",
        summary="What small models change.",
        title_set=False,
        title_made=False,
        summary_set=False,
        count=9,
        participants=4,
        highlights=0,
        waiting=0,
        last_activity=NOW - timedelta(hours=2),
        opened_at=opened_at,
        opener=ANA,
        opener_name="Ana",
        stored=Stored.OPEN,
        state_by=None,
        state_at=None,
        outcome="",
        replies_since=0,
        quiet_after=24 * 3600,
        archive_after=None,
        archived=False,
        locked=False,
        removed=False,
        hidden=False,
        private=False,
        url="",
    )
    return replace(known, **more)


def a_post(text: str | None = "Hello.", number: int = 1, author: MemberRef | None = ANA, **more: Any) -> Post:  # noqa: ANN401 - by name
    """A live counted message; `number` orders them. One whose text is None is deleted unless said otherwise."""
    ref = MessageRef(HELP, str(number))
    known = Post(
        ref=ref,
        discussion=7,
        author=author,
        author_name=author.id.capitalize() if author and text is not None else None,
        is_bot=False,
        text=text,
        withheld=Withheld.DELETED if text is None else None,
        counted=True,
        sent_at=NOW - timedelta(hours=4) + timedelta(minutes=number % 200),
        edited_at=None,
        reply_to=None,
        files=(),
        votes=0,
        picked=False,
        url=f"https://chat.example/{number}",
    )
    return replace(known, **more)
