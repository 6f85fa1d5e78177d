"""What people do on either platform, in the same words, and what stands there in the end."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from typing_extensions import override

from bot.models import Channel as Place
from bot.models import MemberRef, MessageRef, Platform, Space, Thread
from tests import camps
from tests.checking import Ours, There
from tests.servers.discord import Channel as Hall
from tests.servers.discord import DiscordServer
from tests.servers.discord import Message as Said
from tests.servers.discord.threads import Thread as Inside
from tests.servers.faults import DropReply, Fault, RateLimit, Status
from tests.servers.slack import Channel, Message, Role, SlackServer

PEOPLE = ("Ada", "Bo", "Cem", "Dina")
ADMIN = "Mo"
LIVE = re.compile(r"<[@#!](?!date\^)|@(?:here|channel|everyone)", re.IGNORECASE)
TROUBLE: dict[str, tuple[str, Fault]] = {  # what is asked, and what goes wrong with it
    "a post's answer is lost": ("post", DropReply()),
    "a post is not taken": ("post", Status(503)),
    "an edit is not taken": ("edit", Status(503)),
    "posts have to wait": ("post", RateLimit(2.0)),
    "history is not told": ("read", Status(503)),
}


Posted = Any  # a message, as the platform's server has it


class Side(Protocol):
    """One platform. Messages are its own; `help` is open, `den` is private, and `stars` is where highlights go."""

    server: Any
    space: Space
    calls: dict[str, str]  # the platform's names of what is asked

    def say(self, who: str, text: str, *, private: bool = False) -> Posted: ...
    def answer(self, message: Posted, who: str, text: str) -> Posted: ...
    def edit(self, message: Posted, text: str) -> None: ...
    def delete(self, message: Posted) -> None: ...
    def star(self, message: Posted, who: str, on: bool) -> None: ...
    def shut(self, message: Posted, how: str) -> None: ...
    def close(self, closed: bool) -> None: ...
    def place(self, name: str) -> Place: ...
    def member(self, who: str) -> MemberRef: ...
    def ref(self, message: Posted) -> MessageRef: ...
    def lag(self, seconds: int) -> None: ...
    def there(self) -> list[There]: ...
    def ours(self) -> list[Ours]: ...
    def own_ids(self) -> set[str]: ...
    def rest(self) -> None: ...


@dataclass(eq=False)
class DiscordSide(Side):
    """A server with three channels."""

    server: DiscordServer
    calls: dict[str, str] = field(
        default_factory=lambda: {
            "post": "POST /channels/*/messages",
            "edit": "PATCH /channels/*/messages/*",
            "read": "GET /channels/*/messages",
        }
    )

    def __post_init__(self) -> None:
        self.guild = self.server.guild("Camp")
        self.space = Space(Platform.DISCORD, self.guild.id)
        self.halls = {name: self.guild.channel(name) for name in ("help", "den", "stars")}
        self.people = {who: self.guild.member(who) for who in PEOPLE}
        self.halls["den"].make_private(to=self._everybody())

    def _everybody(self) -> list[Any]:
        return [*self.people.values(), *filter(None, [self.guild.me])]

    @override
    def say(self, who: str, text: str, *, private: bool = False) -> Said:
        return self.halls["den" if private else "help"].post(self.people[who], f"@everyone {text}")

    @override
    def answer(self, message: Said, who: str, text: str) -> Said | None:
        thread = message.channel
        if not isinstance(thread, Inside):
            thread = self.guild.threads.get(message.id) or message.thread(self.people[who], "Tents")
        return None if thread.locked else thread.post(self.people[who], f"<@{self.people['Ada'].id}> {text}")

    @override
    def edit(self, message: Said, text: str) -> None:
        message.edit(text)

    @override
    def delete(self, message: Said) -> None:
        message.delete()

    @override
    def star(self, message: Said, who: str, on: bool) -> None:
        (message.react if on else message.unreact)(self.people[who])

    @override
    def shut(self, message: Said, how: str) -> None:
        thread = message.channel if isinstance(message.channel, Inside) else self.guild.threads.get(message.id)
        if thread is not None:
            {"archive": thread.archive, "lock": thread.lock, "open": self._open(thread)}[how]()

    def _open(self, thread: Inside) -> Any:  # noqa: ANN401 - what opens it
        return lambda: thread.set_state(archived=False, locked=False)

    @override
    def close(self, closed: bool) -> None:
        if closed:
            self.halls["help"].make_private(to=self._everybody())
        else:
            self.halls["help"].make_public()

    @override
    def place(self, name: str) -> Place:
        return Place(self.space, self.halls[name].id)

    @override
    def member(self, who: str) -> MemberRef:
        return MemberRef(self.space, self.people[who].id)

    @override
    def ref(self, message: Said) -> MessageRef:
        hall = message.channel.parent if isinstance(message.channel, Inside) else message.channel
        return MessageRef(Place(self.space, hall.id), message.id)

    @override
    def lag(self, seconds: int) -> None:
        self.server.history_lag = timedelta(seconds=seconds)

    @override
    def rest(self) -> None:
        self.server.faults.lift()
        self.server.gateway.release()
        self.lag(0)
        for thread in self.guild.threads.values():
            if thread.archived or thread.locked:
                thread.set_state(archived=False, locked=False)

    @override
    def there(self) -> list[There]:
        return [each for name in ("help", "den") for each in camps.looked_at(self.halls[name])[0]]

    @override
    def ours(self) -> list[Ours]:
        return [each for hall in self.halls.values() for each in camps.looked_at(hall)[1]]

    @override
    def own_ids(self) -> set[str]:
        halls: list[Hall] = [*self.halls.values(), *self.guild.threads.values()]
        return {post.id for hall in halls for post in camps.ours(hall)}


@dataclass(eq=False)
class SlackSide(Side):
    """A workspace with three channels."""

    server: SlackServer
    calls: dict[str, str] = field(
        default_factory=lambda: {
            "post": "chat.postMessage",
            "edit": "chat.update",
            "read": "conversations.history",
        }
    )

    def __post_init__(self) -> None:
        self.space = Space(Platform.SLACK, self.server.team)
        self.people = {who: self.server.member(who) for who in PEOPLE}
        self.admin = self.server.member(ADMIN, Role.ADMIN)
        everybody = (*self.people.values(), self.admin)
        self.rooms = {name: self.server.channel(name) for name in ("help", "stars")}
        self.rooms["den"] = self.server.channel("den", private=True, members=everybody)

    @override
    def say(self, who: str, text: str, *, private: bool = False) -> Message:
        return self.rooms["den" if private else "help"].post(self.people[who], f"<!channel> {text}", raw=True)

    @override
    def answer(self, message: Message, who: str, text: str) -> Message | None:
        root = message.parent if message.is_reply else message
        if root is None:
            return None
        return root.reply(self.people[who], f"<@{self.people['Ada'].id}> <!here> {text}", raw=True)

    @override
    def edit(self, message: Message, text: str) -> None:
        message.edit(message.author, text)

    @override
    def delete(self, message: Message) -> None:
        message.delete()

    @override
    def star(self, message: Message, who: str, on: bool) -> None:
        (message.react if on else message.unreact)(self.people[who])

    @override
    def shut(self, message: Message, how: str) -> None:
        """No thread is ever shut here."""

    @override
    def close(self, closed: bool) -> None:
        if self.rooms["help"].private is not closed:
            (self.rooms["help"].make_private if closed else self.rooms["help"].make_public)(self.admin)

    @override
    def place(self, name: str) -> Place:
        return Place(self.space, self.rooms[name].id)

    @override
    def member(self, who: str) -> MemberRef:
        return MemberRef(self.space, self.people[who].id)

    @override
    def ref(self, message: Message) -> MessageRef:
        return MessageRef(Place(self.space, message.channel.id), message.ts)

    @override
    def lag(self, seconds: int) -> None:
        self.server.world.history_lag = float(seconds)

    @override
    def rest(self) -> None:
        self.server.faults.lift()
        self.lag(0)

    def _of_people(self, room: Channel) -> Iterator[Message]:
        """Live messages of people; what Slack says itself is none."""
        for message in room.messages.values():
            if not (message.deleted or message.author.is_bot or message.subtype):
                yield message

    @override
    def there(self) -> list[There]:
        found = []
        for name in ("help", "den"):
            said = list(self._of_people(self.rooms[name]))
            found.append(There(where=self.place(name), said={each.ts: each.text for each in said}))
            for ts in {each.thread_ts for each in said if each.is_reply}:
                words = {each.ts: each.text for each in said if ts in {each.ts, each.thread_ts}}
                found.append(There(where=Thread(self.place(name), str(ts)), said=words))
        return found

    @override
    def ours(self) -> list[Ours]:
        return [self._shown(name, post) for name, room in self.rooms.items() for post in _ours(room)]

    def _shown(self, name: str, post: Message) -> Ours:
        said = json.dumps([post.text, post.blocks], ensure_ascii=False)
        where = Thread(self.place(name), str(post.thread_ts)) if post.is_reply else self.place(name)
        return Ours(where=where, subject=json.dumps(post.metadata), text=said, pings=LIVE.search(said) is not None)

    @override
    def own_ids(self) -> set[str]:
        return {post.ts for room in self.rooms.values() for post in _ours(room)}


def _ours(room: Channel) -> list[Message]:
    return [each for each in room.messages.values() if each.ours and each.blocks and not each.deleted]
