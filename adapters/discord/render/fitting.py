"""Making a tree fit where Discord shows it."""

from adapters.discord.render.markdown import escape, markdown
from bot.markup import Dialect, Tree, fitted, fitted_words

_DISCORD = Dialect(markdown, escape)


def fit(tree: Tree, limit: int) -> str:
    """A tree as Discord's markdown in at most `limit` characters."""
    return fitted(tree, limit, _DISCORD)


def fit_words(text: str, limit: int) -> str:
    """Plain words for a place that reads markdown, in at most `limit` characters."""
    return fitted_words(text, limit, _DISCORD)
