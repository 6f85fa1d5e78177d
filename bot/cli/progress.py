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
        """So much is to be done: bytes to be read, or discussions to be written."""
        ...

    def advance(self, done: int, messages: int) -> None:
        """So much is done, and so many messages with it, by now."""
        ...

    def stage(self, title: str) -> None:
        """All of that is done; this comes next, and nobody knows how long it takes. At most 30 characters."""
        ...

    def say(self, sentence: str) -> None:
        """Print a sentence for the person at the terminal."""
        ...

    def end(self) -> None:
        """Nothing more comes."""
        ...


def progress(title: str) -> Progress:
    """The progress that fits where standard error goes; `title` says what is done."""
    return Bar(title) if sys.stderr.isatty() else Lines()


class Lines:
    """Plain lines on standard error, at most one in five seconds besides sentences."""

    def __init__(self) -> None:
        self._total = 0
        self._begun = self._last = time.monotonic()

    def begin(self, total: int) -> None:
        """Remember how much is to be done."""
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
        self.say(f"{share} % · {messages:,} messages · {messages / spent:,.0f} a second · {_clock(left)} left")

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

    def __init__(self, title: str, console: "Console | None" = None) -> None:
        from rich import console as consoles
        from rich import progress as bars

        self._console = console or consoles.Console(stderr=True)
        self._bar = bars.Progress(
            bars.TextColumn("{task.description}"),
            bars.BarColumn(bar_width=None),
            bars.TextColumn("{task.fields[share]}"),
            bars.TextColumn("{task.fields[rate]}"),
            bars.TextColumn("{task.fields[left]}"),
            console=self._console,
            expand=True,
        )
        self._task = self._bar.add_task(title, total=None, share="", rate="", left="")
        self._total = 1
        self._begun = time.monotonic()

    def begin(self, total: int) -> None:
        """Show the bar."""
        self._total = max(total, 1)
        self._bar.update(self._task, total=self._total, share="0 %")
        self._begun = time.monotonic()
        self._bar.start()

    def advance(self, done: int, messages: int) -> None:
        """Move the bar."""
        spent = max(time.monotonic() - self._begun, 0.001)
        rate = f"{messages:,} messages, {messages / spent:,.0f}/s"
        share, left = f"{100 * done // self._total} %", f"{_clock(spent * (self._total - done) / max(done, 1))} left"
        self._bar.update(self._task, completed=done, share=share, rate=rate, left=left)

    def stage(self, title: str) -> None:
        """Name what comes next, over a bar that only says that something is done."""
        self._bar.refresh()  # how far it got is seen once more
        self._bar.update(self._task, description=title, total=None, share="", rate="", left="", refresh=True)

    def say(self, sentence: str) -> None:
        """Print a sentence above the bar, exactly as it is."""
        self._console.print(sentence, markup=False, highlight=False, emoji=False, soft_wrap=True)

    def end(self) -> None:
        """Take the bar away: what the command says next is all that counts."""
        self._bar.update(self._task, visible=False)
        self._bar.stop()


def _clock(seconds: float) -> str:
    """A time span as minutes and seconds: "1:05"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
