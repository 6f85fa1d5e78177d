"""The forum in a real Chromium: nothing too wide, too faint or too small, and links into long discussions."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from bot.cli import demo
from bot.models import Channel, Level, Platform, Space
from bot.settling import settle_all
from bot.summaries import Extract
from storage import migrate, open_store
from tests.browser.test_room import pytestmark
from tests.makers import a_channel, a_discussion, a_message, a_space, a_vote, an_id, seen

__all__ = ["pytestmark"]

THERE = [Channel(Space(Platform.DISCORD, "1"), f"{n}00") for n in range(1, 9)]
LONG = 230  # messages: two pages
WIDE = [
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3,
    "```\n" + "a line of code that does not end " * 9 + "\n```",
    "> a quote\n\n- one\n- two\n\nhttps://tents.example/" + "path/" * 40,
    "هل تصمد هذه الخيمة في العاصفة؟",
]
NARROW: ViewportSize = {"width": 360, "height": 740}

# What a page gets wrong: words of too little contrast, targets under 44 px, ids that stand twice, what sticks out.
# A link that covers its whole row, or stands in a sentence, is as large as that.
FAULTS = """() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const colour = (text) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const part = (value) => value <= 10 ? value / 255 / 12.92 : ((value / 255 + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * part(r) + .7152 * part(g) + .0722 * part(b);
  const behind = (at) => {
    for (; at; at = at.parentElement) {
      const found = colour(getComputedStyle(at).backgroundColor);
      if (found[3] > 250) return found;
    }
    return [255, 255, 255];
  };
  const faults = [];
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const at = words.currentNode.parentElement;
    const said = words.currentNode.textContent.trim();
    if (!said || !at.getClientRects().length || at.closest('.heard, .skip')) continue;
    let seen = 1;
    for (let each = at; each; each = each.parentElement) seen *= Number(getComputedStyle(each).opacity);
    const back = behind(at);
    const ink = colour(getComputedStyle(at).color);
    const front = [0, 1, 2].map((place) => ink[place] * seen + back[place] * (1 - seen));
    const [low, high] = [light(back), light(front)].sort((a, b) => a - b);
    if ((high + .05) / (low + .05) < 4.5) faults.push(`faint: ${said.slice(0, 40)}`);
  }
  document.querySelectorAll('a, button, input, summary').forEach((each) => {
    const box = each.getBoundingClientRect();
    const large = box.height >= 43.5 && box.width >= 43.5;
    if (!box.height || large || each.closest('.words, .where, .skip, h2, h3')) return;
    faults.push(`small: ${each.outerHTML.slice(0, 80)}`);
  });
  const ids = [...document.querySelectorAll('[id]')].map((each) => each.id);
  ids.filter((each, place) => ids.indexOf(each) !== place).forEach((each) => faults.push(`twice: ${each}`));
  if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth) faults.push('too wide');
  return faults;
}"""


async def fill(url: str) -> None:
    """The demo; what is wide, long and highlighted; and many channels of another space."""
    store = open_store(url)
    await demo.fill(store, datetime.now(UTC))
    await store.ledger.record([a_space(THERE[0].space, "There", hosted=False), *map(a_channel, THERE)])
    for channel in THERE:
        await store.places.set_level(channel, Level.WEB, 0)
        await store.ledger.record(a_discussion(2, channel))
    first = a_discussion(LONG - 1, THERE[0], start=1000)
    wide = [
        seen(a_message(2000 + n, text, thread=2000, author="W" * 40, channel=THERE[1])) for n, text in enumerate(WIDE)
    ]
    files = [replace(each, message=replace(each.message, files=("plan-" * 30 + ".pdf",))) for each in wide]
    await store.ledger.record([*first, *files, *(a_vote(2000 + n, "Zoe", channel=THERE[1]) for n in range(len(WIDE)))])
    await settle_all(store, Extract())
    while await store.ledger.index_text():
        pass
    await store.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A filled forum."""
    folder = tmp_path_factory.mktemp("forum")
    url = f"sqlite:///{folder}/folkmoot.db"
    migrate(url)
    asyncio.run(fill(url))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {"PATH": os.environ["PATH"], "WEB_PORT": str(port), "DATABASE_URL": url, "PYTHONUNBUFFERED": "1"}
    environment = settings | {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-m", "bot", "run"]
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        next(line for line in server.stdout if "code" in line)
        yield f"http://127.0.0.1:{port}"
        server.terminate()


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, address: str, browser: Browser) -> Page:
    """A narrow window in one of the two colour schemes."""
    return browser.new_context(base_url=address, viewport=NARROW, color_scheme=request.param).new_page()


def test_every_page_can_be_read_and_used_on_a_telephone(page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto("/")
    titles = ("Our lending library", "Which evening suits", "Donaudampf", "Which tent holds out")
    found = [page.get_by_role("link", name=title).first.get_attribute("href") for title in titles]
    pages = ["/", "/?tab=concluded", "/highlights", "/digests", "/search?q=tents", "/search?q=unheard", *found]
    for path in pages:
        page.goto(str(path))
        assert page.evaluate(FAULTS) == [], path
    assert complaints == []


def test_many_channels_are_folded_up_and_can_be_chosen(page: Page) -> None:
    page.goto("/")
    channel = page.get_by_role("link", name="#500")
    expect(channel).to_be_hidden()
    page.locator("#channels summary").click()
    assert page.evaluate(FAULTS) == []
    channel.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("#500")


@pytest.mark.parametrize("page", ["light"], indirect=True)
def test_an_old_link_to_a_message_leads_to_the_page_that_holds_it(page: Page) -> None:
    page.goto("/")
    page.locator("#channels summary").click()
    page.get_by_role("link", name="#100").click()
    long = page.get_by_role("link", name="Which tent holds out").first.get_attribute("href")
    last = an_id(1000 + LONG - 1)
    page.goto(f"{long}#m{last}")
    reply = page.locator(f"#m{last}")
    expect(reply).to_be_in_viewport()
    expect(page.get_by_text("Page 2 of 2").first).to_be_visible()
    page.goto(f"{long}#m{an_id(9999)}")
    expect(page.locator("h1")).to_be_visible()
