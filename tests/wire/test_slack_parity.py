"""In threads there are no slash commands: mentions and shortcuts come to the same there as commands elsewhere."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.commands.table import TABLE
from storage import open_store
from tests.camps_slack import Workspace, folkmoot, watched
from tests.makers import SetClock
from tests.servers.slack import Member, Message, Role, SlackServer
from tests.servers.slack.looks import look, look_view

HERE, LINK = "{discussion}", "{link}"  # what a command is about; within a thread that goes without saying
LINES = (  # every command, by a moderator; the words behind it
    ("discussion track", LINK), ("discussion status", HERE), ("discussion list", ""), ("discussion start", ""),
    ("discussion edit", HERE), ("discussion edit", f"{HERE} title:Tents"), ("discussion conclude", HERE),
    ("discussion conclude", f"{HERE} outcome:\"The dome.\""), ("discussion status", HERE),
    ("discussion reopen", HERE), ("discussion answer", LINK), ("discussion hide", HERE),
    ("discussion unhide", HERE), ("highlight", LINK), ("highlight", LINK), ("highlights", ""), ("unhighlight", LINK),
    ("unhighlight", LINK), ("highlight-own take-down", LINK), ("highlight-own put-back", LINK),
    ("highlight-admin pick", LINK), ("highlight-admin unpick", LINK), ("highlight-admin block", LINK),
    ("highlight-admin unblock", LINK), ("digest list", ""), ("digest schedule", ""), ("digest preview", ""),
    ("digest now", ""), ("digest why", ""), ("digest join", ""), ("digest edit", "name:Weekly"), ("digest pause", ""),
    ("digest resume", ""), ("digest unschedule", ""), ("digest drop", ""), ("digest drop", "1"),
    ("digest withdraw", ""), ("digest pin", HERE), ("catchup", HERE), ("catchup", f"7d {HERE}"), ("privacy show", ""),
    ("privacy optout", ""), ("privacy optin", ""), ("privacy export", ""), ("privacy erase", ""),
    ("folkmoot help", ""), ("folkmoot status", ""), ("folkmoot-admin setup", ""), ("folkmoot-admin settings", ""),
    ("folkmoot-admin watch", ""), ("folkmoot-admin cards", "asked"), ("folkmoot-admin log", "#help"),
    ("folkmoot-admin board", ""), ("folkmoot-admin set", "zone Europe/Paris"), ("folkmoot-admin set", "zone CET+1"),
    ("folkmoot-admin doctor", ""), ("folkmoot-admin share", ""), ("folkmoot-admin share", "level:web"),
    ("folkmoot-admin link", ""), ("folkmoot-admin unlink", ""), ("folkmoot-admin unwatch", ""),
)  # fmt: skip
BY_SHORTCUT = {
    "highlight": "highlight",
    "track": "discussion track",
    "answer": "discussion answer",
    "conclude": "discussion conclude",
}
VARIES = re.compile(r"\d{10}\.?\d{6}|[A-Z0-9]{4}(?:-[A-Z0-9]{4})+|\b[0-9a-f]{8,}\b")


@dataclass
class Talk:
    """A thread in a workspace, and who asks there."""

    workspace: Workspace
    asker: Member
    question: Message
    reply: Message

    def line(self, name: str, words: str, *, here: bool) -> str:
        """What is typed: the thread is named where it is not the one that this is typed in."""
        words = words.replace(HERE, "" if here else f"discussion:{self.question.permalink}").replace(
            LINK, self.reply.permalink
        )
        return f"{name} {words.strip()}".strip()

    async def told(self, known: int) -> Message:
        """The next private answer."""
        world = self.workspace.server.world
        await self.workspace.until(lambda: len(world.ephemerals) > known)
        return world.ephemerals[known]

    async def by_command(self, name: str, words: str) -> str:
        call = self.workspace.help.command(self.asker, "/folkmoot", self.line(name, words, here=False))
        await self.workspace.until(lambda: call.said or call.form)
        return await self.seen(call.said[0] if call.said else None, call.form)

    async def by_mention(self, name: str, words: str) -> str:
        known = len(self.workspace.server.world.ephemerals)
        mention = self.workspace.server.app.user.mention
        self.question.reply(self.asker, f"{mention} {self.line(name, words, here=True)}", raw=True)
        answer = await self.told(known)
        assert (answer.thread_ts, answer.seen_only_by) == (self.question.ts, self.asker)
        return await self.seen(answer, None)

    async def by_shortcut(self, name: str, words: str) -> str:
        [shortcut] = [each for each, command in BY_SHORTCUT.items() if command == name]
        call = (self.question if name == "discussion track" else self.reply).shortcut(self.asker, shortcut)
        await self.workspace.until(lambda: call.said or call.form)
        return await self.seen(call.said[0] if call.said else None, call.form)

    async def seen(self, message: Message | None, form: Any) -> str:  # noqa: ANN401 - a view
        """What somebody reads in the end: a form may be behind a button."""
        now = self.workspace.clock.now()
        if form is None and message is not None and [block["type"] for block in message.blocks or ()] == ["actions"]:
            form = await message.press(self.asker, message.buttons[0]).opens()
        if form is not None:
            await self.workspace.until(lambda: "One moment" not in look_view(form, now))
            return "form: " + VARIES.sub("…", look_view(form, now))
        assert message is not None
        return VARIES.sub("…", look(message, now)).lstrip(" —↳")


@asynccontextmanager
async def a_talk(template: Path, folder: Path) -> AsyncIterator[Talk]:
    """A question and a reply in a workspace of their own."""
    clock = SetClock()
    shutil.copy(template, folder)
    store = open_store(f"sqlite:///{folder}")
    try:
        async with SlackServer(clock) as slack:
            help_ = slack.channel("help")
            async with folkmoot(slack, store, clock, "socket") as parts:
                workspace = Workspace(slack, help_, store, clock, parts)
                await watched(workspace, help_)
                eve, bo = slack.member("Eve", Role.OWNER), slack.member("Bo")
                question = help_.post(bo, "Which tent holds out in a storm?")
                reply = question.reply(bo, "The dome.")
                await workspace.kept([question, reply])
                await workspace.settled()
                yield Talk(workspace, eve, question, reply)
    finally:
        await store.close()


async def answers(
    template: Path, folder: Path, how: Callable[[Talk], Callable[[str, str], Coroutine[Any, Any, str]]],
    lines: Sequence[tuple[str, str]],
) -> list[tuple[str, str, str]]:  # fmt: skip
    """What is answered to lines, one after the other."""
    async with a_talk(template, folder) as talk:
        found = []
        for name, words in lines:
            await talk.workspace.settled()  # what the line before has changed
            found.append((name, words, await how(talk)(name, words)))
        return found


def test_every_command_is_tried() -> None:
    assert TABLE.keys() - {name for name, _ in LINES} == set()


async def test_a_mention_in_a_thread_comes_to_the_same_as_a_command(sqlite_template: Path, tmp_path: Path) -> None:
    typed, said = await asyncio.gather(
        answers(sqlite_template, tmp_path / "typed.db", lambda talk: talk.by_command, LINES),
        answers(sqlite_template, tmp_path / "said.db", lambda talk: talk.by_mention, LINES),
    )
    assert [one for one in typed if one not in said] == []
    assert typed == said


@pytest.mark.parametrize("name", BY_SHORTCUT.values())
async def test_a_shortcut_in_a_thread_comes_to_the_same_as_a_command(
    sqlite_template: Path, tmp_path: Path, name: str
) -> None:
    lines = [(name, HERE if "conclude" in name or "track" in name else LINK)]
    typed = await answers(sqlite_template, tmp_path / "typed.db", lambda talk: talk.by_command, lines)
    chosen = await answers(sqlite_template, tmp_path / "chosen.db", lambda talk: talk.by_shortcut, lines)
    assert typed == chosen
