"""What people see, as lines."""

from datetime import timedelta

import pytest

from tests.makers import NOON, SetClock
from tests.servers.discord import Channel, DiscordServer, Member
from tests.servers.discord.looks import stamp

EMBED = {
    "title": "Tents",
    "description": f"💬 2 msgs · 🕐 <t:{int(NOON.timestamp())}:R>",
    "fields": [{"name": "Waiting", "value": "Which tent?"}],
    "footer": {"text": "State as of now"},
}
ROW = {
    "type": 1,
    "components": [
        {"type": 2, "style": 1, "label": "Highlight", "custom_id": "h"},
        {"type": 2, "style": 5, "label": "Open page", "url": "https://example.org/"},
    ],
}


def test_a_channel_is_shown_as_its_reader_sees_it(
    server: DiscordServer, clock: SetClock, place: Channel, ada: Member, bo: Member
) -> None:
    question = place.post(ada, f"Which tent, {bo.mention}?\nSee {place.mention}.")
    place.post(bo, "That one.", reply_to=question, files=("tent.png",)).react(ada)
    card = place.post(
        place.guild.member("Folkmoot", bot=True),
        embeds=[EMBED],
        components=[ROW],
    )
    question.thread(ada, "Tents")
    clock.advance(timedelta(hours=2))
    question.delete(ada)
    assert server.look(place, ada).splitlines() == [
        "— Bo",
        "↱ (deleted)",
        "That one.",
        "📎 tent.png",
        "⭐ 1",
        "— Folkmoot APP",
        "┃ Tents",
        "┃ 💬 2 msgs · 🕐 2 hours ago",
        "┃ **Waiting**",
        "┃ Which tent?",
        "┃ State as of now",
        "[Highlight] [Open page ↗]",
    ]
    assert card.buttons == ["Highlight", "Open page"]


def test_a_thread_hangs_below_its_message(server: DiscordServer, place: Channel, ada: Member) -> None:
    thread = place.post(ada, "Which tent?").thread(ada, "Tents")
    thread.post(ada, "Nobody?")
    assert server.look(place, ada) == "— Ada\nWhich tent?\n└ Tents · 1 messages"
    assert server.look(thread, ada) == "— Ada\n(started from a message)\n— Ada\nNobody?"


@pytest.mark.parametrize(
    ("seconds", "style", "shown"),
    [
        (0, "R", "0 seconds ago"),
        (-60, "R", "1 minute ago"),
        (-86_400 * 3, "R", "3 days ago"),
        (7200, "R", "in 2 hours"),
        (0, "f", "3 August 2026 12:00"),
        (0, "F", "Monday, 3 August 2026 12:00"),
        (0, "d", "03/08/2026"),
    ],
)
def test_timestamps(seconds: int, style: str, shown: str) -> None:
    assert stamp(int(NOON.timestamp()) + seconds, style, NOON) == shown
