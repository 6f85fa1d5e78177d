"""Forms that no page of ours sends: each is answered in a word, and nothing of what people said goes astray."""

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from storage import SqlStore
from tests.adapters.web.test_room import OURS, come_in, messages, send

Client = TestClient[web.Request, web.Application]
PLAIN = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"
FIELD = b'--x\r\nContent-Disposition: form-data; name="text"\r\n'


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (f"{PLAIN}; charset=klingon", b"text=a"),
        (PLAIN, b"text=\xff\xfe"),
        ("multipart/form-data", b"text=a"),
        (PARTS, b"--y\r\n"),
        (PARTS, FIELD + b"\r\ncut"),
        (PARTS, b"--x\r\nContent-Disposition: form-data\r\n\r\nunnamed\r\n--x--\r\n"),
        (PARTS, FIELD + b"Content-Transfer-Encoding: klingon\r\n\r\na\r\n--x--\r\n"),
    ],
)
@pytest.mark.parametrize("path", ["say", "command"])
async def test_what_is_no_form_is_never_our_fault(client: Client, path: str, kind: str, body: bytes) -> None:
    await come_in(client)
    response = await client.post(f"/local/help/{path}", data=body, headers={**OURS, "Content-Type": kind})
    assert response.status == 400


async def test_a_cookie_that_is_no_text_is_nobody_s(client: Client) -> None:
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(b"GET /local HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nCookie: folkmoot_name=\xff.a\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
    writer.close()
    await writer.wait_closed()


async def test_a_reply_to_a_reply_joins_its_thread_and_a_thread_has_one_id(client: Client, store: SqlStore) -> None:
    await come_in(client)
    _, page = await send(client, "/local/help/say", text="Which tent?", thread="")
    (root,) = messages(page)
    _, page = await send(client, "/local/help/say", text="The green one.", thread=root)
    _, page = await send(client, "/local/help/say", text="Why that?", thread=messages(page)[1])
    assert len(messages(page)) == 3
    for thread in (f"0{root}", f"00{root}", "0"):
        assert (await send(client, "/local/help/say", text="Astray.", thread=thread))[0] == 404
        assert (await client.get(f"/local/help/{thread}")).status == 404
        sent = {"command": "discussion track", "target": thread}
        assert (await client.post("/local/help/command", data=sent, headers=OURS)).status == 400
    (row,) = await store.ledger.audit_rows()
    assert (row["channel"], row["key"], row["count"]) == ("help", root, 3)
    assert (await store.ledger.audit()).drift == 0
