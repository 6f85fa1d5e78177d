"""Two ways to do the same work, in turn, and how their times compare."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Result:
    """What a comparison gave: `ratio` is what the goal is about, "speed" (higher is better) or "time" (lower is)."""

    name: str
    ratio: float
    goal: float
    floor: float
    speed: bool
    note: str = ""
    unit: str = "×"

    @property
    def verdict(self) -> str:
        """Whether the goal, or at least the floor, was reached."""
        better = (self.ratio >= self.goal, self.ratio >= self.floor)
        worse = (self.ratio <= self.goal, self.ratio <= self.floor)
        goal, floor = better if self.speed else worse
        return "met" if goal else "goal missed, floor met" if floor else "missed"


def seconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes."""
    gc.collect()
    gc.disable()
    start = time.perf_counter()
    work()
    taken = time.perf_counter() - start
    gc.enable()
    return taken


def paired(
    ours: Callable[[int], object],
    theirs: Callable[[int], object],
    rounds: int = 7,
    before: Callable[[], object] = lambda: None,
) -> tuple[float, float]:
    """The median of ours / theirs over alternating rounds, and the median seconds of ours. Rounds are numbered.

    `before` makes each round ready, and is not measured.
    """
    pairs = []
    for number in range(rounds + 1):
        before()
        pair = [0.0, 0.0]
        order = ((0, ours), (1, theirs)) if number % 2 else ((1, theirs), (0, ours))
        for side, work in order:
            pair[side] = seconds(lambda work=work, number=number: work(number))  # type: ignore[misc]  # run at once
        if number:  # the first round warms both up
            pairs.append(pair)
    return statistics.median(a / b for a, b in pairs), statistics.median(a for a, _ in pairs)


def show(results: list[Result]) -> None:
    """Print the table."""
    table = Table("benchmark", "ratio", "goal", "floor", "reached", "note", title="Folkmoot benchmarks")
    for each in results:
        sign = "≥" if each.speed else "≤"
        table.add_row(
            each.name,
            f"{each.ratio:.2f} {each.unit}",
            f"{sign} {each.goal}",
            f"{sign} {each.floor}",
            each.verdict,
            each.note,
        )
    Console(width=140).print(table)
