"""The places where a test lets the process die: all of them listed, and none of them armed."""

import re
from pathlib import Path

from bot import failpoints
from bot.failpoints import POINTS, arm, reach

ROOT = Path(failpoints.__file__).parents[1]


def test_every_place_in_the_code_is_listed_once_and_every_listed_one_is_there() -> None:
    sources = [path for folder in ("bot", "adapters", "storage") for path in (ROOT / folder).rglob("*.py")]
    found = [name for path in sources for name in re.findall(r'reach\("([^"]+)"\)', path.read_text(encoding="utf-8"))]
    assert sorted(found) == sorted(POINTS)


def test_nothing_is_armed_until_a_test_does_and_no_setting_can() -> None:
    assert failpoints._reached is None
    heard: list[str] = []
    arm(heard.append)
    try:
        reach("app.kept")
    finally:
        arm(None)
    reach("app.kept")
    assert heard == ["app.kept"]
    assert "arm(" not in "".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot" / "cli").glob("*.py"))
