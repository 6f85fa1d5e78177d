"""People in several windows of a real Chromium: what they see within two seconds, with script and without."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import CHROMIUM, PATIENCE

LOOK = 100  # milliseconds
PEOPLE = ("Ada", "Bo", "Cem")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("REQUIRE_BROWSER"), reason="no Chromium was found on this machine"
    ),
]


@dataclass(frozen=True)
class Started:
    """A running Folkmoot: where it is, and the code it printed for its moderators."""

    address: str
    code: str


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    """A Folkmoot of one's own, started as an operator starts it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {"PATH": os.environ["PATH"], "WEB_PORT": str(port), "DATABASE_URL": f"sqlite:///{tmp_path}/folkmoot.db"}
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "bot", "run"]
    environment = settings | {"PYTHONPATH": str(root), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        code = next(line.rpartition(" ")[2].strip() for line in server.stdout if "code" in line)
        yield Started(f"http://127.0.0.1:{port}", code)
        server.terminate()


def window(browser: Browser, address: str, name: str = "", *, script: bool = True) -> Page:
    """A window of somebody's own; with a name they have come into the room."""
    page = browser.new_context(java_script_enabled=script).new_page()
    page.set_default_timeout(PATIENCE)
    if name:
        page.goto(f"{address}/local")
        page.fill("input[name=name]", name)
        page.click("main form button")
        page.wait_for_url("**/local/general")
    return page


def say(page: Page, text: str) -> None:
    page.fill("textarea[name=text]", text)
    page.click("form.say button:not(.plain)")


def told(page: Page, line: str) -> Locator:
    """The private answer to a typed command."""
    say(page, line)
    answer = page.locator("#answer")
    expect(answer).to_be_visible()
    page.wait_for_load_state()
    return answer


def moderator(browser: Browser, started: Started, *, script: bool) -> Page:
    """Mo, who entered the code, with a board and a weekly digest in #general."""
    page = window(browser, started.address, "Mo", script=script)
    page.click("#code summary")
    page.fill("#code-field", started.code)
    page.click("#code button")
    expect(page.get_by_role("link", name="#moderators")).to_be_visible()
    expect(told(page, "/folkmoot-admin board")).to_contain_text("on its way")
    expect(told(page, "/digest schedule name:Week every:weekly weekday:mon at:09:00 zone:UTC")).to_contain_text("UTC")
    page.goto(f"{started.address}/local/general")
    return page


def talk(people: list[Page], address: str) -> str:
    """An opening post and eight replies; the address of the thread."""
    say(people[0], "Which tent holds out in a storm on the ridge?")
    expect(people[0].get_by_text("Which tent holds out")).to_be_visible()
    people[0].locator("main article a, main li a").filter(has_text=re.compile("repl", re.IGNORECASE)).first.click()
    people[0].wait_for_url(re.compile("/local/general/[0-9]+"))
    thread = people[0].url.partition("#")[0]
    for person in people[1:]:
        person.goto(thread)
    for n in range(1, 9):
        say(people[n % len(people)], f"Reply number {n} about canvas.")
        expect(people[n % len(people)].get_by_text(f"Reply number {n} about canvas.").first).to_be_visible()
    return thread


def soon(page: Page, text: str, *, script: bool, there: bool = True) -> None:
    """See a text (or see it gone) before long: live with script, by reloading without."""
    deadline = time.monotonic() + PATIENCE / 1000
    found = page.locator("main").get_by_text(text)
    while not script and time.monotonic() < deadline and (found.count() > 0) is not there:
        page.wait_for_timeout(LOOK)  # who loads it without a pause keeps from work whom they wait for
        page.reload()
    if there:
        expect(found.first).to_be_visible()
    else:
        expect(found).to_have_count(0)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_nine_messages_are_told_everywhere_and_a_deleted_reply_is_gone(
    browser: Browser, started: Started, script: bool
) -> None:
    people = [window(browser, started.address, name, script=script) for name in PEOPLE]
    mo = moderator(browser, started, script=script)
    soon(mo, "It's quiet here. Start something", script=script)
    forum = window(browser, started.address, script=script)
    forum.goto(started.address)
    thread = talk(people, started.address)

    for place in (forum, people[0], mo):  # the list of discussions, the card in the thread, the board in the channel
        soon(place, "💬 9 msgs · ⭐ 0 highlights", script=script)
        soon(place, "Discussion in progress", script=script)
    forum.get_by_role("link", name="Which tent holds out").first.click()
    soon(forum, "Discussion in progress", script=script)
    soon(forum, "Reply number 5 about canvas.", script=script)
    _highlight(forum, people, mo, script=script)
    _post_a_digest(mo, script=script)
    _delete(forum, people, mo, thread, script=script)
    for path in ("/", "/search?q=number+5", "/feed.atom", "/highlights", "/digests", "/digests/1"):
        assert forum.goto(started.address + path) is not None
        assert "Reply number 5" not in forum.content()


def _highlight(forum: Page, people: list[Page], mo: Page, *, script: bool) -> None:
    """Two people star a reply: page, card and board say so."""
    for person in people[:2]:
        reply = person.locator("article").filter(has_text="Reply number 5 about canvas.")
        reply.locator("form[action$='/star'] button").click()
        for place in (forum, people[0], mo):
            soon(place, "⭐ 1 highlight ·", script=script)


def _post_a_digest(mo: Page, *, script: bool) -> None:
    """A digest quotes the reply, in the channel and on its page."""
    expect(told(mo, "/digest now")).to_contain_text("on its way")
    mo.get_by_role("link", name="Close").click()
    soon(mo, "“Reply number 5 about canvas.”", script=script)
    board = mo.locator(".card").filter(has_text="Discussions in progress")
    expect(board.get_by_role("link", name="Which tent holds out")).to_be_visible()


def _delete(forum: Page, people: list[Page], mo: Page, thread: str, *, script: bool) -> None:
    """Its author deletes the reply: it is gone from page, card, board and the digest that was posted."""
    author = people[5 % len(people)]
    author.goto(thread)
    mine = author.locator("article").filter(has_text="Reply number 5 about canvas.")
    mine.locator("form[action$='/delete'] button").click()
    for place in (forum, people[0], mo):
        soon(place, "💬 8 msgs", script=script)
        soon(place, "Reply number 5 about canvas.", script=script, there=False)
    soon(mo, "(no longer available)", script=script)
