"""Gateway sessions: what each may hear, in which order it is told, and what a resume replays."""

import asyncio
import copy
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.servers.discord.permissions import Can
from tests.servers.discord.world import Json, Signal, World
from tests.servers.faults import Close, Delay, Duplicate, Fault, HalfOpen, Hold, Lose, Malform, Plan
from tests.servers.log import Happened

if TYPE_CHECKING:
    from tests.servers.discord.sockets import Socket

GUILDS, MEMBERS, MESSAGES, REACTIONS, CONTENT = 1 << 0, 1 << 1, 1 << 9, 1 << 10, 1 << 15
PRIVILEGED = {"members": MEMBERS, "presences": 1 << 8, "message_content": CONTENT}

INTENT = {"GUILD_MEMBER": MEMBERS, "MESSAGE_REACTION": REACTIONS, "MESSAGE": MESSAGES, "INTERACTION": 0}


def intent_for(name: str) -> int:
    """The intent that an event needs; 0 is none."""
    for prefix, intent in INTENT.items():
        if name.startswith(prefix):
            return intent
    return GUILDS


@dataclass(eq=False)
class Session:
    """One identified session: it keeps every frame, so that a resume can replay; `frames[n]` has s = n + 1."""

    world: World
    faults: Plan
    intents: int
    shard: tuple[int, int]
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    frames: list[Json] = field(default_factory=list)
    socket: "Socket | None" = None
    held: list[tuple[int, str, Json]] = field(default_factory=list)

    def hears(self, signal: Signal) -> bool:
        """Whether an event is for this session: its shard, its intents, and channels that we may see."""
        if signal.guild is None:
            return self.shard[0] == 0
        if (int(signal.guild.id) >> 22) % self.shard[1] != self.shard[0]:
            return False
        us = signal.guild.me
        if us is None:
            return False
        intent = intent_for(signal.name)
        about_us = signal.name == "GUILD_MEMBER_UPDATE" and signal.about is us
        if intent and not self.intents & intent and not about_us:
            return False
        return signal.channel is None or bool(us.can(signal.channel) & Can.VIEW_CHANNEL)

    def hear(self, signal: Signal) -> None:
        """Take an event, with the payload that this session may read."""
        if self.hears(signal):
            self.offer(signal.name, self._payload(signal))

    def _payload(self, signal: Signal) -> Json:
        if signal.message is not None:
            return signal.data | signal.message.payload(content=self._may_read(signal), live=True)
        if signal.name == "GUILD_CREATE" and signal.guild is not None:
            return signal.guild.create_payload(members=bool(self.intents & MEMBERS), new="new" in signal.data)
        return copy.deepcopy(signal.data)

    def _may_read(self, signal: Signal) -> bool:
        """Without the intent: only our own messages and those that mention us."""
        message = signal.message
        if self.intents & CONTENT or message is None or message.ours:
            return True
        return any(member.id == self.world.application.user.id for member in message.mentioned())

    def offer(self, name: str, data: Json) -> None:
        """Send an event, unless the plan has something else in mind."""
        fault = self.faults.bite(f"EVENT {name}", data)
        if fault is not None:
            self.world.log.note(Happened.FAULT, f"EVENT {name}", who=self.id, body={"fault": repr(fault)})
        self._send_faulty(name, data, fault)

    def _send_faulty(self, name: str, data: Json, fault: Fault | None) -> None:
        match fault:
            case Lose():
                return
            case Delay(seconds=seconds):
                asyncio.get_running_loop().call_later(seconds, self.send, name, data)
            case Hold(behind=behind):
                self.held.append((behind, name, data))
            case Close() | HalfOpen():
                self._cut_off(fault)
                self.send(name, data)
            case Malform(change=change):
                self.send(name, change(copy.deepcopy(data)))
            case _:
                for _ in range(fault.times if isinstance(fault, Duplicate) else 1):
                    self.send(name, data)

    def _cut_off(self, fault: Close | HalfOpen) -> None:
        """From here on only a resume hears more."""
        socket = self.socket
        if socket is not None and isinstance(fault, Close):
            self.socket = None
            socket.close(fault.code)
        elif socket is not None:
            socket.half_open = True

    def send(self, name: str, data: Json) -> None:
        """Number an event and send it, now or on resume; what was held behind it may follow."""
        frame = {"op": 0, "t": name, "s": len(self.frames) + 1, "d": data}
        self.frames.append(frame)
        if self.socket is not None:
            self.socket.send(frame)
        due = [(behind - 1, held, payload) for behind, held, payload in self.held]
        self.held = [item for item in due if item[0] > 0]
        for behind, held, payload in due:
            if behind <= 0:
                self.send(held, payload)

    def release(self) -> None:
        """Send what is held."""
        held, self.held = self.held, []
        for _, name, data in held:
            self.send(name, data)

    def replay(self, after: int) -> int:
        """Send everything after that number again; how many there were."""
        missed = self.frames[after:]
        for frame in missed:
            if self.socket is not None:
                self.socket.send(frame)
        return len(missed)
