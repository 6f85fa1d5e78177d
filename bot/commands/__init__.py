"""What people can ask for: one table, one door (`run`), and how lines and forms become arguments."""

from bot.commands.context import Context
from bot.commands.forms import form_of
from bot.commands.own_data import own_export
from bot.commands.running import run
from bot.commands.specs import About, Arg, Spec, Words
from bot.commands.table import TABLE
from bot.commands.words import parse_words, typed, usage

__all__ = [
    "TABLE",
    "About",
    "Arg",
    "Context",
    "Spec",
    "Words",
    "form_of",
    "own_export",
    "parse_words",
    "run",
    "typed",
    "usage",
]
