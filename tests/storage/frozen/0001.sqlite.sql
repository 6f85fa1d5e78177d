CREATE TABLE act (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	channel_id INTEGER NOT NULL, 
	position BIGINT NOT NULL, 
	by_id INTEGER, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_act PRIMARY KEY (id), 
	CONSTRAINT fk_act_by_id FOREIGN KEY(by_id) REFERENCES member (id), 
	CONSTRAINT fk_act_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id)
);
CREATE TABLE activity (
	day INTEGER NOT NULL, 
	discussion_id INTEGER NOT NULL, 
	member_id INTEGER NOT NULL, 
	n INTEGER NOT NULL, 
	CONSTRAINT pk_activity PRIMARY KEY (day, discussion_id, member_id)
)
 WITHOUT ROWID

;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE answered (
	discussion_id INTEGER NOT NULL, 
	question BIGINT NOT NULL, 
	answer BIGINT NOT NULL, 
	by_id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_answered PRIMARY KEY (discussion_id, question), 
	CONSTRAINT fk_answered_by_id FOREIGN KEY(by_id) REFERENCES member (id), 
	CONSTRAINT fk_answered_discussion_id FOREIGN KEY(discussion_id) REFERENCES discussion (id)
);
CREATE TABLE change (
	seq INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	subject INTEGER NOT NULL, 
	CONSTRAINT pk_change PRIMARY KEY (seq)
);
CREATE TABLE channel (
	id INTEGER NOT NULL, 
	space_id INTEGER NOT NULL, 
	cid TEXT NOT NULL, 
	name TEXT NOT NULL, 
	private BOOLEAN NOT NULL, 
	nsfw BOOLEAN NOT NULL, 
	connect BOOLEAN NOT NULL, 
	guests BOOLEAN NOT NULL, 
	forum BOOLEAN NOT NULL, 
	archived BOOLEAN NOT NULL, 
	url TEXT NOT NULL, 
	info_at BIGINT NOT NULL, 
	removed_at BIGINT, 
	watched BOOLEAN NOT NULL, 
	level INTEGER NOT NULL, 
	web_from BIGINT NOT NULL, 
	closed_from BIGINT, 
	closed_until BIGINT, 
	cards TEXT NOT NULL, 
	count_bots BOOLEAN NOT NULL, 
	bridges TEXT NOT NULL, 
	watermark BIGINT NOT NULL, 
	chains BOOLEAN NOT NULL, 
	gap_after BIGINT, 
	gap_at BIGINT NOT NULL, 
	forgotten BIGINT NOT NULL, 
	compare_until BIGINT, 
	as_of BIGINT, 
	CONSTRAINT pk_channel PRIMARY KEY (id), 
	CONSTRAINT fk_channel_space_id FOREIGN KEY(space_id) REFERENCES space (id), 
	CONSTRAINT uq_channel_space_id_cid UNIQUE (space_id, cid)
);
CREATE TABLE community (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	CONSTRAINT pk_community PRIMARY KEY (id)
);
CREATE TABLE discussion (
	id INTEGER NOT NULL, 
	channel_id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	root BIGINT NOT NULL, 
	forced BOOLEAN NOT NULL, 
	chain BOOLEAN NOT NULL, 
	name TEXT NOT NULL, 
	info_at BIGINT NOT NULL, 
	archived BOOLEAN NOT NULL, 
	archive_after INTEGER, 
	locked BOOLEAN NOT NULL, 
	private BOOLEAN NOT NULL, 
	gone_at BIGINT, 
	url TEXT NOT NULL, 
	first BIGINT, 
	opener_id INTEGER, 
	opened_at BIGINT NOT NULL, 
	count INTEGER NOT NULL, 
	replies_ever INTEGER NOT NULL, 
	participants INTEGER NOT NULL, 
	highlights INTEGER NOT NULL, 
	last_at BIGINT NOT NULL, 
	live_at BIGINT, 
	stored TEXT NOT NULL, 
	state_by INTEGER, 
	state_at BIGINT, 
	said TEXT, 
	said_by INTEGER, 
	said_at BIGINT, 
	said_since BIGINT, 
	tagged TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	hidden BOOLEAN NOT NULL, 
	hidden_by INTEGER, 
	hidden_at BIGINT, 
	title_set TEXT NOT NULL, 
	title_by INTEGER, 
	title_at BIGINT, 
	summary_set TEXT NOT NULL, 
	summary_by INTEGER, 
	summary_at BIGINT, 
	title_made TEXT NOT NULL, 
	summary_made TEXT NOT NULL, 
	waiting INTEGER NOT NULL, 
	unsettled BOOLEAN NOT NULL, 
	changed_seq BIGINT NOT NULL, 
	CONSTRAINT pk_discussion PRIMARY KEY (id), 
	CONSTRAINT fk_discussion_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id), 
	CONSTRAINT fk_discussion_opener_id FOREIGN KEY(opener_id) REFERENCES member (id), 
	CONSTRAINT fk_discussion_state_by FOREIGN KEY(state_by) REFERENCES member (id), 
	CONSTRAINT fk_discussion_said_by FOREIGN KEY(said_by) REFERENCES member (id), 
	CONSTRAINT fk_discussion_hidden_by FOREIGN KEY(hidden_by) REFERENCES member (id), 
	CONSTRAINT fk_discussion_title_by FOREIGN KEY(title_by) REFERENCES member (id), 
	CONSTRAINT fk_discussion_summary_by FOREIGN KEY(summary_by) REFERENCES member (id), 
	CONSTRAINT uq_discussion_channel_id_root UNIQUE (channel_id, root)
);
CREATE TABLE lease (
	name TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	until BIGINT NOT NULL, 
	CONSTRAINT pk_lease PRIMARY KEY (name)
);
CREATE TABLE link_code (
	space_id INTEGER NOT NULL, 
	channel_id INTEGER NOT NULL, 
	fingerprint TEXT NOT NULL, 
	made_by INTEGER NOT NULL, 
	made_at BIGINT NOT NULL, 
	used_at BIGINT, 
	CONSTRAINT pk_link_code PRIMARY KEY (space_id), 
	CONSTRAINT fk_link_code_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id), 
	CONSTRAINT fk_link_code_made_by FOREIGN KEY(made_by) REFERENCES member (id), 
	CONSTRAINT fk_link_code_space_id FOREIGN KEY(space_id) REFERENCES space (id)
);
CREATE TABLE link_try (
	id INTEGER NOT NULL, 
	space_id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_link_try PRIMARY KEY (id), 
	CONSTRAINT fk_link_try_space_id FOREIGN KEY(space_id) REFERENCES space (id)
);
CREATE TABLE made_from (
	discussion_id INTEGER NOT NULL, 
	position BIGINT NOT NULL, 
	CONSTRAINT pk_made_from PRIMARY KEY (discussion_id, position), 
	CONSTRAINT fk_made_from_discussion_id FOREIGN KEY(discussion_id) REFERENCES discussion (id)
);
CREATE TABLE member (
	id INTEGER NOT NULL, 
	space_id INTEGER NOT NULL, 
	uid TEXT NOT NULL, 
	name TEXT NOT NULL, 
	name_at BIGINT NOT NULL, 
	is_bot BOOLEAN NOT NULL, 
	opted_out_at BIGINT, 
	erased_at BIGINT, 
	caught_up_at BIGINT, 
	CONSTRAINT pk_member PRIMARY KEY (id), 
	CONSTRAINT fk_member_space_id FOREIGN KEY(space_id) REFERENCES space (id), 
	CONSTRAINT uq_member_space_id_uid UNIQUE (space_id, uid)
);
CREATE TABLE message (
	id INTEGER NOT NULL, 
	channel_id INTEGER NOT NULL, 
	position BIGINT NOT NULL, 
	mid TEXT NOT NULL, 
	discussion_id INTEGER, 
	thread BIGINT, 
	author_id INTEGER, 
	kind TEXT NOT NULL, 
	counted BOOLEAN NOT NULL, 
	sent_at BIGINT NOT NULL, 
	edited_at BIGINT NOT NULL, 
	deleted_at BIGINT, 
	text TEXT, 
	reply_to BIGINT, 
	files TEXT NOT NULL, 
	url TEXT NOT NULL, 
	live BOOLEAN NOT NULL, 
	chain_id INTEGER, 
	votes INTEGER NOT NULL, 
	picked BOOLEAN NOT NULL, 
	voted_at BIGINT, 
	held_author BOOLEAN NOT NULL, 
	held_moderator BOOLEAN NOT NULL, 
	CONSTRAINT pk_message PRIMARY KEY (id), 
	CONSTRAINT fk_message_author_id FOREIGN KEY(author_id) REFERENCES member (id), 
	CONSTRAINT fk_message_chain_id FOREIGN KEY(chain_id) REFERENCES discussion (id), 
	CONSTRAINT fk_message_discussion_id FOREIGN KEY(discussion_id) REFERENCES discussion (id), 
	CONSTRAINT fk_message_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id), 
	CONSTRAINT uq_message_channel_id_position UNIQUE (channel_id, position)
);
CREATE VIRTUAL TABLE message_text USING fts5(text, tokenize = 'unicode61 remove_diacritics 2');
CREATE TABLE note (
	channel_id INTEGER NOT NULL, 
	position BIGINT NOT NULL, 
	member_id INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_note PRIMARY KEY (channel_id, position, member_id), 
	CONSTRAINT fk_note_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id), 
	CONSTRAINT fk_note_member_id FOREIGN KEY(member_id) REFERENCES member (id)
);
CREATE TABLE own_post (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	channel_id INTEGER NOT NULL, 
	thread TEXT, 
	marker TEXT NOT NULL, 
	state TEXT NOT NULL, 
	card TEXT, 
	mid TEXT, 
	attempts INTEGER NOT NULL, 
	planned_at BIGINT NOT NULL, 
	unread INTEGER NOT NULL, 
	dirty_at BIGINT, 
	next_change_at BIGINT, 
	not_before BIGINT NOT NULL, 
	owner TEXT NOT NULL, 
	leased_until BIGINT NOT NULL, 
	marks INTEGER NOT NULL, 
	claimed_marks INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	ended_at BIGINT, 
	told BOOLEAN NOT NULL, 
	CONSTRAINT pk_own_post PRIMARY KEY (id), 
	CONSTRAINT fk_own_post_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id), 
	CONSTRAINT uq_own_post_subject UNIQUE (subject)
);
CREATE TABLE participation (
	discussion_id INTEGER NOT NULL, 
	member_id INTEGER NOT NULL, 
	n INTEGER NOT NULL, 
	CONSTRAINT pk_participation PRIMARY KEY (discussion_id, member_id), 
	CONSTRAINT fk_participation_discussion_id FOREIGN KEY(discussion_id) REFERENCES discussion (id), 
	CONSTRAINT fk_participation_member_id FOREIGN KEY(member_id) REFERENCES member (id)
)
 WITHOUT ROWID

