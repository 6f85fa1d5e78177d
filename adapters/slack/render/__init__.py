"""Our values → Slack's documented JSON: blocks, views, commands and shortcuts, inside every limit."""

from adapters.slack.render.cards import (
    card_payload,
    carries,
    edit_payload,
    post_payload,
    problem_payload,
    too_old_payload,
)
from adapters.slack.render.commands import GROUPS, MAIN, SHORTCUT_NAMES, SHORTCUTS, line_of, slash_commands
from adapters.slack.render.forms import (
    CALLBACK,
    answer_payload,
    filled_in,
    form_again,
    modal,
    opened,
    problem_view,
    refilled,
    said_view,
    working_view,
)
from adapters.slack.render.home import Home, home_view
from adapters.slack.render.menu import menu_payload, menu_view
from adapters.slack.render.mrkdwn import escape, fit, mrkdwn

__all__ = [
    "CALLBACK",
    "GROUPS",
    "MAIN",
    "SHORTCUTS",
    "SHORTCUT_NAMES",
    "Home",
    "answer_payload",
    "card_payload",
    "carries",
    "edit_payload",
    "escape",
    "filled_in",
    "fit",
    "form_again",
    "home_view",
    "line_of",
    "menu_payload",
    "menu_view",
    "modal",
    "mrkdwn",
    "opened",
    "post_payload",
    "problem_payload",
    "problem_view",
    "refilled",
    "said_view",
    "slash_commands",
    "too_old_payload",
    "working_view",
]
