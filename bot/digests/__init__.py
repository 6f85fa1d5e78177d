"""What a digest says: the rank, the choice, the card and the account of both. Pure."""

from bot.digests.cards import GONE, LIMIT, QUOTE_LIMIT, Words, digest_card, fitting, why_card
from bot.digests.rank import Ranked, choose, rank

__all__ = ["GONE", "LIMIT", "QUOTE_LIMIT", "Ranked", "Words", "choose", "digest_card", "fitting", "rank", "why_card"]
