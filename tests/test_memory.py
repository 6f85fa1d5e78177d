"""What a running Folkmoot asks of the system's memory."""

import ctypes
import platform
import subprocess
import sys

import pytest

from storage import migrate
from storage.database import Database
from tests.terminal import ROOT

THREADS = """
import ctypes, sys, threading
from bot.cli.opening import share_one_heap
if sys.argv[1] == "shared":
    share_one_heap()
met = threading.Barrier(5)
def work():
    kept = [bytearray(5_000) for _ in range(50)]
    met.wait()
    met.wait()
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
met.wait()
ctypes.CDLL(None).malloc_stats()
met.wait()
"""

GARBAGE = """
import asyncio, gc
from pathlib import Path
from bot.cli.opening import give_memory_back
def resident():
    [line] = [each for each in Path("/proc/self/status").read_text().splitlines() if each.startswith("VmRSS:")]
    return int(line.split()[1])
gc.disable()
for _ in range(4_000):
    last = [bytearray(5_000)]
    last.append(last)
before = resident()
asyncio.run(give_memory_back())
print(before - resident())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives each thread a heap of its own")
@pytest.mark.parametrize(("how", "heaps"), [("shared", 1), ("each its own", 5)])
def test_all_threads_share_one_heap(how: str, heaps: int) -> None:
    told = subprocess.run([sys.executable, "-c", THREADS, how], cwd=ROOT, check=True, capture_output=True, text=True)
    assert told.stderr.count("Arena ") == heaps


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told to give memory back")
def test_garbage_is_let_go_and_its_memory_given_back() -> None:
    told = subprocess.run([sys.executable, "-c", GARBAGE], cwd=ROOT, check=True, capture_output=True, text=True)
    assert int(told.stdout) > 4_000 * 5_000 / 1024 * 0.9  # though the last piece, behind all others, is still needed


def memory_of_sqlite() -> int:
    """Bytes that SQLite holds in this process, which uses it; skips where it is no library of its own."""
    try:
        library = ctypes.CDLL("libsqlite3.so.0")
    except OSError as error:
        pytest.skip(f"Python's SQLite cannot be asked: {error}")
    library.sqlite3_memory_used.restype = ctypes.c_int64
    return int(library.sqlite3_memory_used()) or pytest.skip("Python has a SQLite of its own")


async def test_only_few_pages_of_the_file_are_kept(sqlite_url: str) -> None:
    migrate(sqlite_url)
    base = Database.open(sqlite_url, readers=2)
    try:
        await base.write(lambda it: it.exec_driver_sql("CREATE TABLE heap AS SELECT randomblob(4000000) AS words"))
        before = memory_of_sqlite()
        for _ in range(2):
            await base.read(lambda it: it.exec_driver_sql("SELECT sum(length(words || '')) FROM heap").all())
        assert memory_of_sqlite() - before < 1_000_000
    finally:
        await base.close()
