"""Which of several processes does the work that only one should do."""

from datetime import datetime
from typing import Protocol


class Leases(Protocol):
    """Work by its name: one owner at a time has it, until a moment, and another goes on when that one died."""

    async def take(self, name: str, owner: str, at: datetime, seconds: float) -> bool:
        """Take a piece of work, or keep it longer, until `seconds` after `at`; False while another owner has it.

        An owner that still has it for more than half of that time keeps it as it is, and nothing is written.
        """
        ...

    async def give_back(self, name: str, owner: str) -> None:
        """Let another process have it; nothing if another has it already."""
        ...
