"""What `/healthz` and `/readyz` tell while a platform is away, and when it is back."""

import asyncio
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from tests.camps import PATIENCE, Camp
from tests.camps_slack import Workspace
from tests.servers.faults import Reset


async def tells(url: str, platforms: dict[str, bool]) -> None:
    """Wait until `/readyz` tells this of the platforms; that one of them is away makes the forum no less ready."""
    told: dict[str, Any] = {}
    async with asyncio.timeout(PATIENCE), ClientSession(url) as client:
        while told.get("platforms") != platforms:
            async with client.get("/readyz") as ready, client.get("/healthz") as health:
                assert (ready.status, health.status) == (200, 200)
                told = await ready.json()
    assert told["writes"] is True


async def test_it_tells_whether_discord_reaches_us(camp: Camp) -> None:
    async with TestServer(camp.parts.web.app) as forum:
        url = str(forum.make_url("/"))
        await tells(url, {"local": True, "discord": True})
        refusal = camp.server.faults.on("CONNECT /gateway", Reset(), times=None)
        camp.server.gateway.cut()
        await tells(url, {"local": True, "discord": False})
        refusal.lift()
        await tells(url, {"local": True, "discord": True})


@pytest.mark.soak
@pytest.mark.parametrize("workspace", ["socket-sqlite"], indirect=True)
async def test_it_tells_whether_slack_reaches_us(workspace: Workspace) -> None:
    url = f"http://127.0.0.1:{workspace.parts.web.port}/"
    await tells(url, {"local": True, "slack": True})
    refusal = workspace.server.faults.on("CONNECT /socket", Reset(), times=None)
    await workspace.cut()
    await tells(url, {"local": True, "slack": False})
    refusal.lift()
    await tells(url, {"local": True, "slack": True})
