"""What a digest says: the rank, the choice, the card and the account of both. Pure."""

from bot.digests.audience import place_of, quote_stands
from bot.digests.cards import (
    GONE,
    HEADINGS,
    LIMIT,
    QUOTE_LIMIT,
    Words,
    digest_card,
    digest_title,
    fitting,
    left_out_line,
    numbers_line,
    says_waiting,
    tells_spaces,
    why_card,
)
from bot.digests.rank import Ranked, choose, is_news, rank

__all__ = [
    "GONE",
    "HEADINGS",
    "LIMIT",
    "QUOTE_LIMIT",
    "Ranked",
    "Words",
    "choose",
    "digest_card",
    "digest_title",
    "fitting",
    "is_news",
    "left_out_line",
    "numbers_line",
    "place_of",
    "quote_stands",
    "rank",
    "says_waiting",
    "tells_spaces",
    "why_card",
]
