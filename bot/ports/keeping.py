"""How long words are kept."""

from datetime import datetime
from typing import Protocol


class Keeping(Protocol):
    """Deletes words whose time is over; counts stay."""

    async def forget(self, at: datetime, most: int = 500) -> bool:
        """Delete a part of what is too old, or was removed too long ago; whether there may be more.

        Too old: `retention_days` of its space. Removed: 30 days after the channel, or the space, was closed to us; then
        names of the space's members go too. Text, files' names, notes and what was made of them go; in discussions in
        which all is that old, what people set as title, summary and outcome as well. At most `most` messages in one
        transaction. What is read again later, from before that time, is stored without text. Days are UTC's.
        """
        ...
