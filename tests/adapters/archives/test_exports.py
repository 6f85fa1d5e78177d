import json
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.archives import discord_convert, slack_convert
from adapters.archives.detect import open_export
from adapters.archives.export import Export, Options
from adapters.archives.shapes import parse
from bot.errors import ImportProblem
from bot.models import Channel, Event, MessageSeen, Platform, Space, ThreadSeen, VotesRead
from tests.adapters.archives.exports import (
    FORUM,
    GENERAL,
    GUILD,
    TEAM,
    Files,
    as_folder,
    as_zip,
    discord_export,
    discord_file,
    discord_message,
    discord_post,
    slack_export,
    slack_message,
)
from tests.adapters.archives.test_streaming import JSON

NOTHING = Options()


def read(export: Export) -> tuple[list[Event], list[str]]:
    """All events of an export, which is closed, and all that was said against it."""
    with closing(export.source):
        return _read(export)


def _read(export: Export) -> tuple[list[Event], list[str]]:
    said: list[str] = []
    events: list[Event] = []
    contents = export.contents()
    said += [str(problem) for problem in contents.problems]
    for part in contents.parts:
        for entry in part.entries:
            try:
                events += export.events(entry, lambda problem: said.append(str(problem)))
            except ImportProblem as problem:
                said.append(str(problem))
    return events, said


def texts(events: list[Event]) -> list[str]:
    return [event.message.text for event in events if isinstance(event, MessageSeen)]


@pytest.mark.parametrize("files", [slack_export(), discord_export()], ids=["slack", "discord"])
def test_a_zip_and_a_folder_tell_the_same_events(tmp_path: Path, files: Files) -> None:
    folder = open_export(as_folder(tmp_path / "a", files), NOTHING)
    packed = open_export(as_zip(tmp_path / "b.zip", files), NOTHING)
    inside = open_export(
        as_zip(tmp_path / "c.zip", {f"export/{name}": value for name, value in files.items()}), NOTHING
    )
    events, said = read(folder)
    assert said == []
    assert read(packed) == (events, said)
    assert read(inside) == (events, said)


def test_a_slack_export_gives_the_public_channels_messages_and_says_what_it_leaves_out(tmp_path: Path) -> None:
    export = open_export(as_folder(tmp_path, slack_export()), NOTHING)
    contents = export.contents()
    events, _ = read(export)
    assert texts(events) == ["Who brings the kettle?", "I do.", "And the tea?", "Soup is ready."]
    assert len([event for event in events if isinstance(event, VotesRead)]) == 1
    assert contents.parts[0].space.space == Space(Platform.SLACK, TEAM)
    assert [info.name for info in contents.parts[0].channels] == ["camp", "kitchen"]
    assert contents.notices == (
        "D0AAAAAAA holds direct messages, which are never imported.",
        "attic is named by no list of the export and was left out; --include-unlisted takes it.",
        "#committee is a private channel and was left out.",
    )


def test_unlisted_folders_are_taken_when_asked_for_and_nobody_vouches_for_them(tmp_path: Path) -> None:
    export = open_export(as_folder(tmp_path, slack_export()), Options(include_unlisted=True))
    part = export.contents().parts[0]
    assert "Old boxes." in texts(read(export)[0])
    assert part.unvouched == {Channel(part.space.space, "attic")}
    assert "Only you." not in texts(read(export)[0])


def test_a_slack_export_without_a_team_asks_for_the_space_in_one_sentence(tmp_path: Path) -> None:
    files = slack_export()
    for user in files["users.json"]:
        del user["team_id"]
    folder = as_folder(tmp_path, files)
    with pytest.raises(ImportProblem, match=r"^.* does not say which Slack workspace .* --space T…$"):
        open_export(folder, NOTHING).contents()
    assert open_export(folder, Options(space="T7")).contents().parts[0].space.space.id == "T7"


def test_without_users_the_messages_tell_the_team(tmp_path: Path) -> None:
    files = slack_export() | {"users.json": [], "camp/2024-03-03.json": [slack_message("1709477200.000400", team="T8")]}
    assert open_export(as_folder(tmp_path, files), NOTHING).contents().parts[0].space.space.id == "T8"


def test_the_workspace_is_called_as_slack_calls_its_download(tmp_path: Path) -> None:
    path = as_zip(tmp_path / "Scouts Slack export Mar 1 2024 - Mar 2 2024.zip", slack_export())
    export = open_export(path, NOTHING)
    with closing(export.source):
        assert export.contents().parts[0].space.name == "Scouts"


