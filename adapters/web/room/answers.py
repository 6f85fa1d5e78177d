"""Private answers: kept until their asker has come back to the page, so that a reload asks nothing twice."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from secrets import token_urlsafe

from bot.models import Answer, Form, Handout, MemberRef

KEPT = 1000  # people whose last answer is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a command answered: a card, a form, or a sentence that says what was wrong."""

    answer: Answer | None = None
    problem: str = ""
    word: str = ""  # the word by which its asker gets it

    @property
    def file(self) -> Handout | None:
        """The file that it hands over, if it does."""
        return self.answer if isinstance(self.answer, Handout) else None

    @property
    def form(self) -> Form | None:
        """The form that is asked, if it is one."""
        return self.answer if isinstance(self.answer, Form) else None


class Answers:
    """The last answer of each person; nobody else can ask for it."""

    def __init__(self) -> None:
        self._last: OrderedDict[MemberRef, tuple[str, Told]] = OrderedDict()

    def keep(self, asker: MemberRef, told: Told) -> str:
        """Keep an answer; the word by which its asker gets it."""
        word = token_urlsafe(9)
        self._last[asker] = (word, replace(told, word=word))
        self._last.move_to_end(asker)
        while len(self._last) > KEPT:
            self._last.popitem(last=False)
        return word

    def get(self, asker: MemberRef, word: str) -> Told | None:
        """The answer, None if there was another one since."""
        kept, told = self._last.get(asker, ("", None))
        return told if kept == word else None
