"""The port for whatever makes titles' companions: summaries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.models import Discussion, MessageRef, Post


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One sentence of a summary with the messages it stands on (at least one)."""

    text: str
    author_name: str | None
    cites: tuple[MessageRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a discussion says in short: `gist` is the one line, `points` the best replies, best first."""

    gist: Point | None
    points: tuple[Point, ...]
    method: Literal["extract", "model"] = "extract"


class Summarizer(Protocol):
    """Makes a summary; every sentence cites messages of the discussion that may be shown."""

    async def summarize(self, discussion: Discussion, posts: Sequence[Post]) -> Summary:
        """Sum up a discussion from its showable live posts, oldest first. Never raises: it falls back to an extract."""
        ...
