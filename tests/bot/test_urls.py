"""Addresses of ours are printed and read in one place; links of the platforms are understood."""

import pytest

from bot.models import Channel, MessageRef, Platform, Space, Thread
from bot.urls import ChatLink, ForumLink, Urls, slug_of

URLS = Urls("http://127.0.0.1:8080/")
HELP = Channel(Space(Platform.LOCAL, "local"), "help")


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("http://127.0.0.1:8080/d/7/tents-in-storms#m1785758400000000", ForumLink(7, 1785758400000000)),
        ("look: http://localhost:8080/d/7.", ForumLink(7)),
        ("/d/7/x#m5", ForumLink(7, 5)),
        ("not https://example.org/x but /d/7", ForumLink(7)),
        ("<http://127.0.0.1:8080/d/7|tents>", ForumLink(7)),
        ("/local/help#m5", ChatLink(Platform.LOCAL, "local", "help", "5")),
        ("/local/help/4#m5", ChatLink(Platform.LOCAL, "local", "help", "5", "4")),
        ("/local/help/4", ChatLink(Platform.LOCAL, "local", "help", "4", "4")),
        ("https://discord.com/channels/1/2/3", ChatLink(Platform.DISCORD, "1", "2", "3")),
        ("https://ptb.discord.com/channels/1/2", ChatLink(Platform.DISCORD, "1", "2")),
        (
            "https://camp.slack.com/archives/C1/p1712345678000100",
            ChatLink(Platform.SLACK, "", "C1", "1712345678.000100"),
        ),
        (
            "https://camp.slack.com/archives/C1/p1712345678000100?thread_ts=1712345670.000200&cid=C1",
            ChatLink(Platform.SLACK, "", "C1", "1712345678.000100", "1712345670.000200"),
        ),
    ],
)
def test_links_are_read(text: str, link: ForumLink | ChatLink) -> None:
    assert URLS.parse_link(text) == link


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no link",
        "https://example.org/d/7",
        "https://evil-discord.com/channels/1/2/3",
        "https://discord.com/channels/@me/2/3",
        "https://camp.slack.com/archives/C1/x",
        "/d/seven",
        "/d/7777777777777777777777",
        "http://[broken/d/7",
    ],
)
def test_what_is_no_link_of_ours_is_none(text: str) -> None:
    assert URLS.parse_link(text) is None


def test_a_public_forum_does_not_take_loopback_links_for_its_own() -> None:
    assert Urls("https://forum.example.org").parse_link("http://localhost:8080/d/7") is None


def test_addresses_that_are_printed_are_read_back() -> None:
    ref = MessageRef(HELP, "5")
    assert URLS.parse_link(URLS.room_message(ref)) == ChatLink(Platform.LOCAL, "local", "help", "5")
    inside = URLS.room_message(ref, Thread(HELP, "4"))
    assert URLS.parse_link(inside) == ChatLink(Platform.LOCAL, "local", "help", "5", "4")


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Which tent holds out in a storm?", "which-tent-holds-out-in-a-storm"),
        ("Zelte & Öfen!", "zelte-öfen"),
        ("???", ""),
        ("x" * 100, "x" * 60),
        ("../../etc/passwd", "etc-passwd"),
    ],
)
def test_slugs_are_words(title: str, slug: str) -> None:
    assert slug_of(title) == slug


def test_addresses_carry_only_what_was_given() -> None:
    assert URLS.forum() == "http://127.0.0.1:8080/"
    assert URLS.forum("waiting", 3) == "http://127.0.0.1:8080/?tab=waiting&channel=3"
    assert URLS.search("tents & stoves") == "http://127.0.0.1:8080/search?q=tents+%26+stoves"
    assert URLS.feed(channel=3) == "http://127.0.0.1:8080/feed.atom?channel=3"
