"""The port for whatever makes summaries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.models import Discussion, MessageRef, Post


@dataclass(frozen=True, slots=True, kw_only=True)
class Gist:
    """The one line that sums up a discussion, with the messages it stands on (at least one)."""

    text: str
    cites: tuple[MessageRef, ...]


class Summarizer(Protocol):
    """Makes a summary; every sentence cites messages of the discussion that may be shown."""

    async def summarize(self, discussion: Discussion, posts: Sequence[Post]) -> Gist | None:
        """Sum up a discussion from its showable live posts, oldest first; None if there is nothing to say.

        Never raises: it falls back to an extract.
        """
        ...
