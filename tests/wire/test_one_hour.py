"""An hour in which something goes wrong each minute: nothing is lost, and the process needs no more than before."""

from pathlib import Path

import pytest

from tests.weather import gentle, rough
from tests.wire.days import Needs, Size, a_day, grown

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


@pytest.mark.parametrize(
    ("leaks", "told"),
    [
        ({}, []),
        ({"memory": 100}, ["memory went from 127450.0 to 136450.0"]),
        ({"files": 0.1}, ["files went from 32 to 41"]),
        ({"threads": 0.1, "tasks": 0.02}, ["threads went from 10 to 19"]),
    ],
)
def test_what_grows_after_ten_minutes_is_told(leaks: dict[str, float], told: list[str]) -> None:
    """Each look but the first twenty counts; what is needed goes up and down all the while."""
    needs = []
    for look in range(120):
        usual = {"memory": 125_000, "files": 30 + look % 5, "threads": 8, "tasks": 40 + 3 * (look % 5)}
        more = {name: int(look * leaks.get(name, 0)) for name in usual}
        needs.append(Needs(at=30.0 * look, **{name: usual[name] + more[name] for name in usual}))
    assert grown(needs, 600) == told


@pytest.mark.soak
@pytest.mark.timeout(8000)
@pytest.mark.parametrize("size", [SHORT, HOUR], ids=["short", "hour"])
async def test_an_hour_with_a_trouble_each_minute(sqlite_url: str, tmp_path: Path, size: Size) -> None:
    async with a_day(sqlite_url, tmp_path, seed=5) as day:
        await day.live(size, rough(day.discord, day.slack))
        print(day.told(size))
        await day.well(size)
        assert await day.broken() == []
        assert grown(day.needs, size.warm) == []
