"""Counting what an export should give, straight over its JSON: shares nothing with the importer but the rules."""

import json
import re
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Key = tuple[str, str]  # channel, thread


@dataclass
class Expected:
    """What an export holds: live messages, and for each discussion its count, people and highlights."""

    messages: set[Key] = field(default_factory=set)  # channel, message id
    threads: dict[Key, dict[str, dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    discussions: set[Key] = field(default_factory=set)
    votes: dict[Key, int] = field(default_factory=dict)  # channel, message id → people other than the author

    def put(self, channel: str, thread: str, message: str, author: str, person: bool) -> None:
        self.messages.add((channel, message))
        self.threads[channel, thread][message] = {"author": author, "person": person}

    def rows(self) -> dict[Key, tuple[int, int, int]]:
        """Count, participants and highlights of each discussion."""
        return {key: self._row(key) for key in self.discussions}

    def _row(self, key: Key) -> tuple[int, int, int]:
        posts = self.threads[key]
        people = [facts["author"] for facts in posts.values() if facts["person"]]
        first = key[1] if key[1] in posts else min(posts, key=int) if posts and "." not in key[1] else None
        opener = {posts[first]["author"]} if first is not None else set()
        stars = sum(self.votes.get((key[0], message), 0) > 0 for message in posts)
        return len(people), len(set(people) | opener), stars


def slack(path: Path, stars: set[str]) -> Expected:
    found = Expected()
    with zipfile.ZipFile(path) as archive:
        bots = {user["id"]: bool(user.get("is_bot")) for user in json.loads(archive.read("users.json"))}
        channels = {channel["name"]: channel["id"] for channel in json.loads(archive.read("channels.json"))}
        for name in archive.namelist():
            folder, _, day = name.partition("/")
            if folder in channels and re.fullmatch(r"\d{4}-\d\d-\d\d\.json", day):
                for payload in json.loads(archive.read(name)):
                    _slack_message(found, channels[folder], payload, bots, stars)
    return found


def _slack_message(
    found: Expected, channel: str, payload: dict[str, Any], bots: dict[str, bool], stars: set[str]
) -> None:
    kinds = {None, "file_share", "file_comment", "me_message", "thread_broadcast"}
    robot = payload.get("subtype") == "bot_message"
    user = payload.get("user") or payload.get("comment", {}).get("user") or payload.get("bot_id") or "unknown"
    if payload.get("subtype") in kinds:
        robot = bots.get(user, bool(payload.get("bot_id")))
    elif not robot:
        return
    ts, thread = payload["ts"], payload.get("thread_ts") or payload["ts"]
    found.put(channel, thread, ts, author=user, person=not robot)
    if thread != ts and not robot:
        found.discussions.add((channel, thread))
    voters = {
        voter
        for each in payload.get("reactions", [])
        if each["name"].split("::")[0] in stars
        for voter in each["users"]
    }
    found.votes[channel, ts] = 0 if robot else len(voters - {user})


def discord(path: Path, stars: set[str]) -> Expected:
    found = Expected()
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            export = json.loads(archive.read(name))
            place = export["channel"]
            in_thread = place["type"] in {"GuildPublicThread", 11, 15}
            channel = place["categoryId"] if in_thread else place["id"]
            if in_thread:
                found.discussions.add((channel, place["id"]))
            for payload in export["messages"]:
                if payload["type"] in {"Default", "Reply", "ThreadStarterMessage"}:
                    own = place["id"] if payload["type"] == "ThreadStarterMessage" else payload["id"]
                    thread = place["id"] if in_thread else own
                    robot = payload["author"]["isBot"]
                    found.put(channel, thread, own, author=payload["author"]["id"], person=not robot)
                    counts = [each["count"] for each in payload["reactions"] if each["emoji"]["name"] in stars]
                    found.votes[channel, own] = 0 if robot else max(counts, default=0)
    return found
