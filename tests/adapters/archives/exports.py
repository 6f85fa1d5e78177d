"""Small exports that the tests write themselves: the same files as a folder or as a zip."""

import json
import zipfile
from pathlib import Path
from typing import Any

Files = dict[str, Any]  # path → JSON value, or bytes as they are

TEAM = "T0MOOT"
GUILD = "700000000000000001"
FORUM = "700000000000000002"
GENERAL = "700000000000000003"


def content(value: object) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def as_folder(path: Path, files: Files) -> Path:
    for name, value in files.items():
        target = path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content(value))
    return path


def as_zip(path: Path, files: Files) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in files.items():
            archive.writestr(name, content(value))
    return path


def slack_user(uid: str, name: str, **more: object) -> dict[str, Any]:
    return {"id": uid, "team_id": TEAM, "name": name.lower(), "profile": {"display_name": name}, **more}


def slack_message(
    ts: str, text: str = "Who brings the kettle?", user: str | None = "U1", **more: object
) -> dict[str, Any]:
    payload: dict[str, Any] = {"type": "message", "ts": ts, "text": text, **more}
    return payload if user is None else payload | {"user": user}


def slack_channel(cid: str, name: str, **more: object) -> dict[str, Any]:
    return {"id": cid, "name": name, "created": 1700000000, "is_archived": False, "members": ["U1"], **more}


def slack_export() -> Files:
    """Two public channels, a thread over two day files, a private channel, a direct message and an unlisted folder."""
    return {
        "users.json": [slack_user("U1", "Ada"), slack_user("U2", "Bo"), slack_user("U9", "Crier", is_bot=True)],
        "channels.json": [slack_channel("C1", "camp"), slack_channel("C2", "kitchen")],
        "groups.json": [slack_channel("G1", "committee")],
        "dms.json": [{"id": "D0AAAAAAA", "members": ["U1", "U2"]}],
        "mpims.json": [],
        "integration_logs.json": [],
        "canvases.json": [{"id": "F1"}],
        "camp/2024-03-01.json": [
            slack_message("1709290800.000100", "Who brings the kettle?", thread_ts="1709290800.000100"),
            slack_message("1709290860.000200", "I do.", "U2", thread_ts="1709290800.000100"),
            slack_message("1709290900.000300", "<@U2> has joined", "U2", subtype="channel_join"),
        ],
        "camp/2024-03-02.json": [
            slack_message(
                "1709377200.000400",
                "And the tea?",
                "U1",
                thread_ts="1709290800.000100",
                reactions=[{"name": "star", "users": ["U2"], "count": 1}],
            ),
        ],
        "camp/canvas_in_the_conversation.json": {"not": "a day"},
        "kitchen/2024-03-02.json": [slack_message("1709377300.000500", "Soup is ready.", "U2")],
        "committee/2024-03-02.json": [slack_message("1709377400.000600", "Between us.", "U1")],
        "D0AAAAAAA/2024-03-02.json": [slack_message("1709377500.000700", "Only you.", "U1")],
        "attic/2024-03-02.json": [slack_message("1709377600.000800", "Old boxes.", "U1")],
    }


def discord_message(mid: str, text: str = "The gate squeaks.", author: str = "11", **more: object) -> dict[str, Any]:
    return {
        "id": mid,
        "type": "Default",
        "timestamp": "2024-05-01T10:00:00.000+00:00",
        "timestampEdited": None,
        "content": text,
        "author": {"id": author, "name": f"n{author}", "nickname": f"Nick {author}", "isBot": False},
        "attachments": [],
        "embeds": [],
        "stickers": [],
        "reactions": [],
        "mentions": [],
        **more,
    }


def discord_file(channel: dict[str, Any], messages: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "guild": {"id": GUILD, "name": "Camp", "iconUrl": ""},
        "channel": channel,
        "dateRange": {"after": None, "before": None},
        "exportedAt": "2024-06-01T00:00:00+00:00",
        "messages": messages,
        "messageCount": len(messages),
    }


def discord_post(thread: str, name: str, messages: list[dict[str, Any]], **more: object) -> dict[str, Any]:
    channel = {"id": thread, "type": "GuildPublicThread", "categoryId": FORUM, "category": "ideas", "name": name}
    return discord_file(channel | more, messages)


def discord_export() -> Files:
    """A forum post of three messages, and a channel of two with a pin notice."""
    first, other = "800000000000000001", "800000000000000010"
    return {
        f"Camp - ideas - Gate [{first}].json": discord_post(
            first,
            "Gate",
            [
                discord_message(first),
                discord_message("800000000000000002", "Oil it.", "12"),
                discord_message("800000000000000003", "Done!", "11", type="Reply"),
            ],
        ),
        "Camp - general.json": discord_file(
            {"id": GENERAL, "type": "GuildTextChat", "categoryId": "1", "category": "Text", "name": "general"},
            [
                discord_message(other, "Morning."),
                discord_message("800000000000000011", "", "12", type="ChannelPinnedMessage"),
                discord_message("800000000000000012", "Morning too.", "12"),
            ],
        ),
    }
