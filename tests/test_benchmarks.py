"""Both sides of what is compared by hand show the same: else `make bench` would end in the middle."""

from pathlib import Path

import pytest

from adapters.web import forum
from tests.benchmarks import b4_read
from tests.benchmarks.full import build_full


def test_pages_searches_and_digests_by_hand_show_what_ours_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forum, "PAGE", forum.PAGE)  # the benchmark sets its own
    full = tmp_path / "full.db"
    build_full(full, 40_000, 2_000)
    shown = [each.name for each in b4_read.run(full, rounds=1)]
    assert len(shown) == len(set(shown)) == 7
