"""Keeps SQLite's write-ahead log short: by itself the log begins anew only at a moment when nobody reads.

Where readers overlap there is no such moment, and the log grows as long as they do. So when it is long, the writer
pauses until those who read from the log are done; it need not wait for new readers.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import structlog

LONG = 16 * 2**20  # bytes from which the log is long: four times what SQLite lets it become when nobody reads
TOO_LONG = 128 * 2**20  # bytes from which it is worth a word: somebody reads for very long
PATIENCE = 0.2  # seconds that readers are waited for, and the writer with them
LOOK = 50  # writes between two looks

log = structlog.get_logger(__name__)


class Shortening:
    """Watches the log of one database. When `due`, `shorten` is to be called, in any thread."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._file = database.with_name(database.name + "-wal")
        self._writes = 0
        self._tried = 0  # size of the log, in bytes, when it could last not be shortened
        self._trying = self._told = False

    def due(self) -> bool:
        """Whether the log is long; after a try in vain, whether it has grown by as much again since."""
        self._writes += 1
        if self._writes % LOOK or self._trying:
            return False
        size = self._size()
        if size < self._tried:  # it began anew by itself since
            self._tried = 0
        self._trying = size > self._tried + LONG
        return self._trying

    def _size(self) -> int:
        try:
            return self._file.stat().st_size
        except OSError:
            return 0

    def shorten(self) -> None:
        """Bring all of the log into the database and let it begin anew, if nobody reads from it for too long."""
        try:
            with closing(sqlite3.connect(self._database, timeout=PATIENCE)) as connection:
                [busy, *_] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error:
            busy = True  # the writer will find the same and tell of it
        self._tried = self._size() if busy else 0
        self._trying = False
        too_long = self._tried > TOO_LONG
        if too_long and not self._told:
            log.warning("somebody reads the database for very long; its log grows meanwhile", bytes=self._tried)
        self._told = too_long