def test_a_damaged_day_file_is_named_with_its_place_and_the_rest_is_read(tmp_path: Path) -> None:
    files = slack_export() | {"camp/2024-03-01.json": b'[{"type": "message",\n "ts": }]'}
    events, said = read(open_export(as_zip(tmp_path / "x.zip", files), NOTHING))
    assert said == ["x.zip, camp/2024-03-01.json is damaged at line 2, column 8: Expecting value."]
    assert texts(events) == ["And the tea?", "Soup is ready."]


def test_damaged_messages_are_named_by_the_first_and_the_others_are_read(tmp_path: Path) -> None:
    files = slack_export()
    files["kitchen/2024-03-02.json"] += [7, {"type": "message", "text": "no ts"}]
    events, said = read(open_export(as_folder(tmp_path, files), NOTHING))
    assert said == [
        f"{tmp_path.name}, kitchen/2024-03-02.json is damaged:"
        " message 2 of it and 1 more of its messages has no valid ts and was left out."
    ]
    assert "Soup is ready." in texts(events)


def test_a_day_file_that_holds_no_list_is_foreign(tmp_path: Path) -> None:
    files = slack_export() | {"kitchen/2024-03-02.json": {"ok": True}}
    _, said = read(open_export(as_folder(tmp_path, files), NOTHING))
    assert said == [
        f"{tmp_path.name}, kitchen/2024-03-02.json is no day file of a Slack export: it holds no list of messages."
    ]


def test_a_damaged_list_of_channels_is_named(tmp_path: Path) -> None:
    export = open_export(as_folder(tmp_path, slack_export() | {"channels.json": b"[{"}), NOTHING)
    contents = export.contents()
    assert "channels.json is damaged at line 1, column 3" in str(contents.problems[0])
    assert contents.parts[0].entries == ()


def test_a_discord_export_gives_a_thread_and_a_channel(tmp_path: Path) -> None:
    export = open_export(as_folder(tmp_path, discord_export()), NOTHING)
    part = export.contents().parts[0]
    events, said = read(export)
    assert said == []
    assert [(info.channel.id, info.name, info.forum) for info in part.channels] == [
        (FORUM, "ideas", True),
        (GENERAL, "general", False),
    ]
    assert [event.name for event in events if isinstance(event, ThreadSeen)] == ["Gate"]
    assert texts(events) == ["Morning.", "Morning too.", "The gate squeaks.", "Oil it.", "Done!"]


def test_a_single_discord_file_is_an_export(tmp_path: Path) -> None:
    as_folder(
        tmp_path, {"one.json": discord_post("800000000000000001", "Gate", [discord_message("800000000000000002")])}
    )
    assert texts(read(open_export(tmp_path / "one.json", NOTHING))[0]) == ["The gate squeaks."]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("GuildPrivateThread", "is a private thread and was left out."),
        ("DirectTextChat", "holds direct messages, which are never imported."),
        (3, "holds direct messages, which are never imported."),
        (2, "is the text of a voice channel, which is never imported."),
        (14, "is no channel that people write in and was left out."),
    ],
)
def test_private_threads_direct_messages_and_voice_are_left_out_with_a_notice(
    tmp_path: Path, kind: object, reason: str
) -> None:
    files = discord_export() | {"x.json": discord_post("5", "Secret", [discord_message("6", "Between us.")], type=kind)}
    export = open_export(as_folder(tmp_path, files), NOTHING)
    assert export.contents().notices == (f"{tmp_path.name}, x.json {reason}",)
    assert "Between us." not in texts(read(export)[0])


@pytest.mark.parametrize("place", [11, "GuildPublicThread", 10, 15])
def test_a_thread_without_messages_is_one_and_a_forum_without_messages_is_none(tmp_path: Path, place: object) -> None:
    as_folder(tmp_path, {"x.json": discord_post("5", "Empty", [], type=place)})
    events, _ = read(open_export(tmp_path, NOTHING))
    assert len(events) == (0 if place == 15 else 1)


def test_foreign_json_beside_discord_files_is_named_and_attachments_are_not_looked_at(tmp_path: Path) -> None:
    files = discord_export() | {"package.json": {"name": "x"}, "Camp - general.json_Files/data.json": {"attached": 1}}
    export = open_export(as_folder(tmp_path, files), NOTHING)
    _, said = read(export)
    assert said == [f"{tmp_path.name}, package.json is no JSON of DiscordChatExporter: it names no guild and channel."]


