"""Where people talk, and who they are."""

from storage.migrations.first.making import big, flag, index, table, text, whole


def create() -> None:
    """Make these tables."""
    _community()
    _space()
    _channel()
    _sweep()
    _member()
    _space_link()
    _link_code()
    _link_try()


def _community() -> None:
    """Spaces that belong together."""
    table(
        "community",
        whole("id"),
        text("name"),
    )


def _space() -> None:
    """One Discord server, one Slack workspace, or the local room."""
    table(
        "space",
        whole("id", "community_id"),
        text("platform", "sid", "name"),
        flag("hosted"),
        text("invite_url"),
        big("info_at"),
        big("removed_at", nullable=True),
        text("settings"),
        unique=("platform", "sid"),
        refers={"community": ("community_id",)},
    )


def _channel() -> None:
    """A place in a space."""
    table(
        "channel",
        whole("id", "space_id"),
        text("cid", "name"),
        flag("private", "nsfw", "connect", "guests", "forum", "archived"),
        text("url"),
        big("info_at"),
        big("removed_at", nullable=True),
        flag("watched"),
        whole("level"),
        big("web_from"),
        big("closed_from", "closed_until", nullable=True),
        text("cards"),
        flag("count_bots"),
        text("bridges"),
        big("watermark"),
        flag("chains"),
        big("gap_after", nullable=True),
        big("gap_at", "forgotten"),
        big("compare_until", "as_of", nullable=True),
        unique=("space_id", "cid"),
        refers={"space": ("space_id",)},
    )


def _sweep() -> None:
    """How far the round through a channel's words on the web has come."""
    table(
        "sweep",
        whole("channel_id"),
        big("began_at", nullable=True),
        big("root", "after", "since"),
        big("whole_at", nullable=True),
        key=("channel_id",),
        refers={"channel": ("channel_id",)},
    )


def _member() -> None:
    """A member of one space."""
    table(
        "member",
        whole("id", "space_id"),
        text("uid", "name"),
        big("name_at"),
        flag("is_bot"),
        big("opted_out_at", "erased_at", "caught_up_at", nullable=True),
        unique=("space_id", "uid"),
        refers={"space": ("space_id",)},
    )


def _space_link() -> None:
    """Two spaces that admins of both let tell each other."""
    table(
        "space_link",
        whole("id", "first_id", "second_id", "first_by", "second_by"),
        big("linked_at"),
        whole("ended_by", nullable=True),
        big("ended_at", nullable=True),
        refers={"member": ("ended_by", "first_by", "second_by"), "space": ("first_id", "second_id")},
    )
    index(
        "uq_space_link_first_id_second_id",
        "space_link",
        "first_id",
        "second_id",
        where="ended_at IS NULL",
        distinct=True,
    )


def _link_code() -> None:
    """The last code that was made in a space to link it."""
    table(
        "link_code",
        whole("space_id", "channel_id"),
        text("fingerprint"),
        whole("made_by"),
        big("made_at"),
        big("used_at", nullable=True),
        key=("space_id",),
        refers={"channel": ("channel_id",), "member": ("made_by",), "space": ("space_id",)},
    )


def _link_try() -> None:
    """A code that linked nothing."""
    table(
        "link_try",
        whole("id", "space_id"),
        big("at"),
        refers={"space": ("space_id",)},
    )
