"""From a platform's text to a tree."""

from bot.markup.chat import parse_chat
from bot.markup.nodes import Tree
from bot.markup.slack import parse_slack
from bot.markup.tokens import Names, nobody
from bot.models.places import Platform


def parse(platform: Platform, text: str, names: Names = nobody) -> Tree:
    """Read text as its platform shows it. Never raises; linear; the tree holds nothing live.

    `names` gives the name of a "member", "role", "channel" or "group" by its id, None if it is not known.
    """
    return parse_slack(text, names) if platform is Platform.SLACK else parse_chat(text, names)
