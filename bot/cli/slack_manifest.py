"""`folkmoot slack-manifest`: print the manifest that an operator makes their own Slack app of."""

import json
import re
from collections.abc import Iterator
from typing import Annotated, Any

import typer

INDENT = "  "
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*(?::[a-z]+)?")
_MEANT_OTHERWISE = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def slack_manifest_command(
    name: Annotated[str, typer.Option(metavar="NAME", help="What the app is called in Slack.")] = "Folkmoot",
    url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Where Slack reaches this bot, such as https://forum.example; without it the bot connects by itself"
            " (Socket Mode).",
            show_default=False,
        ),
    ] = None,
    prefix: Annotated[
        str,
        typer.Option(
            metavar="PREFIX",
            help="What stands before the short commands, such as fm- for /fm-digest.",
            show_default=False,
        ),
    ] = "",
    short_forms: Annotated[
        bool, typer.Option("--short-forms/--no-short-forms", help="Whether there are short commands beside /folkmoot.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json/--yaml", help="Print JSON or YAML; Slack takes both.")] = False,
) -> None:
    """Print the app manifest to paste at api.slack.com/apps, under Create New App, From a manifest."""
    from adapters.slack.manifest import manifest

    told = manifest(name, prefix, url, short_forms=short_forms)
    typer.echo(json.dumps(told, ensure_ascii=False, indent=2) if as_json else "\n".join(yaml_lines(told)))


def yaml_lines(value: dict[str, Any] | list[Any], indent: str = "") -> Iterator[str]:
    """Objects, lists, words and switches as YAML; words that could mean something else are quoted."""
    for key, each in value.items() if isinstance(value, dict) else (("-", each) for each in value):
        start = f"{indent}-" if isinstance(value, list) else f"{indent}{key}:"
        if not isinstance(each, dict | list):
            yield f"{start} {_scalar(each)}"
        elif isinstance(value, list):
            first, *rest = yaml_lines(each, indent + INDENT)
            yield f"{start} {first.strip()}"
            yield from rest
        else:
            yield start
            yield from yaml_lines(each, indent + INDENT)


def _scalar(value: object) -> str:
    plain = isinstance(value, str) and _BARE.fullmatch(value) and value.casefold() not in _MEANT_OTHERWISE
    return str(value) if plain else json.dumps(value, ensure_ascii=False)
