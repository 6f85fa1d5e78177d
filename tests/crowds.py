"""People who talk all the while, on Discord or on Slack: they say things, change their minds, highlight and ask."""

import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from typing_extensions import override

from tests.servers import slack
from tests.servers.discord.channels import Channel as Hall
from tests.servers.discord.guilds import Member
from tests.servers.discord.messages import Message
from tests.servers.discord.threads import Thread

Place = TypeVar("Place")
Said = TypeVar("Said", bound=Message | slack.Message)
Person = TypeVar("Person", bound=Member | slack.Member)

RECENT = 20  # what was said so lately is still edited and highlighted
LIVELY = 5  # threads that are talked in
ASKED = ("discussion list", "highlights", "catchup", "digest list", "folkmoot status", "privacy show")


class Crowd(ABC, Generic[Place, Said, Person]):
    """The people of a channel; all that they say says their `word`. `begins`: the share of it that begins a thread."""

    def __init__(
        self,
        chance: random.Random,
        people: Sequence[Person],
        *,
        begins: float = 0.04,
        word: str = "",
        asker: Person | None = None,
    ) -> None:
        self.chance, self.people, self.begins, self.word, self.asker = chance, people, begins, word, asker
        self.threads: list[Place] = []
        self.said: list[Said] = []
        self._deeds = (
            (0.06, self.remark),
            (0.60, self.answer),
            (0.10, self.reword),
            (0.05, self.take_back),
            (0.10, self.applaud),
            (0.05, self.cool_down),
            (0.02, self.wonder),
        )

    def something(self, n: int) -> None:
        """Do the n-th thing that somebody does."""
        who = self.chance.choice(self.people)
        if not self.threads or not self.said or self.chance.random() < self.begins:
            self.threads = [*self.threads[1 - LIVELY :], self.begin(who, n)]
            self.said.append(self.reply(self.threads[-1], who, self._words(f"Reply {n}.")))
            return
        weights, deeds = zip(*self._deeds, strict=True)
        [deed] = self.chance.choices(deeds, weights)
        deed(who, n)

    def answer(self, who: Person, n: int) -> None:
        """Reply in a lively thread."""
        self.said = [*self.said[-200:], self.reply(self.chance.choice(self.threads), who, self._words(f"Reply {n}."))]

    def reword(self, _who: Person, n: int) -> None:
        """Somebody changes what they said."""
        self.edit(self._recent(), self._words(f"Edited {n}."))

    def take_back(self, _who: Person, _n: int) -> None:
        """Somebody deletes what they said."""
        self.said.pop(self.chance.randrange(len(self.said))).delete()

    def applaud(self, _who: Person, _n: int) -> None:
        """Everybody highlights something."""
        said = self._recent()
        for person in self.people:
            self.star(said, person)

    def cool_down(self, who: Person, _n: int) -> None:
        """Somebody who highlighted something takes that back."""
        self.unstar(self._recent(), who)

    def wonder(self, _who: Person, n: int) -> None:
        """Somebody curious uses a command."""
        if self.asker is not None:
            self.ask(self.asker, ASKED[n % len(ASKED)])

    def _words(self, text: str) -> str:
        return f"{self.word} {text}".strip()

    def _recent(self) -> Said:
        return self.chance.choice(self.said[-RECENT:])

    @abstractmethod
    def begin(self, who: Person, n: int) -> Place:
        """Begin a thread."""

    @abstractmethod
    def remark(self, who: Person, n: int) -> None:
        """Say something outside any thread."""

    @abstractmethod
    def reply(self, place: Place, who: Person, text: str) -> Said: ...

    @abstractmethod
    def edit(self, said: Said, text: str) -> None: ...

    @abstractmethod
    def star(self, said: Said, who: Person) -> None: ...

    @abstractmethod
    def unstar(self, said: Said, who: Person) -> None: ...

    @abstractmethod
    def ask(self, who: Person, command: str) -> None:
        """Use a command; what it answers is looked at elsewhere."""


class DiscordCrowd(Crowd[Thread, Message, Member]):
    """The people in a Discord channel and its threads."""

    def __init__(self, channel: Hall, chance: random.Random, people: Sequence[Member], **more: Any) -> None:  # noqa: ANN401 - as above
        super().__init__(chance, people, **more)
        self.channel = channel

    @override
    def begin(self, who: Member, n: int) -> Thread:
        return self.channel.post(who, self._words(f"Question {n}: which tent?")).thread(who, self._words(f"Tents {n}"))

    @override
    def remark(self, who: Member, n: int) -> None:
        self.channel.post(who, self._words(f"By the way, {n}."))

    @override
    def reply(self, place: Thread, who: Member, text: str) -> Message:
        return place.post(who, text)

    @override
    def edit(self, said: Message, text: str) -> None:
        said.edit(text)

    @override
    def star(self, said: Message, who: Member) -> None:
        said.react(who)

    @override
    def unstar(self, said: Message, who: Member) -> None:
        said.unreact(who)

    @override
    def ask(self, who: Member, command: str) -> None:
        self.channel.command(who, command)


class SlackCrowd(Crowd[slack.Message, slack.Message, slack.Member]):
    """The people in a Slack channel and its threads."""

    def __init__(
        self,
        channel: slack.Channel,
        chance: random.Random,
        people: Sequence[slack.Member],
        **more: Any,  # noqa: ANN401 - as above
    ) -> None:
        super().__init__(chance, people, **more)
        self.channel = channel

    @override
    def begin(self, who: slack.Member, n: int) -> slack.Message:
        return self.channel.post(who, self._words(f"Question {n}: which pole?"))

    @override
    def remark(self, who: slack.Member, n: int) -> None:
        self.channel.post(who, self._words(f"By the way, {n}."))

    @override
    def reply(self, place: slack.Message, who: slack.Member, text: str) -> slack.Message:
        return place.reply(who, text, broadcast=self.chance.random() < 0.02)

    @override
    def edit(self, said: slack.Message, text: str) -> None:
        said.edit(said.author, text)

    @override
    def star(self, said: slack.Message, who: slack.Member) -> None:
        if who not in said.reactions.get("star", ()):
            said.react(who)

    @override
    def unstar(self, said: slack.Message, who: slack.Member) -> None:
        if who in said.reactions.get("star", ()):
            said.unreact(who)

    @override
    def ask(self, who: slack.Member, command: str) -> None:
        self.channel.command(who, "/folkmoot", command)
