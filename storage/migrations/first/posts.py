"""What we post."""

from storage.migrations.first.making import big, flag, index, real, table, text, whole


def create() -> None:
    """Make these tables."""
    _schedule()
    _run()
    _run_pick()
    _own_post()
    _placement()
    _room_post()
    _room_name()


def _schedule() -> None:
    """A digest's rule."""
    table(
        "schedule",
        whole("id", "community_id"),
        text("name"),
        whole("channel_id"),
        text("rule", "reach", "sources"),
        flag("paused", "say_quiet"),
        big("created_at"),
        big("last_end", nullable=True),
        flag("removed"),
        text("pins"),
        whole("follows_id", nullable=True),
        refers={"channel": ("channel_id",), "community": ("community_id",), "schedule": ("follows_id",)},
    )


def _run() -> None:
    """What became of one slot."""
    table(
        "run",
        whole("id", "schedule_id"),
        text("slot"),
        big("due_at", "start_at"),
        text("state"),
        big("claimed_at"),
        big("sent_at", nullable=True),
        whole("discussions", "people"),
        text("activity"),
        whole("left_out"),
        flag("late"),
        text("reason"),
        text("frozen_as", nullable=True),
        unique=("schedule_id", "slot"),
        refers={"schedule": ("schedule_id",)},
    )
    index("ix_run_state", "run", "state")


def _run_pick() -> None:
    """One item of a run."""
    table(
        "run_pick",
        whole("run_id", "number"),
        text("section"),
        whole("discussion_id"),
        big("quote", nullable=True),
        whole("count", "new", "highlights"),
        flag("waiting"),
        real("score"),
        text("terms", "reason"),
        flag("dropped"),
        key=("run_id", "number"),
        refers={"discussion": ("discussion_id",), "run": ("run_id",)},
    )
    index("ix_run_pick_discussion_id", "run_pick", "discussion_id")


def _own_post() -> None:
    """One message of ours."""
    table(
        "own_post",
        whole("id"),
        text("kind", "subject"),
        whole("channel_id"),
        text("thread", nullable=True),
        text("marker", "state"),
        text("card", "mid", nullable=True),
        whole("attempts"),
        big("planned_at"),
        whole("unread"),
        big("dirty_at", "next_change_at", nullable=True),
        big("not_before"),
        text("owner"),
        big("leased_until"),
        whole("marks", "claimed_marks"),
        text("reason"),
        big("ended_at", nullable=True),
        flag("told"),
        unique=("subject",),
        refers={"channel": ("channel_id",)},
    )
    index("ix_own_post_due", "own_post", "state", "dirty_at")
    index("ix_own_post_next_change_at", "own_post", "next_change_at")
    index("ix_own_post_mid", "own_post", "mid")
    index("ix_own_post_unread", "own_post", "planned_at", where="unread > 0")


def _placement() -> None:
    """A message's words stand in a post of ours."""
    table(
        "placement",
        whole("channel_id"),
        big("position"),
        whole("post_id"),
        key=("channel_id", "position", "post_id"),
        refers={"own_post": ("post_id",)},
    )
    index("ix_placement_post_id", "placement", "post_id")


def _room_post() -> None:
    """One of our posts as it stands in the local room."""
    table(
        "room_post",
        whole("channel_id"),
        big("position"),
        text("mid"),
        text("thread", nullable=True),
        text("card", "marker"),
        big("at"),
        key=("channel_id", "position"),
        unique=("channel_id", "marker"),
        refers={"channel": ("channel_id",)},
    )


def _room_name() -> None:
    """A name in use in the local room."""
    table(
        "room_name",
        text("folded"),
        whole("member_id"),
        big("held_until"),
        key=("folded",),
        refers={"member": ("member_id",)},
    )
