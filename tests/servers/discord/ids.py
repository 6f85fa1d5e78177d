"""Snowflakes and moments as Discord writes them."""

from datetime import UTC, datetime, timedelta

from bot.ports import Clock

EPOCH_MS = 1_420_070_400_000
STEP = 1 << 22


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def moment_of(snowflake: str | int) -> datetime:
    """When the thing with this id was made."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=(int(snowflake) >> 22) + EPOCH_MS)


def written(at: datetime) -> str:
    """A moment as Discord writes it: ISO 8601 with microseconds and +00:00."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


class Snowflakes:
    """Gives ids: those of things that happen now grow always; those of the past lie at their moment."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._given: set[int] = set()
        self._newest = 0
        self._guilds = (milliseconds(clock.now() - timedelta(days=800)) - EPOCH_MS) << 22
        self._old = (milliseconds(clock.now() - timedelta(days=400)) - EPOCH_MS) << 22

    def old(self) -> str:
        """The id of a person, role or channel made long ago."""
        self._old += STEP
        return str(self._old)

    def guild(self) -> str:
        """The id of a server: a millisecond apart, so that shards alternate."""
        self._guilds += STEP
        return str(self._guilds)

    def now(self) -> str:
        """The id of what happens now: greater than every one given by `now` before, whatever the clock does."""
        moment = (milliseconds(self.clock.now()) - EPOCH_MS) << 22
        self._newest = self._free(max(moment, self._newest + 1))
        return str(self._newest)

    def at(self, moment: datetime | None) -> str:
        """The id of what happened at a moment of the past; None is now."""
        return self.now() if moment is None else str(self._free((milliseconds(moment) - EPOCH_MS) << 22))

    def _free(self, number: int) -> int:
        while number in self._given:
            number += 1
        self._given.add(number)
        return number
