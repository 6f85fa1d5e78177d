"""People in several windows of a real Chromium: what they see within two seconds, with script and without."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SOON = 2000  # milliseconds
PEOPLE = ("Ada", "Bo", "Cem")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None and not os.environ.get("REQUIRE_BROWSER"), reason="no Chromium was found on this machine"
    ),
]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A Folkmoot of one's own, started as an operator starts it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {"PATH": os.environ["PATH"], "WEB_PORT": str(port), "DATABASE_URL": f"sqlite:///{tmp_path}/folkmoot.db"}
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "bot", "run"]
    with subprocess.Popen(command, cwd=tmp_path, env=settings | {"PYTHONPATH": str(root)}) as server:
        base = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
        yield base
        server.terminate()


@pytest.fixture
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    assert CHROMIUM is not None, "REQUIRE_BROWSER is set, but no Chromium was found"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


def window(browser: Browser, address: str, name: str = "", *, script: bool = True) -> Page:
    """A window of somebody's own; with a name they have come into the room."""
    page = browser.new_context(java_script_enabled=script).new_page()
    page.set_default_timeout(10_000)
    if name:
        page.goto(f"{address}/local")
        page.fill("input[name=name]", name)
        page.click("main form button")
        page.wait_for_url("**/local/general")
    return page


def say(page: Page, text: str) -> None:
    page.fill("textarea[name=text]", text)
    page.click("form.say button")


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
    """See a text (or see it gone) within two seconds: live with script, by reloading without."""
    deadline = time.monotonic() + SOON / 1000
    found = page.locator("main").get_by_text(text)
    while not script and time.monotonic() < deadline and (found.count() > 0) is not there:
        page.reload()
    if there:
        expect(found.first).to_be_visible(timeout=SOON)
    else:
        expect(found).to_have_count(0, timeout=SOON)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_nine_messages_are_told_everywhere_and_a_deleted_reply_is_gone(
    browser: Browser, address: str, script: bool
) -> None:
    people = [window(browser, address, name, script=script) for name in PEOPLE]
    forum = window(browser, address, script=script)
    forum.goto(address)
    thread = talk(people, address)

    soon(forum, "💬 9 msgs · ⭐ 0 highlights", script=script)
    soon(forum, "Discussion in progress", script=script)
    card = people[0]
    soon(card, "💬 9 msgs · ⭐ 0 highlights", script=script)
    forum.get_by_role("link", name="Which tent holds out").first.click()
    soon(forum, "Discussion in progress", script=script)
    soon(forum, "Reply number 5 about canvas.", script=script)
    _highlight_and_delete(forum, people, thread, script=script)
    for place in ("/", "/search?q=number+5", "/feed.atom"):
        forum.goto(address + place)
        assert "Reply number 5" not in forum.content()


def _highlight_and_delete(forum: Page, people: list[Page], thread: str, *, script: bool) -> None:
    """A star and a deletion, seen on page and card."""
    card = people[0]
    reply = people[0].locator("form[action$='/star']")
    reply.nth(5).locator("button").click()
    soon(forum, "⭐ 1 highlight", script=script)
    soon(card, "⭐ 1 highlight", script=script)

    author = people[5 % len(people)]
    author.goto(thread)
    author.get_by_text("Reply number 5 about canvas.").first.wait_for()
    mine = author.locator("article, li").filter(has_text="Reply number 5 about canvas.").last
    mine.locator("form[action$='/delete'] button").click()
    soon(forum, "💬 8 msgs", script=script)
    soon(forum, "Reply number 5 about canvas.", script=script, there=False)
    soon(card, "💬 8 msgs", script=script)
