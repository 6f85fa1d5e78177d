"""Finds every text that we say: the English literals at the call sites in Python and in the page templates."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, nodes

ROOT = Path(__file__).parents[2]
SAY = ("say", "phrase")
TEXTS = ("t", "texts")  # what a Texts is called; bytes and lists are counted in too


class Literal(NamedTuple):
    """One text: its forms (one, or singular and plural) and where it stands."""

    forms: tuple[str, ...]
    where: str


class Unreadable(NamedTuple):
    """A call whose text cannot be looked up, because it is put together on the spot."""

    where: str


def in_python(source: str, name: str) -> Iterator[Literal | Unreadable]:
    """The texts of a Python file; a text in a variable is taken to be marked by `phrase` where it was written."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        where = f"{name}:{node.lineno}"
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in SAY:
            yield from _said(node.args[0], where)
        elif called == "count" and len(node.args) == 3:
            forms = [arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            if len(forms) == 2:
                yield Literal(tuple(forms), where)
            elif ast.unparse(node.func).removesuffix(".count").split(".")[-1].lstrip("_") in TEXTS:
                yield Unreadable(where)


def _said(node: ast.expr, where: str) -> Iterator[Literal | Unreadable]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield Literal((node.value,), where)
    elif isinstance(node, ast.IfExp):
        yield from _said(node.body, where)
        yield from _said(node.orelse, where)
    elif isinstance(node, ast.JoinedStr | ast.BinOp):
        yield Unreadable(where)


def in_template(source: str, name: str) -> Iterator[Literal]:
    """The texts of a Jinja template: t.say("…") and t.count("…", "…", n)."""
    tree = Environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"], autoescape=True).parse(source)
    for call in tree.find_all(nodes.Call):
        if not isinstance(call.node, nodes.Getattr) or call.node.attr not in {"say", "count"}:
            continue
        values = [arg.value for arg in call.args if isinstance(arg, nodes.Const) and isinstance(arg.value, str)]
        wanted = 1 if call.node.attr == "say" else 2
        if len(values) >= wanted:
            yield Literal(tuple(values[:wanted]), f"{name}:{call.lineno}")


@cache
def everything() -> list[Literal | Unreadable]:
    """All texts of the program."""
    found: list[Literal | Unreadable] = []
    for package in ("bot", "adapters"):
        for path in sorted((ROOT / package).rglob("*")):
            name = str(path.relative_to(ROOT))
            if path.suffix == ".py" and not name.startswith("bot/cli/"):  # the operator's commands speak English
                found.extend(in_python(path.read_text("utf-8"), name))
            elif path.suffix in {".html", ".jinja", ".j2", ".txt", ".xml"} and "templates" in path.parts:
                found.extend(in_template(path.read_text("utf-8"), name))
    return found
