"""Our values → Discord's documented JSON: embeds, components, modals and application commands, inside every limit."""

from adapters.discord.render.cards import (
    carries,
    edit_payload,
    pointer_payload,
    post_payload,
    problem_payload,
    too_old_payload,
)
from adapters.discord.render.commands import MENUS, application_commands, commands_hash
from adapters.discord.render.forms import FILE, answer_payload, go_on_payload, modal, next_form, pages
from adapters.discord.render.markdown import escape, markdown

__all__ = [
    "FILE",
    "MENUS",
    "answer_payload",
    "application_commands",
    "carries",
    "commands_hash",
    "edit_payload",
    "escape",
    "go_on_payload",
    "markdown",
    "modal",
    "next_form",
    "pages",
    "pointer_payload",
    "post_payload",
    "problem_payload",
    "too_old_payload",
]
