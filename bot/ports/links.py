"""Links between spaces, made with one-time codes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.models import Channel, Link, LinkRefusal, MemberRef, Space


class Links(Protocol):
    """Which spaces form one community, and who decided so. Spaces and their communities are read from Places."""

    async def offer(self, where: Channel, fingerprint: str, by: MemberRef, at: datetime) -> None:
        """Keep the fingerprint of a code that links the space of `where` once, within 30 minutes.

        It takes the place of the space's last one. `where` is told when the code is taken.
        """
        ...

    async def take(self, fingerprint: str, by: MemberRef, at: datetime) -> tuple[Link, Channel] | LinkRefusal:
        """Link the space of `by` with the one that offered the code, in one transaction; where the code was made.

        Both spaces, and all that are linked with either, are one community from then on; that of the first space stays.
        After five refusals within an hour a space is refused unseen.
        """
        ...

    async def end(self, link: int, by: MemberRef, at: datetime) -> bool:
        """End a link; False if it was ended already. Spaces that no other link holds together part.

        Digests that show words of the other side are marked to be rendered again.
        """
        ...

    async def of(self, space: Space) -> Sequence[Link]:
        """The links of a space that hold, oldest first."""
        ...

    async def link(self, link: int) -> Link | None:
        """One link, ended or not."""
        ...
