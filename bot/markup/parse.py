"""From a platform's text to a tree."""

from bot.markup.chat import parse_chat
from bot.markup.nodes import Tree
from bot.markup.slack import only_words, parse_slack, unlabelled
from bot.markup.tokens import Names, nobody
from bot.models.places import Platform


def parse(platform: Platform, text: str, names: Names = nobody) -> Tree:
    """Read text as its platform shows it. Never raises; linear; the tree holds nothing live.

    `names` gives the name of a "member", "role", "channel" or "group" by its id, None if it is not known.
    """
    return parse_slack(text, names) if platform is Platform.SLACK else parse_chat(text, names)


def is_line(platform: Platform, text: str) -> bool:
    """Whether text is surely one line of words, of which `parse` makes one `Text`; False does not say it is not."""
    return platform is Platform.SLACK and only_words(text)


def unnamed(platform: Platform, text: str) -> str:
    """Text as its platform writes it, but without the names of members and channels that mentions bring along.

    For where the text itself is handed on: those names are not the author's words, and may be secret by now.
    """
    return unlabelled(text) if platform is Platform.SLACK else text
