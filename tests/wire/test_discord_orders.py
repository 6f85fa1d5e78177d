"""In whatever order Discord tells what became of messages, the newest holds, and what is deleted stays deleted."""

import random
from datetime import timedelta

import pytest

from adapters.discord import stream
from tests.camps import Camp
from tests.servers.discord.messages import Message
from tests.servers.faults import Lose, Status
from tests.wire.keeping import all_kept, no_gap, seen, sized

EDITS = ("Second", "Third", "Last")
Told = tuple[str, dict[str, object]]


def told_of(message: Message, deleted: bool) -> list[Told]:
    """What Discord tells of a message that is edited thrice, and perhaps deleted; silently, as nobody heard of it."""
    told: list[Told] = [("MESSAGE_CREATE", message.payload(live=True))]
    for n, word in enumerate(EDITS, start=1):
        message.text, message.edited_at = f"{word} {message.id}.", message.sent_at + timedelta(milliseconds=n)
        told.append(("MESSAGE_UPDATE", message.payload(live=True)))
    if deleted:
        message.forget()
        place = message.channel
        told.append(("MESSAGE_DELETE", {"id": message.id, "channel_id": place.id, "guild_id": place.guild.id}))
    return told


@sized("orders", 60, 1000)
@pytest.mark.parametrize("deleted", [True, False], ids=["deleted", "edited"])
async def test_in_any_order_the_newest_edit_and_every_deletion_hold(
    camp: Camp, monkeypatch: pytest.MonkeyPatch, orders: int, deleted: bool
) -> None:
    monkeypatch.setattr(stream, "TOGETHER", 7)  # payloads of one message come in one go and in several
    chance, ada = random.Random(6), camp.member("Ada")
    root = camp.help.post(ada, "Which tent?")
    thread = root.thread(ada, "Tents")
    await all_kept(camp.store, [root])
    made = [(thread if n % 2 else camp.help).post(ada, f"First {n}.", at=camp.clock.now()) for n in range(orders)]
    told = [each for message in made for each in told_of(message, deleted)]
    chance.shuffle(told)
    for name, payload in told:
        camp.server.gateway.announce(name, payload, camp.guild)
    last = camp.help.post(ada, "That was all.")
    await all_kept(camp.store, [root, last, *([] if deleted else made)], within=300)
    assert await words_left(camp) == 0


async def test_what_is_said_where_discord_does_not_tell_us_of_the_place_is_read_later(camp: Camp) -> None:
    ada = camp.member("Ada")
    await seen(camp, camp.help)
    await no_gap(camp)
    camp.server.faults.on("EVENT THREAD_CREATE", Lose())
    asked = camp.server.faults.on("GET /channels/*", Status(503), times=2)  # for its first message and the reply
    thread = camp.help.post(ada, "Which tent?").thread(ada, "Tents")
    said = [camp.help.messages[thread.id], thread.post(ada, "The green one.")]
    await camp.until(lambda: asked.bites > 0)  # the thread may have been found in another way before the second
    await all_kept(camp.store, said)


async def words_left(camp: Camp) -> int:
    """How many deleted messages still have words."""
    query = "SELECT count(*) FROM message WHERE deleted_at IS NOT NULL AND text IS NOT NULL"
    return int(await camp.store.database.read(lambda c: c.exec_driver_sql(query).scalar_one()))