def test_a_discord_file_cut_short_gives_what_it_has_and_names_the_place(tmp_path: Path) -> None:
    whole = json.dumps(
        discord_post("5", "Cut", [discord_message("6", "First."), discord_message("7", "Second.")]), indent=1
    )
    as_folder(tmp_path, {"x.json": whole[: whole.index("Second.")].encode()})
    events, said = read(open_export(tmp_path, NOTHING))
    assert texts(events) == ["First."]
    assert said == [f"{tmp_path.name}, x.json is damaged at line 43: it ends too early."]


def test_two_guilds_in_one_folder_are_two_spaces(tmp_path: Path) -> None:
    other = discord_file({"id": "3", "type": 0, "name": "lounge"}, []) | {"guild": {"id": "9", "name": "Other"}}
    contents = open_export(as_folder(tmp_path, discord_export() | {"other.json": other}), NOTHING).contents()
    assert [part.space.space.id for part in contents.parts] == [GUILD, "9"]


@pytest.mark.parametrize("files", [{}, {"readme.txt": b"hello"}, {"export.csv": b"a,b"}])
def test_what_is_no_export_is_one_sentence(tmp_path: Path, files: Files) -> None:
    with pytest.raises(ImportProblem, match=r"holds neither a Slack export .* nor JSON files of DiscordChatExporter"):
        open_export(as_folder(tmp_path, files), NOTHING)


QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
KEYS = st.sampled_from(
    ["id", "ts", "type", "subtype", "user", "text", "blocks", "attachments", "files", "file", "comment", "reactions",
     "users", "name", "count", "edited", "thread_ts", "profile", "elements", "fields", "guild", "channel", "messages",
     "timestamp", "timestampEdited", "author", "content", "embeds", "emoji", "reference", "categoryId", "members"]
)  # fmt: skip
VALUES = st.sampled_from(
    ["message", "tombstone", "bot_message", "file_comment", "1709290800.000100", "Default", "21", "star", "⭐",
     "rich_text", "section", "800000000000000001", "2024-05-01T10:00:00+00:00", "0001-01-01T00:00:00+23:59",
     "\ud800", "\x00"]
)  # fmt: skip
SHAPED = st.recursive(
    st.none() | st.booleans() | st.integers() | VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=8),
    max_leaves=30,
)


@given(SHAPED)
def test_no_json_makes_a_slack_converter_raise(value: object) -> None:
    space = Space(Platform.SLACK, TEAM)
    people = slack_convert.people_of([value] if isinstance(value, dict) else [], space)
    slack_convert.events_of(value, Channel(space, "C1"), people)
    if isinstance(value, dict):
        slack_convert.channel_of(value, space)
        slack_convert.message_of(value | {"ts": "1709290800.000100"}, Channel(space, "C1"), people)


@given(SHAPED)
def test_no_json_makes_a_discord_converter_raise(value: object) -> None:
    header = discord_convert.header_of(discord_post("5", "Junk", []))
    assert header is not None
    discord_convert.events_of(value, header)
    if isinstance(value, dict):
        discord_convert.header_of(value)
        placed = {"id": "6", "timestamp": "2024-05-01T10:00:00+00:00"}
        discord_convert.message_of(value | placed, header)


def problem_of(work: Callable[[], object]) -> str:
    """What a problem says, "" if there is none; any other error goes through."""
    try:
        work()
    except ImportProblem as problem:
        return str(problem)
    return ""


def _read_path(path: Path) -> None:
    read(open_export(path, NOTHING))


@QUIET
@given(st.dictionaries(st.sampled_from([*slack_export(), *discord_export()]), SHAPED | JSON | st.binary(max_size=20)))
def test_no_files_make_an_export_raise_anything_but_import_problems(
    tmp_path_factory: pytest.TempPathFactory, junk: Files
) -> None:
    folder = tmp_path_factory.mktemp("junk")
    for files in ({**slack_export(), **junk}, {**discord_export(), **junk}, junk):
        path = as_zip(folder / "x.zip", files)
        assert "\n" not in problem_of(partial(_read_path, path))


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_parsing_gives_a_value_or_a_problem_with_its_place(data: bytes) -> None:
    said = problem_of(lambda: parse(data, "x.json"))
    assert said == "" or said.startswith("x.json ")
