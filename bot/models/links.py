"""Links between spaces: two admins, one of each side, agreed that their spaces are one community."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.models.places import MemberRef, Space


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link of two spaces, each known by the admin who agreed there; `ended_by` is of either side."""

    id: int
    first: MemberRef
    second: MemberRef
    at: datetime
    ended_by: MemberRef | None = None
    ended_at: datetime | None = None

    def other(self, space: Space) -> Space:
        """The space on the other side of `space`."""
        return self.second.space if self.first.space == space else self.first.space


class LinkRefusal(StrEnum):
    """Why a code links nothing."""

    WRONG = "wrong"
    EXPIRED = "expired"
    USED = "used"
    OWN = "own"  # made in the very space that it is used in
    ALREADY = "already"  # the two spaces are linked
    TOO_MANY = "too_many"  # too many codes were tried here lately
