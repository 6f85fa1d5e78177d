"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "activity",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "discussion_id", "member_id", name=op.f("pk_activity")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "change",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_change")),
    )
    op.create_table(
        "community",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "search_dirty",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_search_dirty")),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    op.create_table(
        "space",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hosted", sa.Boolean(), nullable=False),
        sa.Column("invite_url", sa.Text(), nullable=False),
        sa.Column("info_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("removed_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_space_community_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_space")),
        sa.UniqueConstraint("platform", "sid", name=op.f("uq_space_platform_sid")),
    )
    op.create_table(
        "channel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("cid", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("nsfw", sa.Boolean(), nullable=False),
        sa.Column("connect", sa.Boolean(), nullable=False),
        sa.Column("guests", sa.Boolean(), nullable=False),
        sa.Column("forum", sa.Boolean(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("info_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("removed_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("watched", sa.Boolean(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("web_from", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cards", sa.Text(), nullable=False),
        sa.Column("count_bots", sa.Boolean(), nullable=False),
        sa.Column("bridges", sa.Text(), nullable=False),
        sa.Column("watermark", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chains", sa.Boolean(), nullable=False),
        sa.Column("gap_after", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("gap_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("forgotten", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("compare_until", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("as_of", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_channel_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel")),
        sa.UniqueConstraint("space_id", "cid", name=op.f("uq_channel_space_id_cid")),
    )
    op.create_table(
        "member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("is_bot", sa.Boolean(), nullable=False),
        sa.Column("opted_out_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("erased_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("caught_up_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_member_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("space_id", "uid", name=op.f("uq_member_space_id_uid")),
    )
    op.create_table(
        "act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["member.id"], name=op.f("fk_act_by_id")),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_act_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act")),
    )
    op.create_table(
        "discussion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("root", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("forced", sa.Boolean(), nullable=False),
        sa.Column("chain", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("info_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("archive_after", sa.Integer(), nullable=True),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("gone_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("first", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("opener_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("replies_ever", sa.Integer(), nullable=False),
        sa.Column("participants", sa.Integer(), nullable=False),
        sa.Column("highlights", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("live_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("stored", sa.Text(), nullable=False),
        sa.Column("state_by", sa.Integer(), nullable=True),
        sa.Column("state_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("said_by", sa.Integer(), nullable=True),
        sa.Column("said_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("said_since", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("tagged", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("hidden_by", sa.Integer(), nullable=True),
        sa.Column("hidden_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("title_set", sa.Text(), nullable=False),
        sa.Column("summary_set", sa.Text(), nullable=False),
        sa.Column("words_by", sa.Integer(), nullable=True),
        sa.Column("words_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("title_made", sa.Text(), nullable=False),
        sa.Column("summary_made", sa.Text(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("unsettled", sa.Boolean(), nullable=False),
        sa.Column("changed_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_discussion_channel_id")),
        sa.ForeignKeyConstraint(["hidden_by"], ["member.id"], name=op.f("fk_discussion_hidden_by")),
        sa.ForeignKeyConstraint(["opener_id"], ["member.id"], name=op.f("fk_discussion_opener_id")),
        sa.ForeignKeyConstraint(["said_by"], ["member.id"], name=op.f("fk_discussion_said_by")),
        sa.ForeignKeyConstraint(["state_by"], ["member.id"], name=op.f("fk_discussion_state_by")),
        sa.ForeignKeyConstraint(["words_by"], ["member.id"], name=op.f("fk_discussion_words_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discussion")),
        sa.UniqueConstraint("channel_id", "root", name=op.f("uq_discussion_channel_id_root")),
    )
    with op.batch_alter_table("discussion", schema=None) as batch_op:
        batch_op.create_index("ix_discussion_channel_id_last_at", ["channel_id", "last_at"], unique=False)
        batch_op.create_index("ix_discussion_last_at", ["last_at"], unique=False)
        batch_op.create_index("ix_discussion_opened_at", ["opened_at"], unique=False)
        batch_op.create_index("ix_discussion_state_at", ["state_at"], unique=False)
        batch_op.create_index(
            "ix_discussion_unsettled",
            ["unsettled"],
            unique=False,
            sqlite_where=sa.text("unsettled"),
            postgresql_where=sa.text("unsettled"),
        )

    op.create_table(
        "own_post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("marker", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("card", sa.Text(), nullable=True),
        sa.Column("mid", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("planned_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("dirty_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("next_change_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("not_before", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("marks", sa.Integer(), nullable=False),
        sa.Column("claimed_marks", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_own_post_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_post")),
        sa.UniqueConstraint("subject", name=op.f("uq_own_post_subject")),
    )
    with op.batch_alter_table("own_post", schema=None) as batch_op:
        batch_op.create_index("ix_own_post_due", ["state", "dirty_at"], unique=False)
        batch_op.create_index("ix_own_post_next_change_at", ["next_change_at"], unique=False)
        batch_op.create_index("ix_own_post_mid", ["mid"], unique=False)
        batch_op.create_index(
            "ix_own_post_unread",
            ["planned_at"],
            unique=False,
            sqlite_where=sa.text("unread > 0"),
            postgresql_where=sa.text("unread > 0"),
        )

    op.create_table(
        "room_name",
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("held_until", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_room_name_member_id")),
        sa.PrimaryKeyConstraint("folded", name=op.f("pk_room_name")),
    )
    op.create_table(
        "room_post",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mid", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("marker", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_room_post_channel_id")),
        sa.PrimaryKeyConstraint("channel_id", "position", name=op.f("pk_room_post")),
        sa.UniqueConstraint("channel_id", "marker", name=op.f("uq_room_post_channel_id_marker")),
    )
    op.create_table(
        "schedule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("reach", sa.Text(), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("say_quiet", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_end", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("pins", sa.Text(), nullable=False),
        sa.Column("follows_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_schedule_channel_id")),
        sa.ForeignKeyConstraint(["community_id"], ["community.id"], name=op.f("fk_schedule_community_id")),
        sa.ForeignKeyConstraint(["follows_id"], ["schedule.id"], name=op.f("fk_schedule_follows_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
    )
    op.create_table(
        "vote",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("listed_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("removed_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_vote_channel_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_vote_member_id")),
        sa.PrimaryKeyConstraint("channel_id", "position", "member_id", "source", name=op.f("pk_vote")),
    )
    with op.batch_alter_table("vote", schema=None) as batch_op:
        batch_op.create_index("ix_vote_added_at", ["added_at"], unique=False)
        batch_op.create_index("ix_vote_member_id", ["member_id"], unique=False)

    op.create_table(
        "vote_read",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_vote_read_channel_id")),
        sa.PrimaryKeyConstraint("channel_id", "position", "source", name=op.f("pk_vote_read")),
    )
    op.create_table(
        "answered",
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("answer", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["member.id"], name=op.f("fk_answered_by_id")),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussion.id"], name=op.f("fk_answered_discussion_id")),
        sa.PrimaryKeyConstraint("discussion_id", "question", name=op.f("pk_answered")),
    )
    op.create_table(
        "made_from",
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussion.id"], name=op.f("fk_made_from_discussion_id")),
        sa.PrimaryKeyConstraint("discussion_id", "position", name=op.f("pk_made_from")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mid", sa.Text(), nullable=False),
        sa.Column("discussion_id", sa.Integer(), nullable=True),
        sa.Column("thread", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("edited_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("reply_to", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("chain_id", sa.Integer(), nullable=True),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("picked", sa.Boolean(), nullable=False),
        sa.Column("voted_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("held_author", sa.Boolean(), nullable=False),
        sa.Column("held_moderator", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["member.id"], name=op.f("fk_message_author_id")),
        sa.ForeignKeyConstraint(["chain_id"], ["discussion.id"], name=op.f("fk_message_chain_id")),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_message_channel_id")),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussion.id"], name=op.f("fk_message_discussion_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("channel_id", "position", name=op.f("uq_message_channel_id_position")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index("ix_message_author_id_sent_at", ["author_id", "sent_at"], unique=False)
        batch_op.create_index(
            "ix_message_channel_id_reply_to",
            ["channel_id", "reply_to"],
            unique=False,
            sqlite_where=sa.text("reply_to IS NOT NULL AND thread = position"),
            postgresql_where=sa.text("reply_to IS NOT NULL AND thread = position"),
        )
        batch_op.create_index("ix_message_discussion_id_position", ["discussion_id", "position"], unique=False)
        batch_op.create_index(
            "ix_message_sent_at", ["sent_at", "discussion_id", "author_id", "counted", "deleted_at"], unique=False
        )
        batch_op.create_index(
            "ix_message_voted_at",
            ["voted_at"],
            unique=False,
            sqlite_where=sa.text("voted_at IS NOT NULL"),
            postgresql_where=sa.text("voted_at IS NOT NULL"),
        )

    op.create_table(
        "note",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_note_channel_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_note_member_id")),
        sa.PrimaryKeyConstraint("channel_id", "position", "member_id", name=op.f("pk_note")),
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index("ix_note_member_id", ["member_id"], unique=False)

    op.create_table(
        "participation",
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussion.id"], name=op.f("fk_participation_discussion_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_participation_member_id")),
        sa.PrimaryKeyConstraint("discussion_id", "member_id", name=op.f("pk_participation")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "placement",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["own_post.id"], name=op.f("fk_placement_post_id")),
        sa.PrimaryKeyConstraint("channel_id", "position", "post_id", name=op.f("pk_placement")),
    )
    with op.batch_alter_table("placement", schema=None) as batch_op:
        batch_op.create_index("ix_placement_post_id", ["post_id"], unique=False)

    op.create_table(
        "question",
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussion.id"], name=op.f("fk_question_discussion_id")),
        sa.PrimaryKeyConstraint("discussion_id", "position", "number", name=op.f("pk_question")),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("start_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sent_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("discussions", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("frozen_as", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedule.id"], name=op.f("fk_run_schedule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint("schedule_id", "slot", name=op.f("uq_run_schedule_id_slot")),
    )
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.create_index("ix_run_state", ["state"], unique=False)

    op.create_table(
        "run_pick",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("quote", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("highlights", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("dropped", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["discussion_id"], ["discussion.id"], name=op.f("fk_run_pick_discussion_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_pick_run_id")),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_run_pick")),
    )
    op.create_table(
        "space_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("first_by", sa.Integer(), nullable=False),
        sa.Column("second_by", sa.Integer(), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(["ended_by"], ["member.id"], name=op.f("fk_space_link_ended_by")),
        sa.ForeignKeyConstraint(["first_by"], ["member.id"], name=op.f("fk_space_link_first_by")),
        sa.ForeignKeyConstraint(["first_id"], ["space.id"], name=op.f("fk_space_link_first_id")),
        sa.ForeignKeyConstraint(["second_by"], ["member.id"], name=op.f("fk_space_link_second_by")),
        sa.ForeignKeyConstraint(["second_id"], ["space.id"], name=op.f("fk_space_link_second_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_space_link")),
    )
    op.create_index(
        "uq_space_link_first_id_second_id",
        "space_link",
        ["first_id", "second_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "link_code",
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("used_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_link_code_channel_id")),
        sa.ForeignKeyConstraint(["made_by"], ["member.id"], name=op.f("fk_link_code_made_by")),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_link_code_space_id")),
        sa.PrimaryKeyConstraint("space_id", name=op.f("pk_link_code")),
    )
    op.create_table(
        "link_try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["space.id"], name=op.f("fk_link_try_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_try")),
    )
    op.create_table(
        "sweep",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("root", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("after", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("whole_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_sweep_channel_id")),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_sweep")),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE message_text USING fts5(text, tokenize = 'unicode61 remove_diacritics 2')")
    else:
        op.execute("CREATE TABLE message_text (message_id integer PRIMARY KEY, words tsvector NOT NULL)")
        op.execute("CREATE INDEX ix_message_text_words ON message_text USING gin (words)")
