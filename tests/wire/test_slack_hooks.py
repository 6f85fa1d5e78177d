"""Signed deliveries: what is not Slack's is turned away before anything of it is read."""

import asyncio
import gzip
import io
import json
import statistics
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from adapters.slack.manifest import SLACK_PATH
from bot.models import Lack
from tests.camps_slack import Workspace, kept
from tests.servers.slack.hooks import JSON

pytestmark = pytest.mark.parametrize("workspace", ["http-sqlite"], indirect=True)


def an_event(workspace: Workspace, text: str = "Forged.") -> bytes:
    """A message as Slack delivers it."""
    member = next(iter(workspace.server.world.members))
    event = {"type": "message", "channel": workspace.help.id, "channel_type": "channel", "user": member}
    event |= {"ts": "1785758400.999999", "text": text}
    return json.dumps({"type": "event_callback", "team_id": workspace.server.team, "event": event}).encode()


async def post(workspace: Workspace, body: bytes, headers: dict[str, str], *, to: str = SLACK_PATH) -> int:
    url = f"http://127.0.0.1:{workspace.parts.web.port}{to}"
    async with ClientSession() as session, session.post(url, data=io.BytesIO(body), headers=headers) as answer:
        return answer.status


FORGED: tuple[tuple[dict[str, str], int], ...] = (  # other headers, and how many seconds later it is signed
    ({"X-Slack-Signature": "v0=" + "0" * 64}, 0),
    ({"X-Slack-Signature": ""}, 0),
    ({"X-Slack-Signature": "v1=x"}, 0),
    ({"X-Slack-Signature": "v0=ä"}, 0),
    ({"X-Slack-Request-Timestamp": ""}, 0),
    ({"X-Slack-Request-Timestamp": "abc"}, 0),
    ({"X-Slack-Request-Timestamp": "²"}, 0),
    ({"X-Slack-Request-Timestamp": "-1"}, 0),
    ({"X-Slack-Request-Timestamp": "9" * 400}, 0),
    ({}, 301),
    ({}, -301),
)


async def test_what_slack_did_not_sign_now_is_refused(workspace: Workspace) -> None:
    body = an_event(workspace)
    for changes, later in FORGED:
        at = workspace.clock.now().timestamp() + later
        headers = workspace.server.hooks.headers(body, timestamp=str(int(at))) | changes
        assert await post(workspace, body, headers) == 401, (changes, later)
    assert await kept(workspace.store) == {}


async def test_what_was_changed_on_the_way_or_signed_by_another_is_refused(workspace: Workspace) -> None:
    body, hooks = an_event(workspace), workspace.server.hooks
    assert await post(workspace, body + b" ", hooks.headers(body)) == 401
    assert await post(workspace, body, hooks.headers(body, secret="another")) == 401
    assert await kept(workspace.store) == {}


async def test_a_secret_that_does_not_fit_is_named_by_the_doctor(workspace: Workspace) -> None:
    adapter, body = workspace.parts.adapters[workspace.space.platform], an_event(workspace)

    async def lacking() -> list[Lack]:
        return [each.lack for each in await adapter.examine([]) if each.sure]

    assert await lacking() == []
    workspace.clock.advance(timedelta(seconds=1))
    await post(workspace, body, workspace.server.hooks.headers(body, secret="another"))
    await workspace.session.watch.look(deep=False)
    assert await lacking() == [Lack.SECRET]
    workspace.clock.advance(timedelta(seconds=1))
    await workspace.kept([workspace.help.post(workspace.member("Ada"), "Which tent?")])
    await workspace.session.watch.look(deep=False)
    assert await lacking() == []


async def test_a_replay_changes_nothing(workspace: Workspace) -> None:
    ada = workspace.member("Ada")
    said = [workspace.help.post(ada, "Which tent?")]
    await workspace.kept(said)
    body = json.dumps(workspace.server.deliveries.sent[-1].payload).encode()
    for _ in range(3):
        assert await post(workspace, body, workspace.server.hooks.headers(body)) == 200
    await workspace.kept(said)


NONSENSE: tuple[tuple[bytes, dict[str, str], int], ...] = (
    (b"{", {}, 400),
    (b"", {}, 404),
    (b"\xff\xfe", {}, 401),
    (b"[1]", {}, 400),
    (b"[" * 100_000, {}, 400),
    (b'{"type": ["event_callback"]}', {}, 404),
    (b'{"type": "event_callback"}', {}, 200),
    (b'{"type": "event_callback", "event": 1, "team_id": "T0CAMP0001"}', {}, 200),
    (b"x" * (1024 * 1024 + 1), {}, 413),
    (b"x" * 10_000_000, {}, 413),
    (gzip.compress(b"0" * 10_000_000), {"Content-Encoding": "gzip"}, 415),
    (b"<a/>", {"Content-Type": "text/xml"}, 415),
)


async def test_what_makes_no_sense_gets_an_answer(workspace: Workspace) -> None:
    for body, more, status in NONSENSE:
        headers = workspace.server.hooks.headers(body) | {"Content-Type": JSON} | more
        assert await post(workspace, body, headers) == status, body[:80]


def in_memory() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.soak
async def test_what_makes_no_sense_takes_neither_time_nor_memory(workspace: Workspace) -> None:
    took: list[float] = []
    before = 0
    for rounds in range(41):
        for body, more, status in NONSENSE:
            headers = workspace.server.hooks.headers(body) | {"Content-Type": JSON} | more
            began = time.process_time()  # what else runs on this machine does not count; what sends them does
            assert await post(workspace, body, headers) == status
            took.append(time.process_time() - began)
        if rounds == 0:  # by then all that is made once is made
            took, before = [], in_memory()
    assert statistics.quantiles(took, n=100)[98] <= 0.05, sorted(took)[-5:]
    assert in_memory() - before < 20_000_000


async def test_a_body_without_end_is_cut_off(workspace: Workspace) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", workspace.parts.web.port)
    writer.write(f"POST {SLACK_PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: {JSON}\r\n".encode())
    writer.write(b"Transfer-Encoding: chunked\r\n\r\n")
    for _ in range(40):
        writer.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
    async with asyncio.timeout(60):
        assert b" 413 " in await reader.readline()
    writer.close()


async def test_other_pages_keep_their_rules(workspace: Workspace) -> None:
    body: Any = an_event(workspace)
    assert await post(workspace, body, workspace.server.hooks.headers(body), to="/") == 405
