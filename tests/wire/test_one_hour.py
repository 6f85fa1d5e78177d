"""An hour in which something goes wrong each minute: nothing is lost, and the process needs no more than before."""

from pathlib import Path

import pytest

from tests.weather import gentle, rough
from tests.wire.days import Size, a_day

SECONDS = Size(lasts=1.5, rate=20, calm=0.15, digests=None, look=0.1, warm=0, patience=60)
SHORT = Size(lasts=1200, rate=5, calm=20, digests=180, look=15, warm=600, patience=2400)
HOUR = Size(lasts=3600, rate=5, calm=60, digests=180, look=30, warm=600, patience=2400)


@pytest.mark.timeout(120)
async def test_a_few_seconds_with_small_troubles(sqlite_url: str, tmp_path: Path) -> None:
    async with a_day(sqlite_url, tmp_path, seed=5) as day:
        await day.live(SECONDS, gentle(day.discord, day.slack))
        await day.well(SECONDS)
        assert await day.broken() == []
        print(day.told(SECONDS))


@pytest.mark.soak
@pytest.mark.timeout(8000)
@pytest.mark.parametrize("size", [SHORT, HOUR], ids=["short", "hour"])
async def test_an_hour_with_a_trouble_each_minute(sqlite_url: str, tmp_path: Path, size: Size) -> None:
    async with a_day(sqlite_url, tmp_path, seed=5) as day:
        await day.live(size, rough(day.discord, day.slack))
        print(day.told(size))
        await day.well(size)
        assert await day.broken() == []
        assert day.flat(size) == []
