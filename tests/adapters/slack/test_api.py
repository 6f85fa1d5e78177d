"""Slack's Web API as it answers when it is not well."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.slack.api import Api
from bot.errors import Unavailable


async def test_an_answer_that_only_says_it_is_json_is_asked_for_later() -> None:
    async def unwell(_: web.Request) -> web.Response:
        return web.Response(status=503, text="<html>", content_type="application/json")

    app = web.Application()
    app.router.add_get("/api/conversations.history", unwell)
    async with TestServer(app) as server:
        api = Api("xoxb-1", str(server.make_url("/api/")))
        with pytest.raises(Unavailable, match="503"):
            await api.read("conversations.history", channel="C1")
        await api.close()
