"""How spaces are told apart, wherever things from several stand side by side."""

from bot.models import KnownChannel, KnownSpace, Platform

PLATFORMS = {Platform.DISCORD: "Discord", Platform.SLACK: "Slack"}  # the room's own name says what it is


def space_label(name: str, platform: Platform) -> str:
    """A space and where it is: "Camp · Discord"."""
    return " · ".join(filter(None, (name, PLATFORMS.get(platform))))


def label_of(space: KnownSpace) -> str:
    """The same for a known space."""
    return space_label(space.info.name, space.info.space.platform)


def origin_of(channel: KnownChannel) -> str:
    """The same for the space of a channel."""
    return space_label(channel.space_name, channel.channel.space.platform)
