"""A small conversation of our own for a first look: four discussions in different states."""

from datetime import datetime, timedelta

from bot.models import (
    Author,
    Channel,
    ChannelInfo,
    ChannelSeen,
    Event,
    Level,
    MemberRef,
    Message,
    MessageRef,
    MessageSeen,
    Origin,
    Platform,
    Space,
    SpaceInfo,
    SpaceSeen,
    Stored,
    Thread,
    VoteCast,
    VoteSource,
)
from bot.ports import Store
from bot.settling import settle_all
from bot.summaries import Extract

ROOM = Space(Platform.LOCAL, "local")
Talk = tuple[str, int, list[tuple[str, str]]]  # channel, minutes ago that it began, who said what

LIBRARY = (
    "Our lending library of tools has outgrown its shed. Last month forty people borrowed something, nine of them for "
    "the first time, and on two Saturdays the queue reached the street.\n\n"
    "We could rent the empty shop next to the bakery. It is dry, it has a window, and it costs more each month than we "
    "spend in a quarter now. Or we keep the shed and let people book a drill the way they book a table.\n\n"
    "I would rather grow slowly than fold in spring. Do we need more room, or fewer people at the same hour? And who "
    "would stand behind the counter on weekdays?"
)
TALKS: list[Talk] = [
    (
        "general",
        185,
        [
            ("Mira", LIBRARY),
            ("Tomasz", "Booking first. Half of that queue wanted the same two ladders."),
            ("Ifeoma", "I counted: 31 of 40 loans fell between ten and noon. Spread those and the shed is big enough."),
            ("Jonas", "A window sells the idea, though. Nobody finds us behind the car park."),
            ("Ifeoma", "Then a sign before a lease. A sign costs a Saturday."),
            ("Priya", "I can take Wednesdays from four to six, if somebody shows me the register."),
            ("Tomasz", "The shop has step-free access and the shed has not. That ought to weigh more than the queue."),
            ("Henk", "The bakery would let us put a locker in their passage. Drills and saws fit in a locker."),
            ("Priya", "Locker plus booking is a cheap experiment: three months, then we count again."),
        ],
    ),
    (
        "help",
        60 * 30,
        [
            ("Jonas", "Does anyone know how to keep the sourdough starter alive through two weeks of holiday?"),
            ("Mira", "Dry a thin layer on baking paper and crumble it into a jar. It wakes up in two days."),
            ("Henk", "Or feed it stiff, half the water, and put it at the back of the fridge."),
        ],
    ),
    (
        "general",
        60 * 50,
        [
            ("Ifeoma", "Which evening suits most of you for the repair café? Tuesday or Thursday?"),
            ("Tomasz", "Thursday, the hall is heated then anyway."),
            ("Priya", "Thursday for me too."),
            ("Henk", "Either. I bring the soldering irons."),
        ],
    ),
    ("help", 25, [("Priya", "Where do we keep the key to the meter cupboard? The fuse for the kiln is out again.")]),
]
STARS = [("Mira", 0, 2), ("Jonas", 0, 2), ("Tomasz", 0, 8), ("Jonas", 1, 1)]  # who, which talk, which message


def _message(talk: Talk, place: int, start: datetime) -> Message:
    channel = Channel(ROOM, talk[0])
    name, text = talk[2][place]
    sent = start + timedelta(minutes=7 * place)
    first = str(int(start.timestamp() * 1_000_000))
    author = Author(member=MemberRef(ROOM, f"demo-{name.lower()}"), name=name)
    ref = MessageRef(channel, str(int(sent.timestamp() * 1_000_000)))
    return Message(ref=ref, thread=Thread(channel, first), author=author, text=text, sent_at=sent)


def conversation(now: datetime) -> list[Event]:
    """Everything that the demo says, as of a day: told twice on one day, it is the same."""
    events: list[Event] = [SpaceSeen(info=SpaceInfo(space=ROOM, name="Local room", hosted=True), at=now)]
    rooms = [ChannelInfo(channel=Channel(ROOM, name), name=name) for name in ("general", "help")]
    events += [ChannelSeen(info=info, at=now) for info in rooms]
    starts = [now - timedelta(minutes=talk[1]) for talk in TALKS]
    said = [
        [_message(talk, place, start) for place in range(len(talk[2]))]
        for talk, start in zip(TALKS, starts, strict=True)
    ]
    events += [MessageSeen(message=message, origin=Origin.IMPORT) for talk in said for message in talk]
    for name, talk, place in STARS:
        voter = Author(member=MemberRef(ROOM, f"demo-{name.lower()}"), name=name)
        ref, at = said[talk][place].ref, said[talk][place].sent_at + timedelta(minutes=3)
        events.append(
            VoteCast(ref=ref, voter=voter, source=VoteSource.REACTION, active=True, at=at, origin=Origin.IMPORT)
        )
    return events


async def fill(store: Store, now: datetime) -> bool:
    """Fill the local room, unless somebody talked there already; says whether it did."""
    if await store.room.last_position(ROOM):
        return False
    await store.ledger.record(conversation(now))
    for name in ("general", "help"):
        await store.places.watch(Channel(ROOM, name), True)
        await store.places.set_level(Channel(ROOM, name), Level.WEB, 0)
    ifeoma = MemberRef(ROOM, "demo-ifeoma")
    cafe = _message(TALKS[2], 0, now - timedelta(minutes=TALKS[2][1]))
    key = _message(TALKS[3], 0, now - timedelta(minutes=TALKS[3][1]))
    concluded = await store.forum.containing(cafe.ref)
    if concluded is not None:
        await store.desk.set_stored(
            concluded.id, Stored.CONCLUDED, ifeoma, now, "Thursdays, seven o'clock, in the hall."
        )
    await store.desk.track(key.ref, key.author.member, now)
    await settle_all(store, Extract())
    await store.ledger.index_text()
    return True
