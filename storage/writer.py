"""The one writer: whatever waits when it comes round shares one transaction, and is told once that is durable."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Engine

from bot.errors import StoreBusy
from bot.failpoints import reach
from bot.models import Event
from storage.news import NOTICE

T = TypeVar("T")
Ingest = Callable[[Connection, Sequence[Event]], None]
BATCH = 500  # jobs that share a transaction at most
BOUND = 20_000  # jobs that may wait
WRITERS = 7_320_155  # the advisory lock that makes writers serial on PostgreSQL, over all processes

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Job:
    """Something to write, and who waits for it. `work` is None for events."""

    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    events: Sequence[Event] = ()
    work: Callable[[Connection], Any] | None = None
    result: Any = None
    error: BaseException | None = None


class Writer:
    """A thread with a queue. Nothing lingers: a lone job is committed at once, a burst shares one commit."""

    def __init__(self, engine: Engine, *, bound: int = BOUND) -> None:
        self._bound = bound
        self.ingest: Ingest | None = None
        self._engine = engine
        self._jobs: deque[Job] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._loop, name="folkmoot-write", daemon=True)
        self._thread.start()

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in the next transaction; its error is raised here and undoes only what it did."""
        loop = asyncio.get_running_loop()
        job = Job(loop, loop.create_future(), work=work)
        self._put(job)
        done: T = await job.future
        return done

    async def record(self, events: Sequence[Event]) -> None:
        """Store events in the next transaction."""
        loop = asyncio.get_running_loop()
        job = Job(loop, loop.create_future(), events=events)
        self._put(job)
        await job.future

    def close(self) -> None:
        """Finish what waits and stop."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    def _put(self, job: Job) -> None:
        with self._wake:
            if self._closing or len(self._jobs) >= self._bound:
                raise StoreBusy("The store has too much to write at the moment; try again shortly.")
            self._jobs.append(job)
            if len(self._jobs) == 1:
                self._wake.notify()  # it looks again before it sleeps

    def _take(self) -> list[Job]:
        """Wait for jobs; none means the end."""
        with self._wake:
            self._wake.wait_for(lambda: self._jobs or self._closing)
            return [self._jobs.popleft() for _ in range(min(BATCH, len(self._jobs)))]

    def _loop(self) -> None:
        while jobs := self._take():
            try:
                if not self._together(jobs):
                    with self._begin() as connection:
                        self._all(connection, jobs)
            except Exception as error:  # noqa: BLE001 - whoever waits must hear of it; the thread must go on
                if len(jobs) > 1:
                    log.warning("transaction failed", error=str(error), jobs=len(jobs))
                for job in jobs:
                    job.error = error
            _answer(jobs)

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        """A transaction; on PostgreSQL it waits for other processes' writers and wakes who follows them."""
        with self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS}), pg_notify('{NOTICE}', '')")
            yield connection
            reach("commit.before")
        reach("commit.after")

    def _together(self, jobs: Sequence[Job]) -> bool:
        """Store the events of many callers in one go, if there is nothing else to do; False if one of them spoils it.

        That is the way of every burst, and it needs no savepoint: storing events once more changes nothing.
        """
        if len(jobs) == 1 or any(job.work is not None for job in jobs):
            return False
        try:
            with self._begin() as connection:
                self._ingest(connection, [event for job in jobs for event in job.events])
        except Exception as error:  # noqa: BLE001 - each is tried alone next, and told its own error
            log.warning("events stored one by one", error=str(error))
            return False
        return True

    def _all(self, connection: Connection, jobs: Sequence[Job]) -> None:
        """Do a transaction's jobs: all events as one, then the rest in their order. A lone job has it for itself."""
        if len(jobs) == 1:
            self._do(connection, jobs[0])
            return
        recording = [job for job in jobs if job.work is None]
        tried = len(recording) == len(jobs)
        if tried or not self._as_one(connection, recording):
            for job in recording:
                self._alone(connection, job)
        for job in jobs:
            if job.work is not None:
                self._alone(connection, job)

    def _as_one(self, connection: Connection, jobs: Sequence[Job]) -> bool:
        """Store the events of several callers in one savepoint; False if one of them spoils it."""
        try:
            with connection.begin_nested():
                self._ingest(connection, [event for job in jobs for event in job.events])
        except Exception as error:
            if connection.invalidated:
                raise
            log.warning("events stored one by one", error=str(error))
            return False
        return True

    def _alone(self, connection: Connection, job: Job) -> None:
        """Do one job in a savepoint, so that its failure is its own; a lost connection is everybody's."""
        try:
            with connection.begin_nested():
                self._do(connection, job)
        except Exception as error:
            if connection.invalidated:
                raise
            job.error = error

    def _do(self, connection: Connection, job: Job) -> None:
        if job.work is None:
            self._ingest(connection, job.events)
        else:
            job.result = job.work(connection)

    def _ingest(self, connection: Connection, events: Sequence[Event]) -> None:
        if self.ingest is None:
            raise RuntimeError("nobody said how events are stored")
        self.ingest(connection, events)


def _answer(jobs: Sequence[Job]) -> None:
    """Tell everyone what became of their job, one call a loop."""
    loops: dict[asyncio.AbstractEventLoop, list[Job]] = {}
    for job in jobs:
        loops.setdefault(job.loop, []).append(job)
    for loop, mine in loops.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, mine)


def _resolve(jobs: Sequence[Job]) -> None:
    for job in jobs:
        if job.future.done():
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)
