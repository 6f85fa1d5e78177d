CREATE TABLE public.act (
    id integer NOT NULL,
    kind text NOT NULL,
    channel_id integer NOT NULL,
    "position" bigint NOT NULL,
    by_id integer,
    at bigint NOT NULL
);
CREATE SEQUENCE public.act_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.act_id_seq OWNED BY public.act.id;
CREATE TABLE public.activity (
    day integer NOT NULL,
    discussion_id integer NOT NULL,
    member_id integer NOT NULL,
    n integer NOT NULL
);
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.answered (
    discussion_id integer NOT NULL,
    question bigint NOT NULL,
    answer bigint NOT NULL,
    by_id integer NOT NULL,
    at bigint NOT NULL
);
CREATE TABLE public.change (
    seq bigint NOT NULL,
    kind text NOT NULL,
    subject integer NOT NULL
);
CREATE SEQUENCE public.change_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.change_seq_seq OWNED BY public.change.seq;
CREATE TABLE public.channel (
    id integer NOT NULL,
    space_id integer NOT NULL,
    cid text NOT NULL,
    name text NOT NULL,
    private boolean NOT NULL,
    nsfw boolean NOT NULL,
    connect boolean NOT NULL,
    guests boolean NOT NULL,
    forum boolean NOT NULL,
    archived boolean NOT NULL,
    url text NOT NULL,
    info_at bigint NOT NULL,
    removed_at bigint,
    watched boolean NOT NULL,
    level integer NOT NULL,
    web_from bigint NOT NULL,
    closed_from bigint,
    closed_until bigint,
    cards text NOT NULL,
    count_bots boolean NOT NULL,
    bridges text NOT NULL,
    watermark bigint NOT NULL,
    chains boolean NOT NULL,
    gap_after bigint,
    gap_at bigint NOT NULL,
    forgotten bigint NOT NULL,
    compare_until bigint,
    as_of bigint
);
CREATE SEQUENCE public.channel_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.channel_id_seq OWNED BY public.channel.id;
CREATE TABLE public.community (
    id integer NOT NULL,
    name text NOT NULL
);
CREATE SEQUENCE public.community_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.community_id_seq OWNED BY public.community.id;
CREATE TABLE public.discussion (
    id integer NOT NULL,
    channel_id integer NOT NULL,
    key text NOT NULL,
    root bigint NOT NULL,
    forced boolean NOT NULL,
    chain boolean NOT NULL,
    name text NOT NULL,
    info_at bigint NOT NULL,
    archived boolean NOT NULL,
    archive_after integer,
    locked boolean NOT NULL,
    private boolean NOT NULL,
    gone_at bigint,
    url text NOT NULL,
    first bigint,
    opener_id integer,
    opened_at bigint NOT NULL,
    count integer NOT NULL,
    replies_ever integer NOT NULL,
    participants integer NOT NULL,
    highlights integer NOT NULL,
    last_at bigint NOT NULL,
    live_at bigint,
    stored text NOT NULL,
    state_by integer,
    state_at bigint,
    said text,
    said_by integer,
    said_at bigint,
    said_since bigint,
    tagged text NOT NULL,
    outcome text NOT NULL,
    hidden boolean NOT NULL,
    hidden_by integer,
    hidden_at bigint,
    title_set text NOT NULL,
    title_by integer,
    title_at bigint,
    summary_set text NOT NULL,
    summary_by integer,
    summary_at bigint,
    title_made text NOT NULL,
    summary_made text NOT NULL,
    waiting integer NOT NULL,
    unsettled boolean NOT NULL,
    changed_seq bigint NOT NULL
);
CREATE SEQUENCE public.discussion_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.discussion_id_seq OWNED BY public.discussion.id;
CREATE TABLE public.lease (
    name text NOT NULL,
    owner text NOT NULL,
    until bigint NOT NULL
);
CREATE TABLE public.link_code (
    space_id integer NOT NULL,
    channel_id integer NOT NULL,
    fingerprint text NOT NULL,
    made_by integer NOT NULL,
    made_at bigint NOT NULL,
    used_at bigint
);
CREATE TABLE public.link_try (
    id integer NOT NULL,
    space_id integer NOT NULL,
    at bigint NOT NULL
);
CREATE SEQUENCE public.link_try_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.link_try_id_seq OWNED BY public.link_try.id;
CREATE TABLE public.made_from (
    discussion_id integer NOT NULL,
    "position" bigint NOT NULL
);
CREATE TABLE public.member (
    id integer NOT NULL,
    space_id integer NOT NULL,
    uid text NOT NULL,
    name text NOT NULL,
    name_at bigint NOT NULL,
    is_bot boolean NOT NULL,
    opted_out_at bigint,
    erased_at bigint,
    caught_up_at bigint
);
CREATE SEQUENCE public.member_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.member_id_seq OWNED BY public.member.id;
CREATE TABLE public.message (
    id integer NOT NULL,
    channel_id integer NOT NULL,
    "position" bigint NOT NULL,
    mid text NOT NULL,
    discussion_id integer,
    thread bigint,
    author_id integer,
    kind text NOT NULL,
    counted boolean NOT NULL,
    sent_at bigint NOT NULL,
    edited_at bigint NOT NULL,
    deleted_at bigint,
    text text,
    reply_to bigint,
    files text NOT NULL,
    url text NOT NULL,
    live boolean NOT NULL,
    chain_id integer,
    votes integer NOT NULL,
    picked boolean NOT NULL,
    voted_at bigint,
    held_author boolean NOT NULL,
    held_moderator boolean NOT NULL
);
CREATE SEQUENCE public.message_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.message_id_seq OWNED BY public.message.id;
CREATE TABLE public.message_text (
    message_id integer NOT NULL,
    words tsvector NOT NULL
);
CREATE TABLE public.note (
    channel_id integer NOT NULL,
    "position" bigint NOT NULL,
    member_id integer NOT NULL,
    text text NOT NULL,
    at bigint NOT NULL
);
CREATE TABLE public.own_post (
    id integer NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    channel_id integer NOT NULL,
    thread text,
    marker text NOT NULL,
    state text NOT NULL,
    card text,
    mid text,
    attempts integer NOT NULL,
    planned_at bigint NOT NULL,
    unread integer NOT NULL,
    dirty_at bigint,
    next_change_at bigint,
    not_before bigint NOT NULL,
    owner text NOT NULL,
    leased_until bigint NOT NULL,
    marks integer NOT NULL,
    claimed_marks integer NOT NULL,
    reason text NOT NULL,
    ended_at bigint,
    told boolean NOT NULL
);
CREATE SEQUENCE public.own_post_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.own_post_id_seq OWNED BY public.own_post.id;
CREATE TABLE public.participation (
    discussion_id integer NOT NULL,
    member_id integer NOT NULL,
    n integer NOT NULL
);
CREATE TABLE public.placement (
    channel_id integer NOT NULL,
    "position" bigint NOT NULL,
    post_id integer NOT NULL
);
CREATE TABLE public.question (
    discussion_id integer NOT NULL,
    "position" bigint NOT NULL,
    number integer NOT NULL,
    text text NOT NULL
);
CREATE TABLE public.room_name (
    folded text NOT NULL,
    member_id integer NOT NULL,
    held_until bigint NOT NULL
);
CREATE TABLE public.room_post (
    channel_id integer NOT NULL,
    "position" bigint NOT NULL,
    mid text NOT NULL,
    thread text,
    card text NOT NULL,
    marker text NOT NULL,
    at bigint NOT NULL
);
CREATE TABLE public.run (
    id integer NOT NULL,
    schedule_id integer NOT NULL,
    slot text NOT NULL,
    due_at bigint NOT NULL,
    start_at bigint NOT NULL,
    state text NOT NULL,
    claimed_at bigint NOT NULL,
    sent_at bigint,
    discussions integer NOT NULL,
    people integer NOT NULL,
    activity text NOT NULL,
    left_out integer NOT NULL,
    late boolean NOT NULL,
    reason text NOT NULL,
    frozen_as text
);
CREATE SEQUENCE public.run_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.run_id_seq OWNED BY public.run.id;
CREATE TABLE public.run_pick (
    run_id integer NOT NULL,
    number integer NOT NULL,
    section text NOT NULL,
    discussion_id integer NOT NULL,
    quote bigint,
    count integer NOT NULL,
    new integer NOT NULL,
    highlights integer NOT NULL,
    waiting boolean NOT NULL,
    score double precision NOT NULL,
    terms text NOT NULL,
    reason text NOT NULL,
    dropped boolean NOT NULL
);
CREATE TABLE public.schedule (
    id integer NOT NULL,
    community_id integer NOT NULL,
    name text NOT NULL,
    channel_id integer NOT NULL,
    rule text NOT NULL,
    reach text NOT NULL,
    sources text NOT NULL,
    paused boolean NOT NULL,
    say_quiet boolean NOT NULL,
    created_at bigint NOT NULL,
    last_end bigint,
    removed boolean NOT NULL,
    pins text NOT NULL,
    follows_id integer
);
CREATE SEQUENCE public.schedule_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.schedule_id_seq OWNED BY public.schedule.id;
CREATE TABLE public.search_dirty (
    message_id integer NOT NULL
);
CREATE SEQUENCE public.search_dirty_message_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.search_dirty_message_id_seq OWNED BY public.search_dirty.message_id;
CREATE TABLE public.setting (
    name text NOT NULL,
    value text NOT NULL
);
CREATE TABLE public.space (
    id integer NOT NULL,
    community_id integer NOT NULL,
    platform text NOT NULL,
    sid text NOT NULL,
    name text NOT NULL,
    hosted boolean NOT NULL,
    invite_url text NOT NULL,
    info_at bigint NOT NULL,
    removed_at bigint,
    settings text NOT NULL
);
CREATE SEQUENCE public.space_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.space_id_seq OWNED BY public.space.id;
CREATE TABLE public.space_link (
    id integer NOT NULL,
    first_id integer NOT NULL,
    second_id integer NOT NULL,
    first_by integer NOT NULL,
    second_by integer NOT NULL,
    linked_at bigint NOT NULL,
    ended_by integer,
    ended_at bigint
);
CREATE SEQUENCE public.space_link_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.space_link_id_seq OWNED BY public.space_link.id;
CREATE TABLE public.sweep (
    channel_id integer NOT NULL,
    began_at bigint,
    root bigint NOT NULL,
    after bigint NOT NULL,
    since bigint NOT NULL,
    whole_at bigint
);
CREATE TABLE public.vote (
    channel_id integer NOT NULL,
    "position" bigint NOT NULL,
    member_id integer NOT NULL,
    source text NOT NULL,
    added_at bigint NOT NULL,
    listed_at bigint NOT NULL,
    removed_at bigint NOT NULL,
    withdrawn_at bigint NOT NULL
);
CREATE TABLE public.vote_read (
    channel_id integer NOT NULL,
    "position" bigint NOT NULL,
    source text NOT NULL,
    read_at bigint NOT NULL
);
ALTER TABLE ONLY public.act ALTER COLUMN id SET DEFAULT nextval('public.act_id_seq'::regclass);
ALTER TABLE ONLY public.change ALTER COLUMN seq SET DEFAULT nextval('public.change_seq_seq'::regclass);
ALTER TABLE ONLY public.channel ALTER COLUMN id SET DEFAULT nextval('public.channel_id_seq'::regclass);
ALTER TABLE ONLY public.community ALTER COLUMN id SET DEFAULT nextval('public.community_id_seq'::regclass);
ALTER TABLE ONLY public.discussion ALTER COLUMN id SET DEFAULT nextval('public.discussion_id_seq'::regclass);
ALTER TABLE ONLY public.link_try ALTER COLUMN id SET DEFAULT nextval('public.link_try_id_seq'::regclass);
ALTER TABLE ONLY public.member ALTER COLUMN id SET DEFAULT nextval('public.member_id_seq'::regclass);
ALTER TABLE ONLY public.message ALTER COLUMN id SET DEFAULT nextval('public.message_id_seq'::regclass);
ALTER TABLE ONLY public.own_post ALTER COLUMN id SET DEFAULT nextval('public.own_post_id_seq'::regclass);
ALTER TABLE ONLY public.run ALTER COLUMN id SET DEFAULT nextval('public.run_id_seq'::regclass);
ALTER TABLE ONLY public.schedule ALTER COLUMN id SET DEFAULT nextval('public.schedule_id_seq'::regclass);
ALTER TABLE ONLY public.search_dirty ALTER COLUMN message_id SET DEFAULT nextval('public.search_dirty_message_id_seq'::regclass);
ALTER TABLE ONLY public.space ALTER COLUMN id SET DEFAULT nextval('public.space_id_seq'::regclass);
ALTER TABLE ONLY public.space_link ALTER COLUMN id SET DEFAULT nextval('public.space_link_id_seq'::regclass);
INSERT INTO public.act (id, kind, channel_id, "position", by_id, at) VALUES (1, '[]', 1, 1, 1, 1);
INSERT INTO public.activity (day, discussion_id, member_id, n) VALUES (20668, 2, 1, 1);
INSERT INTO public.activity (day, discussion_id, member_id, n) VALUES (20668, 2, 3, 2);
INSERT INTO public.activity (day, discussion_id, member_id, n) VALUES (20668, 2, 4, 1);
INSERT INTO public.activity (day, discussion_id, member_id, n) VALUES (20668, 2, 5, 1);
INSERT INTO public.activity (day, discussion_id, member_id, n) VALUES (20668, 2, 6, 1);
INSERT INTO public.activity (day, discussion_id, member_id, n) VALUES (20668, 2, 8, 1);
INSERT INTO public.activity (day, discussion_id, member_id, n) VALUES (20668, 2, 2, 1);
INSERT INTO public.activity (day, discussion_id, member_id, n) VALUES (20668, 1, 1, 1);
INSERT INTO public.activity (day, discussion_id, member_id, n) VALUES (20668, 1, 4, 1);
INSERT INTO public.activity (day, discussion_id, member_id, n) VALUES (20668, 1, 5, 1);
INSERT INTO public.activity (day, discussion_id, member_id, n) VALUES (20668, 2, 7, 0);
INSERT INTO public.activity (day, discussion_id, member_id, n) VALUES (20668, 1, 3, 0);
INSERT INTO public.alembic_version (version_num) VALUES ('0001');
INSERT INTO public.answered (discussion_id, question, answer, by_id, at) VALUES (1, 1, 1, 1, 1);
INSERT INTO public.change (seq, kind, subject) VALUES (1, 'places', 0);
INSERT INTO public.change (seq, kind, subject) VALUES (2, 'channel', 1);
INSERT INTO public.change (seq, kind, subject) VALUES (3, 'discussion', 1);
INSERT INTO public.change (seq, kind, subject) VALUES (4, 'discussion', 2);
INSERT INTO public.change (seq, kind, subject) VALUES (5, 'room', 1);
INSERT INTO public.change (seq, kind, subject) VALUES (6, 'channel', 1);
INSERT INTO public.change (seq, kind, subject) VALUES (7, 'places', 0);
INSERT INTO public.change (seq, kind, subject) VALUES (8, 'discussion', 1);
INSERT INTO public.change (seq, kind, subject) VALUES (9, 'discussion', 2);
INSERT INTO public.change (seq, kind, subject) VALUES (10, 'vote', 2);
INSERT INTO public.change (seq, kind, subject) VALUES (11, 'vote', 5);
INSERT INTO public.change (seq, kind, subject) VALUES (12, 'room', 1);
INSERT INTO public.change (seq, kind, subject) VALUES (13, 'discussion', 2);
INSERT INTO public.change (seq, kind, subject) VALUES (14, 'discussion', 2);
INSERT INTO public.change (seq, kind, subject) VALUES (15, 'discussion', 1);
INSERT INTO public.change (seq, kind, subject) VALUES (16, 'discussion', 1);
INSERT INTO public.channel (id, space_id, cid, name, private, nsfw, connect, guests, forum, archived, url, info_at, removed_at, watched, level, web_from, closed_from, closed_until, cards, count_bots, bridges, watermark, chains, gap_after, gap_at, forgotten, compare_until, as_of) VALUES (1, 1, 'help', 'help', false, false, false, false, false, false, '', 1785758400000, NULL, false, 1, 0, NULL, NULL, 'auto', false, '[]', 1785762180000000, false, NULL, 0, 0, NULL, NULL);
INSERT INTO public.community (id, name) VALUES (1, 'The local room');
INSERT INTO public.discussion (id, channel_id, key, root, forced, chain, name, info_at, archived, archive_after, locked, private, gone_at, url, first, opener_id, opened_at, count, replies_ever, participants, highlights, last_at, live_at, stored, state_by, state_at, said, said_by, said_at, said_since, tagged, outcome, hidden, hidden_by, hidden_at, title_set, title_by, title_at, summary_set, summary_by, summary_at, title_made, summary_made, waiting, unsettled, changed_seq) VALUES (2, 1, '1785758400000000', 1785758400000000, false, false, '', -1, false, NULL, false, false, NULL, '', 1785758400000000, 1, 1785758400000, 8, 8, 7, 2, 1785758880000, 1785758880000, 'open', NULL, NULL, NULL, NULL, NULL, NULL, '', '', false, NULL, NULL, '', NULL, NULL, '', NULL, NULL, 'Which tent holds out in a storm?', '', 1, false, 0);
INSERT INTO public.discussion (id, channel_id, key, root, forced, chain, name, info_at, archived, archive_after, locked, private, gone_at, url, first, opener_id, opened_at, count, replies_ever, participants, highlights, last_at, live_at, stored, state_by, state_at, said, said_by, said_at, said_since, tagged, outcome, hidden, hidden_by, hidden_at, title_set, title_by, title_at, summary_set, summary_by, summary_at, title_made, summary_made, waiting, unsettled, changed_seq) VALUES (1, 1, '1785762000000000', 1785762000000000, false, false, '', -1, false, NULL, false, false, NULL, '', 1785762000000000, 1, 1785762000000, 3, 3, 3, 0, 1785762180000, 1785762180000, 'concluded', 1, 1785763800000, 'concluded', 1, 1785763800000, 1785763800000, '', 'Canvas, that is.', false, NULL, NULL, '', NULL, NULL, '', NULL, NULL, 'Which tent holds out in a storm?', '', 1, true, 0);
INSERT INTO public.lease (name, owner, until) VALUES ('[]', '[]', 1);
INSERT INTO public.link_code (space_id, channel_id, fingerprint, made_by, made_at, used_at) VALUES (1, 1, '[]', 1, 1, 1);
INSERT INTO public.link_try (id, space_id, at) VALUES (1, 1, 1);
INSERT INTO public.made_from (discussion_id, "position") VALUES (2, 1785758400000000);
INSERT INTO public.made_from (discussion_id, "position") VALUES (1, 1785762000000000);
INSERT INTO public.member (id, space_id, uid, name, name_at, is_bot, opted_out_at, erased_at, caught_up_at) VALUES (1, 1, 'ada', 'Ada', 1785762000000, false, NULL, NULL, NULL);
INSERT INTO public.member (id, space_id, uid, name, name_at, is_bot, opted_out_at, erased_at, caught_up_at) VALUES (5, 1, 'eve', 'Eve', 1785762180000, false, NULL, NULL, NULL);
INSERT INTO public.member (id, space_id, uid, name, name_at, is_bot, opted_out_at, erased_at, caught_up_at) VALUES (6, 1, 'finn', 'Finn', 1785758640000, false, NULL, NULL, NULL);
INSERT INTO public.member (id, space_id, uid, name, name_at, is_bot, opted_out_at, erased_at, caught_up_at) VALUES (7, 1, 'gus', 'Gus', 1785758700000, false, NULL, NULL, NULL);
INSERT INTO public.member (id, space_id, uid, name, name_at, is_bot, opted_out_at, erased_at, caught_up_at) VALUES (8, 1, 'hal', 'Hal', 1785758760000, false, NULL, NULL, NULL);
INSERT INTO public.member (id, space_id, uid, name, name_at, is_bot, opted_out_at, erased_at, caught_up_at) VALUES (2, 1, 'bo', 'Bo', 1785776400000, false, NULL, NULL, NULL);
INSERT INTO public.member (id, space_id, uid, name, name_at, is_bot, opted_out_at, erased_at, caught_up_at) VALUES (3, 1, 'cem', 'Cem', 1785776400000, false, NULL, NULL, NULL);
INSERT INTO public.member (id, space_id, uid, name, name_at, is_bot, opted_out_at, erased_at, caught_up_at) VALUES (4, 1, 'dina', 'Dina', 1785776400000, false, NULL, NULL, NULL);
INSERT INTO public.message (id, channel_id, "position", mid, discussion_id, thread, author_id, kind, counted, sent_at, edited_at, deleted_at, text, reply_to, files, url, live, chain_id, votes, picked, voted_at, held_author, held_moderator) VALUES (1, 1, 1785758400000000, '1785758400000000', 2, 1785758400000000, 1, 'person', true, 1785758400000, 0, NULL, 'Which tent holds out in a storm?', NULL, '', '', true, NULL, 0, false, NULL, false, false);
INSERT INTO public.message (id, channel_id, "position", mid, discussion_id, thread, author_id, kind, counted, sent_at, edited_at, deleted_at, text, reply_to, files, url, live, chain_id, votes, picked, voted_at, held_author, held_moderator) VALUES (3, 1, 1785758520000000, '1785758520000000', 2, 1785758400000000, 4, 'person', true, 1785758520000, 0, NULL, 'Reply 2 about tents.', NULL, '', '', true, NULL, 0, false, NULL, false, false);
INSERT INTO public.message (id, channel_id, "position", mid, discussion_id, thread, author_id, kind, counted, sent_at, edited_at, deleted_at, text, reply_to, files, url, live, chain_id, votes, picked, voted_at, held_author, held_moderator) VALUES (4, 1, 1785758580000000, '1785758580000000', 2, 1785758400000000, 5, 'person', true, 1785758580000, 0, NULL, 'Reply 3 about tents.', NULL, '', '', true, NULL, 0, false, NULL, false, false);
INSERT INTO public.message (id, channel_id, "position", mid, discussion_id, thread, author_id, kind, counted, sent_at, edited_at, deleted_at, text, reply_to, files, url, live, chain_id, votes, picked, voted_at, held_author, held_moderator) VALUES (7, 1, 1785758760000000, '1785758760000000', 2, 1785758400000000, 8, 'person', true, 1785758760000, 0, NULL, 'Reply 6 about tents.', NULL, '', '', true, NULL, 0, false, NULL, false, false);
INSERT INTO public.message (id, channel_id, "position", mid, discussion_id, thread, author_id, kind, counted, sent_at, edited_at, deleted_at, text, reply_to, files, url, live, chain_id, votes, picked, voted_at, held_author, held_moderator) VALUES (8, 1, 1785758820000000, '1785758820000000', 2, 1785758400000000, 2, 'person', true, 1785758820000, 0, NULL, 'Reply 7 about tents.', NULL, '', '', true, NULL, 0, false, NULL, false, false);
INSERT INTO public.message (id, channel_id, "position", mid, discussion_id, thread, author_id, kind, counted, sent_at, edited_at, deleted_at, text, reply_to, files, url, live, chain_id, votes, picked, voted_at, held_author, held_moderator) VALUES (9, 1, 1785758880000000, '1785758880000000', 2, 1785758400000000, 3, 'person', true, 1785758880000, 0, NULL, 'Reply 8 about tents.', NULL, '', '', true, NULL, 0, false, NULL, false, false);
INSERT INTO public.message (id, channel_id, "position", mid, discussion_id, thread, author_id, kind, counted, sent_at, edited_at, deleted_at, text, reply_to, files, url, live, chain_id, votes, picked, voted_at, held_author, held_moderator) VALUES (10, 1, 1785762000000000, '1785762000000000', 1, 1785762000000000, 1, 'person', true, 1785762000000, 0, NULL, 'Which tent holds out in a storm?', NULL, '', '', true, NULL, 0, false, NULL, false, false);
INSERT INTO public.message (id, channel_id, "position", mid, discussion_id, thread, author_id, kind, counted, sent_at, edited_at, deleted_at, text, reply_to, files, url, live, chain_id, votes, picked, voted_at, held_author, held_moderator) VALUES (12, 1, 1785762120000000, '1785762120000000', 1, 1785762000000000, 4, 'person', true, 1785762120000, 0, NULL, 'Reply 2 about tents.', NULL, '', '', true, NULL, 0, false, NULL, false, false);
INSERT INTO public.message (id, channel_id, "position", mid, discussion_id, thread, author_id, kind, counted, sent_at, edited_at, deleted_at, text, reply_to, files, url, live, chain_id, votes, picked, voted_at, held_author, held_moderator) VALUES (13, 1, 1785762180000000, '1785762180000000', 1, 1785762000000000, 5, 'person', true, 1785762180000, 0, NULL, 'Reply 3 about tents.', NULL, '', '', true, NULL, 0, false, NULL, false, false);
INSERT INTO public.message (id, channel_id, "position", mid, discussion_id, thread, author_id, kind, counted, sent_at, edited_at, deleted_at, text, reply_to, files, url, live, chain_id, votes, picked, voted_at, held_author, held_moderator) VALUES (6, 1, 1785758700000000, '1785758700000000', 2, 1785758400000000, 7, 'person', true, 1785758700000, 0, 1785794400000, NULL, NULL, '', '', true, NULL, 0, false, NULL, false, false);
INSERT INTO public.message (id, channel_id, "position", mid, discussion_id, thread, author_id, kind, counted, sent_at, edited_at, deleted_at, text, reply_to, files, url, live, chain_id, votes, picked, voted_at, held_author, held_moderator) VALUES (11, 1, 1785762060000000, '1785762060000000', 1, 1785762000000000, 3, 'person', true, 1785762060000, 0, 1785794400000, NULL, NULL, '', '', true, NULL, 0, false, NULL, false, false);
INSERT INTO public.message (id, channel_id, "position", mid, discussion_id, thread, author_id, kind, counted, sent_at, edited_at, deleted_at, text, reply_to, files, url, live, chain_id, votes, picked, voted_at, held_author, held_moderator) VALUES (2, 1, 1785758460000000, '1785758460000000', 2, 1785758400000000, 3, 'person', true, 1785758460000, 0, NULL, 'Reply 1 about tents.', NULL, '', '', true, NULL, 1, false, 1785776400000, false, false);
INSERT INTO public.message (id, channel_id, "position", mid, discussion_id, thread, author_id, kind, counted, sent_at, edited_at, deleted_at, text, reply_to, files, url, live, chain_id, votes, picked, voted_at, held_author, held_moderator) VALUES (5, 1, 1785758640000000, '1785758640000000', 2, 1785758400000000, 6, 'person', true, 1785758640000, 0, NULL, 'Reply 4 about tents.', NULL, '', '', true, NULL, 1, false, 1785776400000, false, false);
INSERT INTO public.message_text (message_id, words) VALUES (1, '''a'':6 ''holds'':3 ''in'':5 ''out'':4 ''storm'':7 ''tent'':2 ''which'':1');
INSERT INTO public.message_text (message_id, words) VALUES (3, '''2'':2 ''about'':3 ''reply'':1 ''tents'':4');
INSERT INTO public.message_text (message_id, words) VALUES (4, '''3'':2 ''about'':3 ''reply'':1 ''tents'':4');
INSERT INTO public.message_text (message_id, words) VALUES (7, '''6'':2 ''about'':3 ''reply'':1 ''tents'':4');
INSERT INTO public.message_text (message_id, words) VALUES (8, '''7'':2 ''about'':3 ''reply'':1 ''tents'':4');
INSERT INTO public.message_text (message_id, words) VALUES (9, '''8'':2 ''about'':3 ''reply'':1 ''tents'':4');
INSERT INTO public.message_text (message_id, words) VALUES (10, '''a'':6 ''holds'':3 ''in'':5 ''out'':4 ''storm'':7 ''tent'':2 ''which'':1');
INSERT INTO public.message_text (message_id, words) VALUES (12, '''2'':2 ''about'':3 ''reply'':1 ''tents'':4');
INSERT INTO public.message_text (message_id, words) VALUES (13, '''3'':2 ''about'':3 ''reply'':1 ''tents'':4');
INSERT INTO public.message_text (message_id, words) VALUES (2, '''1'':2 ''about'':3 ''reply'':1 ''tents'':4');
INSERT INTO public.message_text (message_id, words) VALUES (5, '''4'':2 ''about'':3 ''reply'':1 ''tents'':4');
INSERT INTO public.note (channel_id, "position", member_id, text, at) VALUES (1, 1, 1, '[]', 1);
INSERT INTO public.own_post (id, kind, subject, channel_id, thread, marker, state, card, mid, attempts, planned_at, unread, dirty_at, next_change_at, not_before, owner, leased_until, marks, claimed_marks, reason, ended_at, told) VALUES (1, '[]', '[]', 1, '[]', '[]', '[]', '[]', '[]', 1, 1, 1, 1, 1, 1, '[]', 1, 1, 1, '[]', 1, true);
INSERT INTO public.participation (discussion_id, member_id, n) VALUES (2, 1, 1);
INSERT INTO public.participation (discussion_id, member_id, n) VALUES (2, 3, 2);
INSERT INTO public.participation (discussion_id, member_id, n) VALUES (2, 4, 1);
INSERT INTO public.participation (discussion_id, member_id, n) VALUES (2, 5, 1);
INSERT INTO public.participation (discussion_id, member_id, n) VALUES (2, 6, 1);
INSERT INTO public.participation (discussion_id, member_id, n) VALUES (2, 8, 1);
INSERT INTO public.participation (discussion_id, member_id, n) VALUES (2, 2, 1);
INSERT INTO public.participation (discussion_id, member_id, n) VALUES (1, 1, 1);
INSERT INTO public.participation (discussion_id, member_id, n) VALUES (1, 4, 1);
INSERT INTO public.participation (discussion_id, member_id, n) VALUES (1, 5, 1);
INSERT INTO public.participation (discussion_id, member_id, n) VALUES (2, 7, 0);
INSERT INTO public.participation (discussion_id, member_id, n) VALUES (1, 3, 0);
INSERT INTO public.placement (channel_id, "position", post_id) VALUES (1, 1, 1);
INSERT INTO public.question (discussion_id, "position", number, text) VALUES (2, 1785758400000000, 0, 'Which tent holds out in a storm?');
INSERT INTO public.question (discussion_id, "position", number, text) VALUES (1, 1785762000000000, 0, 'Which tent holds out in a storm?');
INSERT INTO public.room_name (folded, member_id, held_until) VALUES ('[]', 1, 1);
INSERT INTO public.room_post (channel_id, "position", mid, thread, card, marker, at) VALUES (1, 1, '[]', '[]', '[]', '[]', 1);
INSERT INTO public.run (id, schedule_id, slot, due_at, start_at, state, claimed_at, sent_at, discussions, people, activity, left_out, late, reason, frozen_as) VALUES (1, 1, '[]', 1, 1, '[]', 1, 1, 1, 1, '[]', 1, true, '[]', '[]');
INSERT INTO public.run_pick (run_id, number, section, discussion_id, quote, count, new, highlights, waiting, score, terms, reason, dropped) VALUES (1, 1, '[]', 1, 1, 1, 1, 1, true, 1.5, '[]', '[]', true);
INSERT INTO public.schedule (id, community_id, name, channel_id, rule, reach, sources, paused, say_quiet, created_at, last_end, removed, pins, follows_id) VALUES (1, 1, '[]', 1, '[]', '[]', '[]', true, true, 1, 1, true, '[]', 1);
INSERT INTO public.search_dirty (message_id) VALUES (1);
INSERT INTO public.setting (name, value) VALUES ('search', '13');
INSERT INTO public.setting (name, value) VALUES ('it''s', 'çá 🌿; done');
INSERT INTO public.space (id, community_id, platform, sid, name, hosted, invite_url, info_at, removed_at, settings) VALUES (1, 1, 'local', 'local', 'The local room', true, '', 1785758400000, NULL, '{}');
INSERT INTO public.space_link (id, first_id, second_id, first_by, second_by, linked_at, ended_by, ended_at) VALUES (1, 1, 1, 1, 1, 1, 1, NULL);
INSERT INTO public.sweep (channel_id, began_at, root, after, since, whole_at) VALUES (1, 1, 1, 1, 1, 1);
INSERT INTO public.vote (channel_id, "position", member_id, source, added_at, listed_at, removed_at, withdrawn_at) VALUES (1, 1785758460000000, 2, 'reaction', 1785776400000, 0, 0, 0);
INSERT INTO public.vote (channel_id, "position", member_id, source, added_at, listed_at, removed_at, withdrawn_at) VALUES (1, 1785758460000000, 3, 'reaction', 1785776400000, 0, 0, 0);
INSERT INTO public.vote (channel_id, "position", member_id, source, added_at, listed_at, removed_at, withdrawn_at) VALUES (1, 1785758640000000, 4, 'reaction', 1785776400000, 0, 0, 0);
INSERT INTO public.vote_read (channel_id, "position", source, read_at) VALUES (1, 1, '[]', 1);
SELECT pg_catalog.setval('public.act_id_seq', 1, false);
SELECT pg_catalog.setval('public.change_seq_seq', 16, true);
SELECT pg_catalog.setval('public.channel_id_seq', 1, true);
SELECT pg_catalog.setval('public.community_id_seq', 1, true);
SELECT pg_catalog.setval('public.discussion_id_seq', 2, true);
SELECT pg_catalog.setval('public.link_try_id_seq', 1, false);
SELECT pg_catalog.setval('public.member_id_seq', 8, true);
SELECT pg_catalog.setval('public.message_id_seq', 13, true);
SELECT pg_catalog.setval('public.own_post_id_seq', 1, false);
SELECT pg_catalog.setval('public.run_id_seq', 1, false);
SELECT pg_catalog.setval('public.schedule_id_seq', 1, false);
SELECT pg_catalog.setval('public.search_dirty_message_id_seq', 1, false);
SELECT pg_catalog.setval('public.space_id_seq', 1, true);
SELECT pg_catalog.setval('public.space_link_id_seq', 1, false);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.message_text
    ADD CONSTRAINT message_text_pkey PRIMARY KEY (message_id);
ALTER TABLE ONLY public.act
    ADD CONSTRAINT pk_act PRIMARY KEY (id);
ALTER TABLE ONLY public.activity
    ADD CONSTRAINT pk_activity PRIMARY KEY (day, discussion_id, member_id);
ALTER TABLE ONLY public.answered
    ADD CONSTRAINT pk_answered PRIMARY KEY (discussion_id, question);
ALTER TABLE ONLY public.change
    ADD CONSTRAINT pk_change PRIMARY KEY (seq);
ALTER TABLE ONLY public.channel
    ADD CONSTRAINT pk_channel PRIMARY KEY (id);
ALTER TABLE ONLY public.community
    ADD CONSTRAINT pk_community PRIMARY KEY (id);
ALTER TABLE ONLY public.discussion
    ADD CONSTRAINT pk_discussion PRIMARY KEY (id);
ALTER TABLE ONLY public.lease
    ADD CONSTRAINT pk_lease PRIMARY KEY (name);
ALTER TABLE ONLY public.link_code
    ADD CONSTRAINT pk_link_code PRIMARY KEY (space_id);
ALTER TABLE ONLY public.link_try
    ADD CONSTRAINT pk_link_try PRIMARY KEY (id);
ALTER TABLE ONLY public.made_from
    ADD CONSTRAINT pk_made_from PRIMARY KEY (discussion_id, "position");
ALTER TABLE ONLY public.member
    ADD CONSTRAINT pk_member PRIMARY KEY (id);
ALTER TABLE ONLY public.message
    ADD CONSTRAINT pk_message PRIMARY KEY (id);
ALTER TABLE ONLY public.note
    ADD CONSTRAINT pk_note PRIMARY KEY (channel_id, "position", member_id);
ALTER TABLE ONLY public.own_post
    ADD CONSTRAINT pk_own_post PRIMARY KEY (id);
ALTER TABLE ONLY public.participation
    ADD CONSTRAINT pk_participation PRIMARY KEY (discussion_id, member_id);
ALTER TABLE ONLY public.placement
    ADD CONSTRAINT pk_placement PRIMARY KEY (channel_id, "position", post_id);
ALTER TABLE ONLY public.question
    ADD CONSTRAINT pk_question PRIMARY KEY (discussion_id, "position", number);
ALTER TABLE ONLY public.room_name
    ADD CONSTRAINT pk_room_name PRIMARY KEY (folded);
ALTER TABLE ONLY public.room_post
    ADD CONSTRAINT pk_room_post PRIMARY KEY (channel_id, "position");
ALTER TABLE ONLY public.run
    ADD CONSTRAINT pk_run PRIMARY KEY (id);
ALTER TABLE ONLY public.run_pick
    ADD CONSTRAINT pk_run_pick PRIMARY KEY (run_id, number);
ALTER TABLE ONLY public.schedule
    ADD CONSTRAINT pk_schedule PRIMARY KEY (id);
ALTER TABLE ONLY public.search_dirty
    ADD CONSTRAINT pk_search_dirty PRIMARY KEY (message_id);
ALTER TABLE ONLY public.setting
    ADD CONSTRAINT pk_setting PRIMARY KEY (name);
ALTER TABLE ONLY public.space
    ADD CONSTRAINT pk_space PRIMARY KEY (id);
ALTER TABLE ONLY public.space_link
    ADD CONSTRAINT pk_space_link PRIMARY KEY (id);
ALTER TABLE ONLY public.sweep
    ADD CONSTRAINT pk_sweep PRIMARY KEY (channel_id);
ALTER TABLE ONLY public.vote
    ADD CONSTRAINT pk_vote PRIMARY KEY (channel_id, "position", member_id, source);
ALTER TABLE ONLY public.vote_read
    ADD CONSTRAINT pk_vote_read PRIMARY KEY (channel_id, "position", source);
ALTER TABLE ONLY public.channel
    ADD CONSTRAINT uq_channel_space_id_cid UNIQUE (space_id, cid);
ALTER TABLE ONLY public.discussion
    ADD CONSTRAINT uq_discussion_channel_id_root UNIQUE (channel_id, root);
ALTER TABLE ONLY public.member
    ADD CONSTRAINT uq_member_space_id_uid UNIQUE (space_id, uid);
ALTER TABLE ONLY public.message
    ADD CONSTRAINT uq_message_channel_id_position UNIQUE (channel_id, "position");
ALTER TABLE ONLY public.own_post
    ADD CONSTRAINT uq_own_post_subject UNIQUE (subject);
ALTER TABLE ONLY public.room_post
    ADD CONSTRAINT uq_room_post_channel_id_marker UNIQUE (channel_id, marker);
ALTER TABLE ONLY public.run
    ADD CONSTRAINT uq_run_schedule_id_slot UNIQUE (schedule_id, slot);
ALTER TABLE ONLY public.space
    ADD CONSTRAINT uq_space_platform_sid UNIQUE (platform, sid);
CREATE INDEX ix_discussion_channel_id_last_at ON public.discussion USING btree (channel_id, last_at);
CREATE INDEX ix_discussion_last_at ON public.discussion USING btree (last_at);
CREATE INDEX ix_discussion_opened_at ON public.discussion USING btree (opened_at);
CREATE INDEX ix_discussion_state_at ON public.discussion USING btree (state_at);
CREATE INDEX ix_discussion_unsettled ON public.discussion USING btree (unsettled) WHERE unsettled;
CREATE INDEX ix_message_author_id_sent_at ON public.message USING btree (author_id, sent_at);
CREATE INDEX ix_message_channel_id_reply_to ON public.message USING btree (channel_id, reply_to) WHERE ((reply_to IS NOT NULL) AND (thread = "position"));
CREATE INDEX ix_message_discussion_id_position ON public.message USING btree (discussion_id, "position");
CREATE INDEX ix_message_sent_at ON public.message USING btree (sent_at, discussion_id, author_id, counted, deleted_at);
CREATE INDEX ix_message_text_words ON public.message_text USING gin (words);
CREATE INDEX ix_message_voted_at ON public.message USING btree (voted_at) WHERE (voted_at IS NOT NULL);
CREATE INDEX ix_note_member_id ON public.note USING btree (member_id);
CREATE INDEX ix_own_post_due ON public.own_post USING btree (state, dirty_at);
CREATE INDEX ix_own_post_mid ON public.own_post USING btree (mid);
CREATE INDEX ix_own_post_next_change_at ON public.own_post USING btree (next_change_at);
CREATE INDEX ix_own_post_unread ON public.own_post USING btree (planned_at) WHERE (unread > 0);
CREATE INDEX ix_placement_post_id ON public.placement USING btree (post_id);
CREATE INDEX ix_run_pick_discussion_id ON public.run_pick USING btree (discussion_id);
CREATE INDEX ix_run_state ON public.run USING btree (state);
CREATE INDEX ix_vote_added_at ON public.vote USING btree (added_at);
CREATE INDEX ix_vote_member_id ON public.vote USING btree (member_id);
CREATE UNIQUE INDEX uq_space_link_first_id_second_id ON public.space_link USING btree (first_id, second_id) WHERE (ended_at IS NULL);
ALTER TABLE ONLY public.act
    ADD CONSTRAINT fk_act_by_id FOREIGN KEY (by_id) REFERENCES public.member(id);
ALTER TABLE ONLY public.act
    ADD CONSTRAINT fk_act_channel_id FOREIGN KEY (channel_id) REFERENCES public.channel(id);
ALTER TABLE ONLY public.answered
    ADD CONSTRAINT fk_answered_by_id FOREIGN KEY (by_id) REFERENCES public.member(id);
ALTER TABLE ONLY public.answered
    ADD CONSTRAINT fk_answered_discussion_id FOREIGN KEY (discussion_id) REFERENCES public.discussion(id);
ALTER TABLE ONLY public.channel
    ADD CONSTRAINT fk_channel_space_id FOREIGN KEY (space_id) REFERENCES public.space(id);
ALTER TABLE ONLY public.discussion
    ADD CONSTRAINT fk_discussion_channel_id FOREIGN KEY (channel_id) REFERENCES public.channel(id);
ALTER TABLE ONLY public.discussion
    ADD CONSTRAINT fk_discussion_hidden_by FOREIGN KEY (hidden_by) REFERENCES public.member(id);
ALTER TABLE ONLY public.discussion
    ADD CONSTRAINT fk_discussion_opener_id FOREIGN KEY (opener_id) REFERENCES public.member(id);
ALTER TABLE ONLY public.discussion
    ADD CONSTRAINT fk_discussion_said_by FOREIGN KEY (said_by) REFERENCES public.member(id);
ALTER TABLE ONLY public.discussion
    ADD CONSTRAINT fk_discussion_state_by FOREIGN KEY (state_by) REFERENCES public.member(id);
ALTER TABLE ONLY public.discussion
    ADD CONSTRAINT fk_discussion_summary_by FOREIGN KEY (summary_by) REFERENCES public.member(id);
ALTER TABLE ONLY public.discussion
    ADD CONSTRAINT fk_discussion_title_by FOREIGN KEY (title_by) REFERENCES public.member(id);
ALTER TABLE ONLY public.link_code
    ADD CONSTRAINT fk_link_code_channel_id FOREIGN KEY (channel_id) REFERENCES public.channel(id);
ALTER TABLE ONLY public.link_code
    ADD CONSTRAINT fk_link_code_made_by FOREIGN KEY (made_by) REFERENCES public.member(id);
ALTER TABLE ONLY public.link_code
    ADD CONSTRAINT fk_link_code_space_id FOREIGN KEY (space_id) REFERENCES public.space(id);
ALTER TABLE ONLY public.link_try
    ADD CONSTRAINT fk_link_try_space_id FOREIGN KEY (space_id) REFERENCES public.space(id);
ALTER TABLE ONLY public.made_from
    ADD CONSTRAINT fk_made_from_discussion_id FOREIGN KEY (discussion_id) REFERENCES public.discussion(id);
ALTER TABLE ONLY public.member
    ADD CONSTRAINT fk_member_space_id FOREIGN KEY (space_id) REFERENCES public.space(id);
ALTER TABLE ONLY public.message
    ADD CONSTRAINT fk_message_author_id FOREIGN KEY (author_id) REFERENCES public.member(id);
ALTER TABLE ONLY public.message
    ADD CONSTRAINT fk_message_chain_id FOREIGN KEY (chain_id) REFERENCES public.discussion(id);
ALTER TABLE ONLY public.message
    ADD CONSTRAINT fk_message_channel_id FOREIGN KEY (channel_id) REFERENCES public.channel(id);
ALTER TABLE ONLY public.message
    ADD CONSTRAINT fk_message_discussion_id FOREIGN KEY (discussion_id) REFERENCES public.discussion(id);
ALTER TABLE ONLY public.note
    ADD CONSTRAINT fk_note_channel_id FOREIGN KEY (channel_id) REFERENCES public.channel(id);
ALTER TABLE ONLY public.note
    ADD CONSTRAINT fk_note_member_id FOREIGN KEY (member_id) REFERENCES public.member(id);
ALTER TABLE ONLY public.own_post
    ADD CONSTRAINT fk_own_post_channel_id FOREIGN KEY (channel_id) REFERENCES public.channel(id);
ALTER TABLE ONLY public.participation
    ADD CONSTRAINT fk_participation_discussion_id FOREIGN KEY (discussion_id) REFERENCES public.discussion(id);
ALTER TABLE ONLY public.participation
    ADD CONSTRAINT fk_participation_member_id FOREIGN KEY (member_id) REFERENCES public.member(id);
ALTER TABLE ONLY public.placement
    ADD CONSTRAINT fk_placement_post_id FOREIGN KEY (post_id) REFERENCES public.own_post(id);
ALTER TABLE ONLY public.question
    ADD CONSTRAINT fk_question_discussion_id FOREIGN KEY (discussion_id) REFERENCES public.discussion(id);
ALTER TABLE ONLY public.room_name
    ADD CONSTRAINT fk_room_name_member_id FOREIGN KEY (member_id) REFERENCES public.member(id);
ALTER TABLE ONLY public.room_post
    ADD CONSTRAINT fk_room_post_channel_id FOREIGN KEY (channel_id) REFERENCES public.channel(id);
ALTER TABLE ONLY public.run_pick
    ADD CONSTRAINT fk_run_pick_discussion_id FOREIGN KEY (discussion_id) REFERENCES public.discussion(id);
ALTER TABLE ONLY public.run_pick
    ADD CONSTRAINT fk_run_pick_run_id FOREIGN KEY (run_id) REFERENCES public.run(id);
ALTER TABLE ONLY public.run
    ADD CONSTRAINT fk_run_schedule_id FOREIGN KEY (schedule_id) REFERENCES public.schedule(id);
ALTER TABLE ONLY public.schedule
    ADD CONSTRAINT fk_schedule_channel_id FOREIGN KEY (channel_id) REFERENCES public.channel(id);
ALTER TABLE ONLY public.schedule
    ADD CONSTRAINT fk_schedule_community_id FOREIGN KEY (community_id) REFERENCES public.community(id);
ALTER TABLE ONLY public.schedule
    ADD CONSTRAINT fk_schedule_follows_id FOREIGN KEY (follows_id) REFERENCES public.schedule(id);
ALTER TABLE ONLY public.space
    ADD CONSTRAINT fk_space_community_id FOREIGN KEY (community_id) REFERENCES public.community(id);
ALTER TABLE ONLY public.space_link
    ADD CONSTRAINT fk_space_link_ended_by FOREIGN KEY (ended_by) REFERENCES public.member(id);
ALTER TABLE ONLY public.space_link
    ADD CONSTRAINT fk_space_link_first_by FOREIGN KEY (first_by) REFERENCES public.member(id);
ALTER TABLE ONLY public.space_link
    ADD CONSTRAINT fk_space_link_first_id FOREIGN KEY (first_id) REFERENCES public.space(id);
ALTER TABLE ONLY public.space_link
    ADD CONSTRAINT fk_space_link_second_by FOREIGN KEY (second_by) REFERENCES public.member(id);
ALTER TABLE ONLY public.space_link
    ADD CONSTRAINT fk_space_link_second_id FOREIGN KEY (second_id) REFERENCES public.space(id);
ALTER TABLE ONLY public.sweep
    ADD CONSTRAINT fk_sweep_channel_id FOREIGN KEY (channel_id) REFERENCES public.channel(id);
ALTER TABLE ONLY public.vote
    ADD CONSTRAINT fk_vote_channel_id FOREIGN KEY (channel_id) REFERENCES public.channel(id);
ALTER TABLE ONLY public.vote
    ADD CONSTRAINT fk_vote_member_id FOREIGN KEY (member_id) REFERENCES public.member(id);
ALTER TABLE ONLY public.vote_read
    ADD CONSTRAINT fk_vote_read_channel_id FOREIGN KEY (channel_id) REFERENCES public.channel(id);
