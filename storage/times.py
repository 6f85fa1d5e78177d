"""Times as the database keeps them: whole milliseconds since 1970, UTC."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000  # milliseconds
MILLISECOND = timedelta(milliseconds=1)


def ms(moment: datetime) -> int:
    """An aware datetime as epoch milliseconds, rounded down. TypeError if it is naive."""
    return (moment - EPOCH) // MILLISECOND


def moment(value: int) -> datetime:
    """Epoch milliseconds as an aware datetime."""
    return EPOCH + value * MILLISECOND


def maybe(value: int | None) -> datetime | None:
    """The same for a time that may be missing."""
    return None if value is None else moment(value)
