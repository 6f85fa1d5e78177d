"""Which export is it? Decided by what is inside, never by the name."""

from pathlib import Path

from adapters.archives.discord_export import DiscordExport, is_candidate
from adapters.archives.export import Export, Options
from adapters.archives.slack_export import LISTS, SlackExport
from adapters.archives.source import Source, open_source
from bot.errors import ImportProblem

MARKS = {"users.json", *LISTS}  # what stands at the root of a Slack export


def open_export(path: Path, options: Options) -> Export:
    """Open a path as the export it is. ImportProblem in one sentence if it is none that we know."""
    source = open_source(path)
    try:
        root = slack_root(source)
        if root is not None:
            return SlackExport(source, root, options)
        if any(is_candidate(entry) for entry in source.entries):
            return DiscordExport(source, options)
    except ImportProblem:
        source.close()
        raise
    source.close()
    raise ImportProblem(
        f"{path} holds neither a Slack export (channels.json, users.json and a folder a channel)"
        " nor JSON files of DiscordChatExporter (its option -f Json)."
    )


def slack_root(source: Source) -> str | None:
    """Where a Slack export's lists stand in the source: "" or a folder with its slash; None if there are none.

    Two of the lists must stand side by side, or one beside a folder with a day file.
    """
    beside: dict[str, set[str]] = {}
    for entry in source.entries:
        if entry.path.name in MARKS:
            folder = entry.name[: -len(entry.path.name)]
            beside.setdefault(folder, set()).add(entry.path.name)
    for folder in sorted(beside, key=lambda each: (each.count("/"), each)):
        if len(beside[folder]) > 1 or _has_days(source, folder):
            return folder
    return None


def _has_days(source: Source, root: str) -> bool:
    inside = (entry.path for entry in source.entries if entry.name.startswith(root))
    return any(len(path.parts) == root.count("/") + 2 and path.name[:4].isdigit() for path in inside)
