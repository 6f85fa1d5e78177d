"""`make bench`: run the benchmarks and print their table."""

import sys
import tempfile
from pathlib import Path

from tests.benchmarks import b1_gateway, b3_store, b4_read, b6_edits, b7_import
from tests.benchmarks.full import build_full
from tests.benchmarks.paired import show


def main() -> None:
    """Run all, or those named on the command line (b3 …)."""
    wanted = set(sys.argv[1:]) or {"b1", "b3", "b4", "b6", "b7"}
    results = []
    with tempfile.TemporaryDirectory(prefix="folkmoot-bench-") as name:
        folder = Path(name)
        full = folder / "full.db"
        if wanted & {"b3", "b4"}:
            build_full(full)
        if "b1" in wanted:
            results += b1_gateway.run(folder)
        if "b3" in wanted:
            results += b3_store.run(full, folder)
        if "b4" in wanted:
            results += b4_read.run(full)
        if "b6" in wanted:
            results += b6_edits.run(folder)
        if "b7" in wanted:
            results += b7_import.run(folder)
    show(results)


if __name__ == "__main__":  # a benchmark's own processes import this again
    main()
