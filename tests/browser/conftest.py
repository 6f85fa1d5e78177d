"""A real Chromium, begun once for the tests of a file: beginning one takes it a second."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE = 30_000  # milliseconds that anything may take: a machine may be busy
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",
    "--disable-extensions",
    "--disable-component-extensions-with-background-pages",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless Chromium. While it runs, no event loop can be begun."""
    assert CHROMIUM is not None, "REQUIRE_BROWSER is set, but no Chromium was found"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET) as browser:
        yield browser


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """A Chromium without windows; those that a test opens are closed after it."""
    yield chromium
    for context in chromium.contexts:
        context.close()
