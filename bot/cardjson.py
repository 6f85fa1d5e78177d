"""Cards as JSON and back, without loss: how they are kept, and how the local room keeps them."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from bot import markup
from bot.models import Button, Card, Field

NODES = {
    node.__name__: node
    for node in (
        markup.Text, markup.Bold, markup.Italic, markup.Strike, markup.Code, markup.CodeBlock, markup.Quote,
        markup.Link, markup.Mention, markup.Time, markup.Break, markup.Item,
    )
}  # fmt: skip


def dumps(card: Card) -> str:
    """A card as JSON; equal cards give equal text."""
    return json.dumps(_plain(card), sort_keys=True)


def loads(text: str) -> Card:
    """The card that `dumps` wrote."""
    kept = json.loads(text)
    return Card(
        title=kept["title"],
        url=kept["url"],
        body=_tree(kept["body"]),
        fields=tuple(Field(label=each["label"], value=_tree(each["value"])) for each in kept["fields"]),
        buttons=tuple(Button(**each) for each in kept["buttons"]),
        footer=_tree(kept["footer"]),
    )


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value that a card is made of
    if is_dataclass(value) and not isinstance(value, type):
        named = {"node": type(value).__name__} if type(value).__name__ in NODES else {}
        return named | {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return dict(value) if isinstance(value, Mapping) else value


def _tree(kept: list[dict[str, Any]]) -> markup.Tree:
    return tuple(_node(each) for each in kept)


def _node(kept: dict[str, Any]) -> markup.Node:
    values = {name: value for name, value in kept.items() if name != "node"}
    if "children" in values:
        values["children"] = _tree(values["children"])
    node: markup.Node = NODES[kept["node"]](**values)
    return node
