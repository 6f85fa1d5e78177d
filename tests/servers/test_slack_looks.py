"""What people see, as lines."""

from datetime import timedelta
from typing import Any

import pytest

from tests.makers import NOON, SetClock
from tests.servers.slack import Channel, Member, SlackServer, View
from tests.servers.slack.looks import dated, look, look_view
from tests.servers.slack_clients import web_client


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


AGO = f"<!date^{int(NOON.timestamp())}^{{ago}}|3 Aug>"
CARD: list[dict[str, Any]] = [
    {"type": "header", "text": plain("Tents")},
    {
        "type": "section",
        "text": mrkdwn(f"💬 2 msgs · 🕐 {AGO}\n*Which* &lt;one&gt;? <https://example.org/|that>"),
        "accessory": {"type": "button", "action_id": "a", "text": plain("Open"), "url": "https://example.org/"},
    },
    {"type": "section", "fields": [mrkdwn("*Waiting*"), plain("Which tent?")]},
    {"type": "divider"},
    {"type": "context", "elements": [mrkdwn("State as of now"), plain("en")]},
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "b", "text": plain("Highlight")},
            {
                "type": "static_select",
                "action_id": "c",
                "placeholder": plain("Pick"),
                "options": [{"text": plain("One"), "value": "1"}],
            },
        ],
    },
]


async def test_a_channel_is_shown_as_its_reader_sees_it(
    slack: SlackServer, clock: SetClock, camp: Channel, eve: Member, finn: Member
) -> None:
    api = web_client(slack)
    group = slack.group("crew", eve)
    question = camp.post(eve, f"Which tent, {finn.mention} & {group.mention}?\nSee {camp.mention} <!here>.")
    answer = question.reply(finn, "That one.", files=("tent.png",))
    answer.react(eve)
    answer.edit(finn, "That one!")
    camp.post(finn, "https://example.org/a").unfurl("A page")
    await api.chat_postMessage(channel=camp.id, text="card", blocks=CARD, unfurl_links=False, unfurl_media=False)
    await api.chat_postEphemeral(channel=camp.id, user=eve.id, text="Psst")
    clock.advance(timedelta(hours=2))
    question.delete()
    assert slack.look(camp, eve).splitlines() == [
        "— Slackbot",
        "This message was deleted.",
        "└ 1 reply",
        "  ↳ Finn (edited)",
        "That one!",
        "📎 tent.png",
        ":star: 1",
        "— Finn",
        "https://example.org/a",
        "┃ A page",
        "— Folkmoot APP",
        "┃ Tents",
        "┃ 💬 2 msgs · 🕐 2 hours ago",
        "┃ *Which* <one>? that ↗",
        "┃ [Open ↗]",
        "┃ *Waiting*",
        "┃ Which tent?",
        "┃ ───",
        "┃ State as of now en",
        "┃ [Highlight] [Pick ▾]",
        "— Folkmoot APP (only visible to you)",
        "Psst",
    ]
    assert "Psst" not in slack.look(camp, finn)


def test_mentions_are_names(slack: SlackServer, clock: SetClock, camp: Channel, eve: Member, finn: Member) -> None:
    finn.display_name = "finnbar"
    post = camp.post(eve, f"{finn.mention} <@U0GONE> {camp.mention} <#C0GONE> <!channel>", silent=True)
    assert look(post, clock.now()).splitlines()[1] == "@finnbar @unknown-user #camp #unknown @channel"


def test_a_form_is_shown_with_what_is_in_it(slack: SlackServer, clock: SetClock, finn: Member) -> None:
    kinds = [{"text": plain("Daily"), "value": "d"}, {"text": plain("Weekly"), "value": "w"}]
    checks = {"type": "checkboxes", "action_id": "c", "options": kinds, "initial_options": kinds}
    text = {"type": "plain_text_input", "action_id": "t", "placeholder": plain("Say it")}
    view = View(
        slack.world,
        finn,
        {
            "type": "modal",
            "title": plain("Start"),
            "submit": plain("Send"),
            "blocks": [
                {"type": "input", "block_id": "x", "label": plain("Title"), "element": text},
                {"type": "input", "block_id": "y", "label": plain("When"), "element": checks, "optional": True},
                {"type": "section", "block_id": "z", "text": mrkdwn("_Note_")},
            ],
        },
    )
    view.errors = {"Title": "Say more"}
    assert look_view(view, clock.now()).splitlines() == [
        "▣ Start",
        "┃ Title: ‹Say it›",
        "┃ When (optional): Daily, Weekly",
        "┃ _Note_",
        "⚠ Title: Say more",
        "[Cancel] [Send]",
    ]
    view.put({"Title": "Tents", "When": ["Weekly"]})
    assert look_view(view, clock.now()).splitlines()[1:3] == ["┃ Title: Tents", "┃ When (optional): Weekly"]


@pytest.mark.parametrize(
    ("shape", "seen"),
    [
        ("{ago}", "1 day ago"),
        ("{date_num} at {time}", "2026-08-03 at 12:00"),
        ("{date_short}", "Aug 3, 2026"),
        ("{date_long}", "Monday, August 3, 2026"),
        ("{nonsense}", "{nonsense}"),
    ],
)
def test_dates_are_shown_in_utc(shape: str, seen: str) -> None:
    assert dated(int(NOON.timestamp()), shape, NOON + timedelta(days=1)) == seen
