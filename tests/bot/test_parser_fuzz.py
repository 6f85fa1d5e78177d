"""Texts made to hurt: whatever is tried, reading and printing one ends soon, and without an error.

What cost most for its length, or was read in a way not seen before, is kept and changed further: so the search walks
towards the worst that there is.
"""

import random
import time
from collections.abc import Callable

import pytest

from adapters.discord.render import markdown as discord_markdown
from adapters.slack.render import mrkdwn
from adapters.web import printing
from adapters.web.site import View
from bot.markup import Tree, clean, first_sentence, parse, plain, prose
from bot.markup.markdown import markdown
from bot.models import Platform
from bot.texts import texts_for
from tests.bot.test_markup import HOSTILE, PIECES, nodes_in
from tests.makers import NOON

LONGEST = 40_000  # characters: the most that a platform takes
SOON = 0.1  # seconds of a processor for one step with one text
YARDSTICK = 0.004  # seconds that a hundred thousand additions take on a processor which nobody else uses
KEPT = 300  # texts to change further
SIGNS = [*PIECES, *HOSTILE, "<script>", "&#60;", "<t:1:R>", "</a:1>", "<:e:1>", "(((", ")))", "\ud800", "\U0001f33f"]
PAIRS = [
    ("[", "](http://a)"),
    ("**", "**"),
    ("_", "_"),
    ("||", "||"),
    ("`", "`"),
    ("<", ">"),
    ("> ", "\n"),
    ("*_~~", "~~_*"),
]
READER = View(texts_for("en"), NOON)
STEPS: tuple[Callable[[Tree], object], ...] = (
    plain,
    lambda tree: first_sentence(prose(tree)),
    lambda tree: printing.html_of(tree, READER),
    lambda tree: printing.line_of(tree, READER),
    markdown,
    discord_markdown,
    mrkdwn,
)


def cost(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def slowness() -> float:
    """How much slower than alone this processor is just now; never less than 1."""
    return max(1.0, cost(lambda: sum(n + 1 for n in range(100_000))) / YARDSTICK)


def least(work: Callable[[], object]) -> float:
    """What work costs; again where it seems too much, since others use this processor too."""
    spent = cost(work)
    for _ in range(5):
        if spent <= SOON:
            break
        spent = min(spent, cost(work) / slowness())
    return spent


class Hunt:
    """Changes texts, and keeps those that are worth more changes."""

    def __init__(self, seed: int, longest: int) -> None:
        self.chance = random.Random(seed)
        self.longest = longest
        self.kept: dict[str, float] = dict.fromkeys(SIGNS, 0.0)
        self.seen: set[tuple[int, ...]] = set()
        self.worst = (0.0, "")

    def text(self) -> str:
        """The next text to try."""
        text = self.chance.choice(list(self.kept))
        for _ in range(self.chance.randrange(1, 4)):
            text = self.changed(text)[: self.longest]
        return text

    def changed(self, text: str) -> str:
        chance, place = self.chance, self.chance.randrange(len(text) + 1)
        other = chance.choice(list(self.kept))
        opens, closes = chance.choice(PAIRS)
        depth = chance.choice((1, 3, 50, 5_000))
        return chance.choice(
            (
                lambda: text[:place] + chance.choice(SIGNS) + text[place:],
                lambda: text[:place] + other[chance.randrange(len(other) + 1) :],
                lambda: text[:place] + text[place + chance.randrange(1, 9) :],
                lambda: text * chance.choice((2, 10, self.longest // (len(text) + 1) + 1)),
                lambda: opens * depth + text + closes * depth,
                lambda: text[:place] + chr(chance.randrange(0x11_0000)) + text[place:],
            )
        )()

    def judge(self, platform: Platform, text: str) -> None:
        """Read and print a text; what takes too long is a fault."""
        text = clean(text)  # as it is stored
        trees: list[Tree] = []
        spent = [least(lambda: trees.append(parse(platform, text)))]
        tree = trees[0]
        spent += [least(lambda step=step: step(tree)) for step in STEPS]  # type: ignore[misc]  # mypy cannot infer it
        assert max(spent) <= SOON, (platform, len(text), text[:200], spent)
        self.worst = max(self.worst, (max(spent), text[:40]))
        shape = (len(text).bit_length(), *sorted({hash(type(node)) for node in nodes_in(tree)}))
        rate = sum(spent) / (len(text) + 500)
        if shape not in self.seen or rate > min(self.kept.values()):
            self.seen.add(shape)
            self.kept[text] = rate
        if len(self.kept) > KEPT:
            del self.kept[min(self.kept, key=self.kept.__getitem__)]


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize(
    ("seconds", "longest"),
    [(0.5, 2_000), pytest.param(300, LONGEST, marks=[pytest.mark.soak, pytest.mark.timeout(4800)])],
)
def test_no_text_takes_long_or_fails(platform: Platform, seconds: float, longest: int) -> None:
    hunt, start, tries = Hunt(183, longest), time.process_time(), 0
    while time.process_time() - start < seconds:
        hunt.judge(platform, hunt.text())
        tries += 1
    print(f"{platform}: {tries} texts; the worst took {hunt.worst[0] * 1000:.0f} ms: {hunt.worst[1]!r}")


@pytest.mark.parametrize("longest", [2_000, pytest.param(LONGEST, marks=pytest.mark.soak)])
@pytest.mark.parametrize(("opens", "closes"), PAIRS)
def test_what_is_nested_as_deep_as_a_text_is_long_is_read(opens: str, closes: str, longest: int) -> None:
    hunt = Hunt(0, longest)
    depth = longest // len(opens + closes)
    for platform in Platform:
        hunt.judge(platform, opens * depth + closes * depth)
