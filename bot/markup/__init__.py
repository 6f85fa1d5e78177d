"""Chat text as a tree: the nodes, the two dialects that are read into it, and the words in it."""

from bot.markup.fitting import LEAST, Dialect, fitted, fitted_words, lines_of
from bot.markup.nodes import (
    BLOCKS,
    Bold,
    Break,
    Code,
    CodeBlock,
    Italic,
    Item,
    Link,
    Mention,
    Node,
    Quote,
    Strike,
    Text,
    Time,
    Tree,
    joined,
    linked,
)
from bot.markup.parse import parse, unnamed
from bot.markup.plain import plain, prose
from bot.markup.tokens import Names, nobody, safe_url
from bot.markup.words import ELLIPSIS, clean, cut, first_sentence, headline, sentences

__all__ = [
    "BLOCKS",
    "ELLIPSIS",
    "LEAST",
    "Bold",
    "Break",
    "Code",
    "CodeBlock",
    "Dialect",
    "Italic",
    "Item",
    "Link",
    "Mention",
    "Names",
    "Node",
    "Quote",
    "Strike",
    "Text",
    "Time",
    "Tree",
    "clean",
    "cut",
    "first_sentence",
    "fitted",
    "fitted_words",
    "headline",
    "joined",
    "lines_of",
    "linked",
    "nobody",
    "parse",
    "plain",
    "prose",
    "safe_url",
    "sentences",
    "unnamed",
]
