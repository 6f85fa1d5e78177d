"""The real clock."""

from datetime import UTC, datetime


class SystemClock:
    """The time of this machine, in UTC."""

    def now(self) -> datetime:
        """The time now; it may jump when the machine's clock is set."""
        return datetime.now(UTC)  # noqa: TID251 - the one place where the time comes from
