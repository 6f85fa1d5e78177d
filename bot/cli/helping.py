"""How `--help` looks: paragraphs flow to the width of the terminal, and switches do not seem to want a value."""

import inspect
import re
from typing import Any

from typer.core import TyperCommand, TyperGroup
from typing_extensions import override

_WRAPPED = re.compile(r"(?<!\n)\n(?!\n)")  # an end of line that ends no paragraph


def flowing(text: str | None) -> str:
    """A docstring whose paragraphs are one line each; the terminal breaks them."""
    return _WRAPPED.sub(" ", inspect.cleandoc(text or ""))


class Command(TyperCommand):
    """A command whose switches are shown bare."""

    @override
    def get_params(self, ctx: Any) -> list[Any]:
        """Its arguments and options."""
        return _bare(super().get_params(ctx))


class Group(TyperGroup):
    """A group of commands, likewise."""

    @override
    def get_params(self, ctx: Any) -> list[Any]:
        """Its options."""
        return _bare(super().get_params(ctx))


def _bare(params: list[Any]) -> list[Any]:
    """Switches without the "<bool>" that asks for a value they do not take."""
    for param in params:
        if getattr(param, "is_flag", False):
            param.metavar = ""
    return params