;
CREATE TABLE placement (
	channel_id INTEGER NOT NULL, 
	position BIGINT NOT NULL, 
	post_id INTEGER NOT NULL, 
	CONSTRAINT pk_placement PRIMARY KEY (channel_id, position, post_id), 
	CONSTRAINT fk_placement_post_id FOREIGN KEY(post_id) REFERENCES own_post (id)
);
CREATE TABLE question (
	discussion_id INTEGER NOT NULL, 
	position BIGINT NOT NULL, 
	number INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	CONSTRAINT pk_question PRIMARY KEY (discussion_id, position, number), 
	CONSTRAINT fk_question_discussion_id FOREIGN KEY(discussion_id) REFERENCES discussion (id)
);
CREATE TABLE room_name (
	folded TEXT NOT NULL, 
	member_id INTEGER NOT NULL, 
	held_until BIGINT NOT NULL, 
	CONSTRAINT pk_room_name PRIMARY KEY (folded), 
	CONSTRAINT fk_room_name_member_id FOREIGN KEY(member_id) REFERENCES member (id)
);
CREATE TABLE room_post (
	channel_id INTEGER NOT NULL, 
	position BIGINT NOT NULL, 
	mid TEXT NOT NULL, 
	thread TEXT, 
	card TEXT NOT NULL, 
	marker TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_room_post PRIMARY KEY (channel_id, position), 
	CONSTRAINT fk_room_post_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id), 
	CONSTRAINT uq_room_post_channel_id_marker UNIQUE (channel_id, marker)
);
CREATE TABLE run (
	id INTEGER NOT NULL, 
	schedule_id INTEGER NOT NULL, 
	slot TEXT NOT NULL, 
	due_at BIGINT NOT NULL, 
	start_at BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	claimed_at BIGINT NOT NULL, 
	sent_at BIGINT, 
	discussions INTEGER NOT NULL, 
	people INTEGER NOT NULL, 
	activity TEXT NOT NULL, 
	left_out INTEGER NOT NULL, 
	late BOOLEAN NOT NULL, 
	reason TEXT NOT NULL, 
	frozen_as TEXT, 
	CONSTRAINT pk_run PRIMARY KEY (id), 
	CONSTRAINT fk_run_schedule_id FOREIGN KEY(schedule_id) REFERENCES schedule (id), 
	CONSTRAINT uq_run_schedule_id_slot UNIQUE (schedule_id, slot)
);
CREATE TABLE run_pick (
	run_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	section TEXT NOT NULL, 
	discussion_id INTEGER NOT NULL, 
	quote BIGINT, 
	count INTEGER NOT NULL, 
	new INTEGER NOT NULL, 
	highlights INTEGER NOT NULL, 
	waiting BOOLEAN NOT NULL, 
	score FLOAT NOT NULL, 
	terms TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	dropped BOOLEAN NOT NULL, 
	CONSTRAINT pk_run_pick PRIMARY KEY (run_id, number), 
	CONSTRAINT fk_run_pick_discussion_id FOREIGN KEY(discussion_id) REFERENCES discussion (id), 
	CONSTRAINT fk_run_pick_run_id FOREIGN KEY(run_id) REFERENCES run (id)
);
CREATE TABLE schedule (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	channel_id INTEGER NOT NULL, 
	rule TEXT NOT NULL, 
	reach TEXT NOT NULL, 
	sources TEXT NOT NULL, 
	paused BOOLEAN NOT NULL, 
	say_quiet BOOLEAN NOT NULL, 
	created_at BIGINT NOT NULL, 
	last_end BIGINT, 
	removed BOOLEAN NOT NULL, 
	pins TEXT NOT NULL, 
	follows_id INTEGER, 
	CONSTRAINT pk_schedule PRIMARY KEY (id), 
	CONSTRAINT fk_schedule_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id), 
	CONSTRAINT fk_schedule_community_id FOREIGN KEY(community_id) REFERENCES community (id), 
	CONSTRAINT fk_schedule_follows_id FOREIGN KEY(follows_id) REFERENCES schedule (id)
);
CREATE TABLE search_dirty (
	message_id INTEGER NOT NULL, 
	CONSTRAINT pk_search_dirty PRIMARY KEY (message_id)
);
CREATE TABLE setting (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_setting PRIMARY KEY (name)
);
CREATE TABLE space (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	platform TEXT NOT NULL, 
	sid TEXT NOT NULL, 
	name TEXT NOT NULL, 
	hosted BOOLEAN NOT NULL, 
	invite_url TEXT NOT NULL, 
	info_at BIGINT NOT NULL, 
	removed_at BIGINT, 
	settings TEXT NOT NULL, 
	CONSTRAINT pk_space PRIMARY KEY (id), 
	CONSTRAINT fk_space_community_id FOREIGN KEY(community_id) REFERENCES community (id), 
	CONSTRAINT uq_space_platform_sid UNIQUE (platform, sid)
);
CREATE TABLE space_link (
	id INTEGER NOT NULL, 
	first_id INTEGER NOT NULL, 
	second_id INTEGER NOT NULL, 
	first_by INTEGER NOT NULL, 
	second_by INTEGER NOT NULL, 
	linked_at BIGINT NOT NULL, 
	ended_by INTEGER, 
	ended_at BIGINT, 
	CONSTRAINT pk_space_link PRIMARY KEY (id), 
	CONSTRAINT fk_space_link_ended_by FOREIGN KEY(ended_by) REFERENCES member (id), 
	CONSTRAINT fk_space_link_first_by FOREIGN KEY(first_by) REFERENCES member (id), 
	CONSTRAINT fk_space_link_second_by FOREIGN KEY(second_by) REFERENCES member (id), 
	CONSTRAINT fk_space_link_first_id FOREIGN KEY(first_id) REFERENCES space (id), 
	CONSTRAINT fk_space_link_second_id FOREIGN KEY(second_id) REFERENCES space (id)
);
CREATE TABLE sweep (
	channel_id INTEGER NOT NULL, 
	began_at BIGINT, 
	root BIGINT NOT NULL, 
	"after" BIGINT NOT NULL, 
	since BIGINT NOT NULL, 
	whole_at BIGINT, 
	CONSTRAINT pk_sweep PRIMARY KEY (channel_id), 
	CONSTRAINT fk_sweep_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id)
);
CREATE TABLE vote (
	channel_id INTEGER NOT NULL, 
	position BIGINT NOT NULL, 
	member_id INTEGER NOT NULL, 
	source TEXT NOT NULL, 
	added_at BIGINT NOT NULL, 
	listed_at BIGINT NOT NULL, 
	removed_at BIGINT NOT NULL, 
	withdrawn_at BIGINT NOT NULL, 
	CONSTRAINT pk_vote PRIMARY KEY (channel_id, position, member_id, source), 
	CONSTRAINT fk_vote_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id), 
	CONSTRAINT fk_vote_member_id FOREIGN KEY(member_id) REFERENCES member (id)
);
CREATE TABLE vote_read (
	channel_id INTEGER NOT NULL, 
	position BIGINT NOT NULL, 
	source TEXT NOT NULL, 
	read_at BIGINT NOT NULL, 
	CONSTRAINT pk_vote_read PRIMARY KEY (channel_id, position, source), 
	CONSTRAINT fk_vote_read_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id)
);
CREATE INDEX ix_discussion_channel_id_last_at ON discussion (channel_id, last_at);
CREATE INDEX ix_discussion_last_at ON discussion (last_at);
CREATE INDEX ix_discussion_opened_at ON discussion (opened_at);
CREATE INDEX ix_discussion_state_at ON discussion (state_at);
CREATE INDEX ix_discussion_unsettled ON discussion (unsettled) WHERE unsettled;
CREATE INDEX ix_message_author_id_sent_at ON message (author_id, sent_at);
CREATE INDEX ix_message_channel_id_reply_to ON message (channel_id, reply_to) WHERE reply_to IS NOT NULL AND thread = position;
CREATE INDEX ix_message_discussion_id_position ON message (discussion_id, position);
CREATE INDEX ix_message_sent_at ON message (sent_at, discussion_id, author_id, counted, deleted_at);
CREATE INDEX ix_message_voted_at ON message (voted_at) WHERE voted_at IS NOT NULL;
CREATE INDEX ix_note_member_id ON note (member_id);
CREATE INDEX ix_own_post_due ON own_post (state, dirty_at);
CREATE INDEX ix_own_post_mid ON own_post (mid);
CREATE INDEX ix_own_post_next_change_at ON own_post (next_change_at);
CREATE INDEX ix_own_post_unread ON own_post (planned_at) WHERE unread > 0;
CREATE INDEX ix_placement_post_id ON placement (post_id);
CREATE INDEX ix_run_pick_discussion_id ON run_pick (discussion_id);
CREATE INDEX ix_run_state ON run (state);
CREATE INDEX ix_vote_added_at ON vote (added_at);
CREATE INDEX ix_vote_member_id ON vote (member_id);
CREATE UNIQUE INDEX uq_space_link_first_id_second_id ON space_link (first_id, second_id) WHERE ended_at IS NULL;
INSERT INTO "act" ("id", "kind", "channel_id", "position", "by_id", "at") VALUES (1, '[]', 1, 1, 1, 1);
INSERT INTO "activity" ("day", "discussion_id", "member_id", "n") VALUES (20668, 1, 1, 1);
INSERT INTO "activity" ("day", "discussion_id", "member_id", "n") VALUES (20668, 1, 3, 0);
INSERT INTO "activity" ("day", "discussion_id", "member_id", "n") VALUES (20668, 1, 4, 1);
INSERT INTO "activity" ("day", "discussion_id", "member_id", "n") VALUES (20668, 1, 5, 1);
INSERT INTO "activity" ("day", "discussion_id", "member_id", "n") VALUES (20668, 2, 1, 1);
INSERT INTO "activity" ("day", "discussion_id", "member_id", "n") VALUES (20668, 2, 2, 1);
INSERT INTO "activity" ("day", "discussion_id", "member_id", "n") VALUES (20668, 2, 3, 2);
INSERT INTO "activity" ("day", "discussion_id", "member_id", "n") VALUES (20668, 2, 4, 1);
INSERT INTO "activity" ("day", "discussion_id", "member_id", "n") VALUES (20668, 2, 5, 1);
INSERT INTO "activity" ("day", "discussion_id", "member_id", "n") VALUES (20668, 2, 6, 1);
INSERT INTO "activity" ("day", "discussion_id", "member_id", "n") VALUES (20668, 2, 7, 0);
INSERT INTO "activity" ("day", "discussion_id", "member_id", "n") VALUES (20668, 2, 8, 1);
INSERT INTO "alembic_version" ("version_num") VALUES ('0001');
INSERT INTO "answered" ("discussion_id", "question", "answer", "by_id", "at") VALUES (1, 1, 1, 1, 1);
INSERT INTO "change" ("seq", "kind", "subject") VALUES (1, 'places', 0);
INSERT INTO "change" ("seq", "kind", "subject") VALUES (10, 'vote', 2);
INSERT INTO "change" ("seq", "kind", "subject") VALUES (11, 'vote', 5);
INSERT INTO "change" ("seq", "kind", "subject") VALUES (12, 'room', 1);
INSERT INTO "change" ("seq", "kind", "subject") VALUES (13, 'discussion', 2);
INSERT INTO "change" ("seq", "kind", "subject") VALUES (14, 'discussion', 1);
INSERT INTO "change" ("seq", "kind", "subject") VALUES (15, 'discussion', 2);
INSERT INTO "change" ("seq", "kind", "subject") VALUES (16, 'discussion', 1);
INSERT INTO "change" ("seq", "kind", "subject") VALUES (2, 'channel', 1);
INSERT INTO "change" ("seq", "kind", "subject") VALUES (3, 'discussion', 1);
INSERT INTO "change" ("seq", "kind", "subject") VALUES (4, 'discussion', 2);
INSERT INTO "change" ("seq", "kind", "subject") VALUES (5, 'room', 1);
INSERT INTO "change" ("seq", "kind", "subject") VALUES (6, 'channel', 1);
INSERT INTO "change" ("seq", "kind", "subject") VALUES (7, 'places', 0);
INSERT INTO "change" ("seq", "kind", "subject") VALUES (8, 'discussion', 1);
INSERT INTO "change" ("seq", "kind", "subject") VALUES (9, 'discussion', 2);
INSERT INTO "channel" ("id", "space_id", "cid", "name", "private", "nsfw", "connect", "guests", "forum", "archived", "url", "info_at", "removed_at", "watched", "level", "web_from", "closed_from", "closed_until", "cards", "count_bots", "bridges", "watermark", "chains", "gap_after", "gap_at", "forgotten", "compare_until", "as_of") VALUES (1, 1, 'help', 'help', 0, 0, 0, 0, 0, 0, '', 1785758400000, NULL, 0, 1, 0, NULL, NULL, 'auto', 0, '[]', 1785762180000000, 0, NULL, 0, 0, NULL, NULL);
INSERT INTO "community" ("id", "name") VALUES (1, 'The local room');
INSERT INTO "discussion" ("id", "channel_id", "key", "root", "forced", "chain", "name", "info_at", "archived", "archive_after", "locked", "private", "gone_at", "url", "first", "opener_id", "opened_at", "count", "replies_ever", "participants", "highlights", "last_at", "live_at", "stored", "state_by", "state_at", "said", "said_by", "said_at", "said_since", "tagged", "outcome", "hidden", "hidden_by", "hidden_at", "title_set", "title_by", "title_at", "summary_set", "summary_by", "summary_at", "title_made", "summary_made", "waiting", "unsettled", "changed_seq") VALUES (1, 1, '1785762000000000', 1785762000000000, 0, 0, '', -1, 0, NULL, 0, 0, NULL, '', 1785762000000000, 1, 1785762000000, 3, 3, 3, 0, 1785762180000, 1785762180000, 'concluded', 1, 1785763800000, 'concluded', 1, 1785763800000, 1785763800000, '', 'Canvas, that is.', 0, NULL, NULL, '', NULL, NULL, '', NULL, NULL, 'Which tent holds out in a storm?', '', 1, 1, 0);
INSERT INTO "discussion" ("id", "channel_id", "key", "root", "forced", "chain", "name", "info_at", "archived", "archive_after", "locked", "private", "gone_at", "url", "first", "opener_id", "opened_at", "count", "replies_ever", "participants", "highlights", "last_at", "live_at", "stored", "state_by", "state_at", "said", "said_by", "said_at", "said_since", "tagged", "outcome", "hidden", "hidden_by", "hidden_at", "title_set", "title_by", "title_at", "summary_set", "summary_by", "summary_at", "title_made", "summary_made", "waiting", "unsettled", "changed_seq") VALUES (2, 1, '1785758400000000', 1785758400000000, 0, 0, '', -1, 0, NULL, 0, 0, NULL, '', 1785758400000000, 1, 1785758400000, 8, 8, 7, 2, 1785758880000, 1785758880000, 'open', NULL, NULL, NULL, NULL, NULL, NULL, '', '', 0, NULL, NULL, '', NULL, NULL, '', NULL, NULL, 'Which tent holds out in a storm?', '', 1, 0, 0);
INSERT INTO "lease" ("name", "owner", "until") VALUES ('[]', '[]', 1);
INSERT INTO "link_code" ("space_id", "channel_id", "fingerprint", "made_by", "made_at", "used_at") VALUES (1, 1, '[]', 1, 1, 1);
INSERT INTO "link_try" ("id", "space_id", "at") VALUES (1, 1, 1);
INSERT INTO "made_from" ("discussion_id", "position") VALUES (1, 1785762000000000);
INSERT INTO "made_from" ("discussion_id", "position") VALUES (2, 1785758400000000);
INSERT INTO "member" ("id", "space_id", "uid", "name", "name_at", "is_bot", "opted_out_at", "erased_at", "caught_up_at") VALUES (1, 1, 'ada', 'Ada', 1785762000000, 0, NULL, NULL, NULL);
INSERT INTO "member" ("id", "space_id", "uid", "name", "name_at", "is_bot", "opted_out_at", "erased_at", "caught_up_at") VALUES (2, 1, 'bo', 'Bo', 1785776400000, 0, NULL, NULL, NULL);
INSERT INTO "member" ("id", "space_id", "uid", "name", "name_at", "is_bot", "opted_out_at", "erased_at", "caught_up_at") VALUES (3, 1, 'cem', 'Cem', 1785776400000, 0, NULL, NULL, NULL);
INSERT INTO "member" ("id", "space_id", "uid", "name", "name_at", "is_bot", "opted_out_at", "erased_at", "caught_up_at") VALUES (4, 1, 'dina', 'Dina', 1785776400000, 0, NULL, NULL, NULL);
INSERT INTO "member" ("id", "space_id", "uid", "name", "name_at", "is_bot", "opted_out_at", "erased_at", "caught_up_at") VALUES (5, 1, 'eve', 'Eve', 1785762180000, 0, NULL, NULL, NULL);
INSERT INTO "member" ("id", "space_id", "uid", "name", "name_at", "is_bot", "opted_out_at", "erased_at", "caught_up_at") VALUES (6, 1, 'finn', 'Finn', 1785758640000, 0, NULL, NULL, NULL);
INSERT INTO "member" ("id", "space_id", "uid", "name", "name_at", "is_bot", "opted_out_at", "erased_at", "caught_up_at") VALUES (7, 1, 'gus', 'Gus', 1785758700000, 0, NULL, NULL, NULL);
INSERT INTO "member" ("id", "space_id", "uid", "name", "name_at", "is_bot", "opted_out_at", "erased_at", "caught_up_at") VALUES (8, 1, 'hal', 'Hal', 1785758760000, 0, NULL, NULL, NULL);
INSERT INTO "message" ("id", "channel_id", "position", "mid", "discussion_id", "thread", "author_id", "kind", "counted", "sent_at", "edited_at", "deleted_at", "text", "reply_to", "files", "url", "live", "chain_id", "votes", "picked", "voted_at", "held_author", "held_moderator") VALUES (1, 1, 1785758400000000, '1785758400000000', 2, 1785758400000000, 1, 'person', 1, 1785758400000, 0, NULL, 'Which tent holds out in a storm?', NULL, '', '', 1, NULL, 0, 0, NULL, 0, 0);
INSERT INTO "message" ("id", "channel_id", "position", "mid", "discussion_id", "thread", "author_id", "kind", "counted", "sent_at", "edited_at", "deleted_at", "text", "reply_to", "files", "url", "live", "chain_id", "votes", "picked", "voted_at", "held_author", "held_moderator") VALUES (10, 1, 1785762000000000, '1785762000000000', 1, 1785762000000000, 1, 'person', 1, 1785762000000, 0, NULL, 'Which tent holds out in a storm?', NULL, '', '', 1, NULL, 0, 0, NULL, 0, 0);
INSERT INTO "message" ("id", "channel_id", "position", "mid", "discussion_id", "thread", "author_id", "kind", "counted", "sent_at", "edited_at", "deleted_at", "text", "reply_to", "files", "url", "live", "chain_id", "votes", "picked", "voted_at", "held_author", "held_moderator") VALUES (11, 1, 1785762060000000, '1785762060000000', 1, 1785762000000000, 3, 'person', 1, 1785762060000, 0, 1785794400000, NULL, NULL, '', '', 1, NULL, 0, 0, NULL, 0, 0);
INSERT INTO "message" ("id", "channel_id", "position", "mid", "discussion_id", "thread", "author_id", "kind", "counted", "sent_at", "edited_at", "deleted_at", "text", "reply_to", "files", "url", "live", "chain_id", "votes", "picked", "voted_at", "held_author", "held_moderator") VALUES (12, 1, 1785762120000000, '1785762120000000', 1, 1785762000000000, 4, 'person', 1, 1785762120000, 0, NULL, 'Reply 2 about tents.', NULL, '', '', 1, NULL, 0, 0, NULL, 0, 0);
INSERT INTO "message" ("id", "channel_id", "position", "mid", "discussion_id", "thread", "author_id", "kind", "counted", "sent_at", "edited_at", "deleted_at", "text", "reply_to", "files", "url", "live", "chain_id", "votes", "picked", "voted_at", "held_author", "held_moderator") VALUES (13, 1, 1785762180000000, '1785762180000000', 1, 1785762000000000, 5, 'person', 1, 1785762180000, 0, NULL, 'Reply 3 about tents.', NULL, '', '', 1, NULL, 0, 0, NULL, 0, 0);
INSERT INTO "message" ("id", "channel_id", "position", "mid", "discussion_id", "thread", "author_id", "kind", "counted", "sent_at", "edited_at", "deleted_at", "text", "reply_to", "files", "url", "live", "chain_id", "votes", "picked", "voted_at", "held_author", "held_moderator") VALUES (2, 1, 1785758460000000, '1785758460000000', 2, 1785758400000000, 3, 'person', 1, 1785758460000, 0, NULL, 'Reply 1 about tents.', NULL, '', '', 1, NULL, 1, 0, 1785776400000, 0, 0);
INSERT INTO "message" ("id", "channel_id", "position", "mid", "discussion_id", "thread", "author_id", "kind", "counted", "sent_at", "edited_at", "deleted_at", "text", "reply_to", "files", "url", "live", "chain_id", "votes", "picked", "voted_at", "held_author", "held_moderator") VALUES (3, 1, 1785758520000000, '1785758520000000', 2, 1785758400000000, 4, 'person', 1, 1785758520000, 0, NULL, 'Reply 2 about tents.', NULL, '', '', 1, NULL, 0, 0, NULL, 0, 0);
INSERT INTO "message" ("id", "channel_id", "position", "mid", "discussion_id", "thread", "author_id", "kind", "counted", "sent_at", "edited_at", "deleted_at", "text", "reply_to", "files", "url", "live", "chain_id", "votes", "picked", "voted_at", "held_author", "held_moderator") VALUES (4, 1, 1785758580000000, '1785758580000000', 2, 1785758400000000, 5, 'person', 1, 1785758580000, 0, NULL, 'Reply 3 about tents.', NULL, '', '', 1, NULL, 0, 0, NULL, 0, 0);
INSERT INTO "message" ("id", "channel_id", "position", "mid", "discussion_id", "thread", "author_id", "kind", "counted", "sent_at", "edited_at", "deleted_at", "text", "reply_to", "files", "url", "live", "chain_id", "votes", "picked", "voted_at", "held_author", "held_moderator") VALUES (5, 1, 1785758640000000, '1785758640000000', 2, 1785758400000000, 6, 'person', 1, 1785758640000, 0, NULL, 'Reply 4 about tents.', NULL, '', '', 1, NULL, 1, 0, 1785776400000, 0, 0);
INSERT INTO "message" ("id", "channel_id", "position", "mid", "discussion_id", "thread", "author_id", "kind", "counted", "sent_at", "edited_at", "deleted_at", "text", "reply_to", "files", "url", "live", "chain_id", "votes", "picked", "voted_at", "held_author", "held_moderator") VALUES (6, 1, 1785758700000000, '1785758700000000', 2, 1785758400000000, 7, 'person', 1, 1785758700000, 0, 1785794400000, NULL, NULL, '', '', 1, NULL, 0, 0, NULL, 0, 0);
INSERT INTO "message" ("id", "channel_id", "position", "mid", "discussion_id", "thread", "author_id", "kind", "counted", "sent_at", "edited_at", "deleted_at", "text", "reply_to", "files", "url", "live", "chain_id", "votes", "picked", "voted_at", "held_author", "held_moderator") VALUES (7, 1, 1785758760000000, '1785758760000000', 2, 1785758400000000, 8, 'person', 1, 1785758760000, 0, NULL, 'Reply 6 about tents.', NULL, '', '', 1, NULL, 0, 0, NULL, 0, 0);
INSERT INTO "message" ("id", "channel_id", "position", "mid", "discussion_id", "thread", "author_id", "kind", "counted", "sent_at", "edited_at", "deleted_at", "text", "reply_to", "files", "url", "live", "chain_id", "votes", "picked", "voted_at", "held_author", "held_moderator") VALUES (8, 1, 1785758820000000, '1785758820000000', 2, 1785758400000000, 2, 'person', 1, 1785758820000, 0, NULL, 'Reply 7 about tents.', NULL, '', '', 1, NULL, 0, 0, NULL, 0, 0);
INSERT INTO "message" ("id", "channel_id", "position", "mid", "discussion_id", "thread", "author_id", "kind", "counted", "sent_at", "edited_at", "deleted_at", "text", "reply_to", "files", "url", "live", "chain_id", "votes", "picked", "voted_at", "held_author", "held_moderator") VALUES (9, 1, 1785758880000000, '1785758880000000', 2, 1785758400000000, 3, 'person', 1, 1785758880000, 0, NULL, 'Reply 8 about tents.', NULL, '', '', 1, NULL, 0, 0, NULL, 0, 0);
INSERT INTO "message_text" ("rowid", "text") VALUES (1872503400038400001, 'which tent holds out in a storm');
INSERT INTO "message_text" ("rowid", "text") VALUES (1872503462952960002, 'reply 1 about tents');
INSERT INTO "message_text" ("rowid", "text") VALUES (1872503525867520003, 'reply 2 about tents');
INSERT INTO "message_text" ("rowid", "text") VALUES (1872503588782080004, 'reply 3 about tents');
INSERT INTO "message_text" ("rowid", "text") VALUES (1872503651696640005, 'reply 4 about tents');
INSERT INTO "message_text" ("rowid", "text") VALUES (1872503777525760007, 'reply 6 about tents');
INSERT INTO "message_text" ("rowid", "text") VALUES (1872503840440320008, 'reply 7 about tents');
INSERT INTO "message_text" ("rowid", "text") VALUES (1872503903354880009, 'reply 8 about tents');
INSERT INTO "message_text" ("rowid", "text") VALUES (1872507174912000010, 'which tent holds out in a storm');
INSERT INTO "message_text" ("rowid", "text") VALUES (1872507300741120012, 'reply 2 about tents');
INSERT INTO "message_text" ("rowid", "text") VALUES (1872507363655680013, 'reply 3 about tents');
INSERT INTO "note" ("channel_id", "position", "member_id", "text", "at") VALUES (1, 1, 1, '[]', 1);
INSERT INTO "own_post" ("id", "kind", "subject", "channel_id", "thread", "marker", "state", "card", "mid", "attempts", "planned_at", "unread", "dirty_at", "next_change_at", "not_before", "owner", "leased_until", "marks", "claimed_marks", "reason", "ended_at", "told") VALUES (1, '[]', '[]', 1, '[]', '[]', '[]', '[]', '[]', 1, 1, 1, 1, 1, 1, '[]', 1, 1, 1, '[]', 1, 1);
INSERT INTO "participation" ("discussion_id", "member_id", "n") VALUES (1, 1, 1);
INSERT INTO "participation" ("discussion_id", "member_id", "n") VALUES (1, 3, 0);
INSERT INTO "participation" ("discussion_id", "member_id", "n") VALUES (1, 4, 1);
INSERT INTO "participation" ("discussion_id", "member_id", "n") VALUES (1, 5, 1);
INSERT INTO "participation" ("discussion_id", "member_id", "n") VALUES (2, 1, 1);
INSERT INTO "participation" ("discussion_id", "member_id", "n") VALUES (2, 2, 1);
INSERT INTO "participation" ("discussion_id", "member_id", "n") VALUES (2, 3, 2);
INSERT INTO "participation" ("discussion_id", "member_id", "n") VALUES (2, 4, 1);
INSERT INTO "participation" ("discussion_id", "member_id", "n") VALUES (2, 5, 1);
INSERT INTO "participation" ("discussion_id", "member_id", "n") VALUES (2, 6, 1);
INSERT INTO "participation" ("discussion_id", "member_id", "n") VALUES (2, 7, 0);
INSERT INTO "participation" ("discussion_id", "member_id", "n") VALUES (2, 8, 1);
INSERT INTO "placement" ("channel_id", "position", "post_id") VALUES (1, 1, 1);
INSERT INTO "question" ("discussion_id", "position", "number", "text") VALUES (1, 1785762000000000, 0, 'Which tent holds out in a storm?');
INSERT INTO "question" ("discussion_id", "position", "number", "text") VALUES (2, 1785758400000000, 0, 'Which tent holds out in a storm?');
INSERT INTO "room_name" ("folded", "member_id", "held_until") VALUES ('[]', 1, 1);
INSERT INTO "room_post" ("channel_id", "position", "mid", "thread", "card", "marker", "at") VALUES (1, 1, '[]', '[]', '[]', '[]', 1);
INSERT INTO "run" ("id", "schedule_id", "slot", "due_at", "start_at", "state", "claimed_at", "sent_at", "discussions", "people", "activity", "left_out", "late", "reason", "frozen_as") VALUES (1, 1, '[]', 1, 1, '[]', 1, 1, 1, 1, '[]', 1, 1, '[]', '[]');
INSERT INTO "run_pick" ("run_id", "number", "section", "discussion_id", "quote", "count", "new", "highlights", "waiting", "score", "terms", "reason", "dropped") VALUES (1, 1, '[]', 1, 1, 1, 1, 1, 1, 1.5, '[]', '[]', 1);
INSERT INTO "schedule" ("id", "community_id", "name", "channel_id", "rule", "reach", "sources", "paused", "say_quiet", "created_at", "last_end", "removed", "pins", "follows_id") VALUES (1, 1, '[]', 1, '[]', '[]', '[]', 1, 1, 1, 1, 1, '[]', 1);
INSERT INTO "search_dirty" ("message_id") VALUES (1);
INSERT INTO "setting" ("name", "value") VALUES ('it''s', 'çá 🌿; done');
INSERT INTO "setting" ("name", "value") VALUES ('search', '13');
INSERT INTO "space" ("id", "community_id", "platform", "sid", "name", "hosted", "invite_url", "info_at", "removed_at", "settings") VALUES (1, 1, 'local', 'local', 'The local room', 1, '', 1785758400000, NULL, '{}');
INSERT INTO "space_link" ("id", "first_id", "second_id", "first_by", "second_by", "linked_at", "ended_by", "ended_at") VALUES (1, 1, 1, 1, 1, 1, 1, NULL);
INSERT INTO "sweep" ("channel_id", "began_at", "root", "after", "since", "whole_at") VALUES (1, 1, 1, 1, 1, 1);
INSERT INTO "vote" ("channel_id", "position", "member_id", "source", "added_at", "listed_at", "removed_at", "withdrawn_at") VALUES (1, 1785758460000000, 2, 'reaction', 1785776400000, 0, 0, 0);
INSERT INTO "vote" ("channel_id", "position", "member_id", "source", "added_at", "listed_at", "removed_at", "withdrawn_at") VALUES (1, 1785758460000000, 3, 'reaction', 1785776400000, 0, 0, 0);
INSERT INTO "vote" ("channel_id", "position", "member_id", "source", "added_at", "listed_at", "removed_at", "withdrawn_at") VALUES (1, 1785758640000000, 4, 'reaction', 1785776400000, 0, 0, 0);
INSERT INTO "vote_read" ("channel_id", "position", "source", "read_at") VALUES (1, 1, '[]', 1);
