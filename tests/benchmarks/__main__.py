"""`make bench`: run the benchmarks and print their table."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import b1_gateway, b2_slack, b3_store, b4_read, b6_edits, b7_import, b9_burst
from tests.benchmarks.full import build_full
from tests.benchmarks.paired import Result, show


def main() -> None:
    """Run all, or those named on the command line (b3 …)."""
    wanted = set(sys.argv[1:])
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="folkmoot-bench-") as name:
        folder = Path(name)
        full = folder / "full.db"
        runs: dict[str, Callable[[], list[Result]]] = {
            "b1": lambda: b1_gateway.run(folder),
            "b2": lambda: b2_slack.run(folder),
            "b3": lambda: b3_store.run(full, folder),
            "b4": lambda: b4_read.run(full),
            "b6": lambda: b6_edits.run(folder),
            "b7": lambda: b7_import.run(folder),
            "b9": lambda: b9_burst.run(folder),
        }
        if not wanted or wanted & {"b3", "b4"}:
            build_full(full)
        for each in sorted(wanted or runs):
            results += runs[each]()
    show(results)


if __name__ == "__main__":  # a benchmark's own processes import this again
    main()
