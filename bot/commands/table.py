"""The command table: everything that people can ask for, one row each. Adapters register, render and parse from it."""

from collections.abc import Mapping

from bot.commands.rows_admin import ADMIN
from bot.commands.rows_digests import DIGESTS
from bot.commands.rows_discussions import DISCUSSIONS
from bot.commands.rows_highlights import HIGHLIGHTS
from bot.commands.rows_people import PEOPLE
from bot.commands.specs import Spec

TABLE: Mapping[str, Spec] = {spec.name: spec for spec in (*DISCUSSIONS, *HIGHLIGHTS, *DIGESTS, *PEOPLE, *ADMIN)}
