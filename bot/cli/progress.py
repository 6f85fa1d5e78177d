"""How far a long command is: a bar with rate and time left on a terminal, now and then a plain line elsewhere."""

import sys
import time
from typing import TYPE_CHECKING, Protocol

import typer

if TYPE_CHECKING:
    from rich.console import Console

EVERY = 5.0  # seconds between plain lines


class Progress(Protocol):
    """What a command tells while it works. May be called from any thread."""

    def begin(self, total: int) -> None:
        """So many bytes are to be read."""
        ...

    def advance(self, done: int, messages: int) -> None:
        """So many bytes are read, so many messages stored, by now."""
        ...

    def stage(self, title: str) -> None:
        """Reading is over; this comes next."""
        ...

    def say(self, sentence: str) -> None:
        """Print a sentence for the person at the terminal."""
        ...

    def end(self) -> None:
        """Nothing more comes."""
        ...


def progress() -> Progress:
    """The progress that fits where standard error goes."""
    return Bar() if sys.stderr.isatty() else Lines()


class Lines:
    """Plain lines on standard error, at most one in five seconds besides sentences."""

    def __init__(self) -> None:
        self._total = 0
        self._begun = self._last = time.monotonic()

    def begin(self, total: int) -> None:
        """So many bytes are to be read."""
        self._total = total
        self._begun = self._last = time.monotonic()

    def advance(self, done: int, messages: int) -> None:
        """Print a line if the last one is old enough."""
        now = time.monotonic()
        if now - self._last < EVERY:
            return
        self._last = now
        spent = now - self._begun
        left = spent * (self._total - done) / done if done else 0.0
        share = 100 * done // max(self._total, 1)
        self.say(f"{share} % · {messages:,} messages · {messages / spent:,.0f} a second · about {left:.0f} s left")

    def stage(self, title: str) -> None:
        """Print what comes next."""
        self.say(f"{title} …")

    def say(self, sentence: str) -> None:
        """Print a sentence."""
        typer.echo(sentence, err=True)

    def end(self) -> None:
        """Nothing more comes."""


class Bar:
    """A bar on the terminal; sentences appear above it."""

    def __init__(self, console: "Console | None" = None) -> None:
        from rich import console as consoles
        from rich import progress as bars

        self._console = console or consoles.Console(stderr=True)
        self._bar = bars.Progress(
            bars.TextColumn("{task.description}"),
            bars.BarColumn(),
            bars.TaskProgressColumn(),
            bars.TextColumn("{task.fields[rate]}"),
            bars.TimeRemainingColumn(),
            console=self._console,
        )
        self._task = self._bar.add_task("Importing", total=None, rate="")
        self._begun = time.monotonic()

    def begin(self, total: int) -> None:
        """Show the bar."""
        self._bar.update(self._task, total=max(total, 1))
        self._begun = time.monotonic()
        self._bar.start()

    def advance(self, done: int, messages: int) -> None:
        """Move the bar."""
        spent = max(time.monotonic() - self._begun, 0.001)
        rate = f"{messages:,} messages, {messages / spent:,.0f}/s"
        self._bar.update(self._task, completed=done, rate=rate)

    def stage(self, title: str) -> None:
        """Fill the bar and name what comes next."""
        self._bar.update(self._task, description=title, completed=self._bar.tasks[0].total or 1)

    def say(self, sentence: str) -> None:
        """Print a sentence above the bar, exactly as it is."""
        self._console.print(sentence, markup=False, highlight=False, emoji=False, soft_wrap=True)

    def end(self) -> None:
        """Leave the bar as it is."""
        self._bar.stop()
