"""Without a wire the platforms' libraries read what they would have read from one."""

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.indoors import Answered

JSON, HTML = "application/json", "text/html"


@pytest.mark.parametrize(
    ("kind", "body"), [(JSON, '{"ok": true}'), (JSON, ""), (JSON, "<html>"), (HTML, '{"ok": true}'), (HTML, "")]
)
async def test_an_answer_is_read_as_aiohttp_reads_it(kind: str, body: str) -> None:
    def answer() -> web.Response:
        return web.Response(status=503, text=body, content_type=kind)

    async def handle(_request: web.Request) -> web.Response:
        return answer()

    app = web.Application()
    app.router.add_get("/", handle)
    async with TestServer(app) as server, aiohttp.ClientSession() as http, http.get(server.make_url("/")) as wired:
        assert await read(Answered(answer())) == await read(wired)


async def read(answer: Answered | aiohttp.ClientResponse) -> object:
    """What a library gets of it: words, or a kind of error."""
    try:
        return await answer.json()
    except (ValueError, aiohttp.ClientError) as error:
        return type(error)
