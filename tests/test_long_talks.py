"""What is made of a discussion too long to be read whole: its beginning and its end count."""

from collections.abc import Sequence

from bot.models import Discussion, Post, Thread
from bot.ports import Gist
from bot.settling import MOST, settle_all
from bot.summaries import extract
from storage import SqlStore
from tests.makers import HELP, a_channel, a_discussion, a_message, a_space, an_id, seen

REPLIES = MOST + 300


class Reader:
    """Sums up by the rules, and remembers what it was given to read."""

    def __init__(self) -> None:
        self.read: list[str] = []

    async def summarize(self, discussion: Discussion, posts: Sequence[Post]) -> Gist | None:
        self.read = [post.text or "" for post in posts]
        return extract(discussion, posts)


async def test_of_a_very_long_discussion_the_beginning_and_the_newest_are_looked_at(store: SqlStore) -> None:
    last = seen(a_message(REPLIES + 1, "Who brings the map?", thread=0, author="Zoe"))
    await store.ledger.record([a_space(), a_channel(), *a_discussion(REPLIES), last])
    reader = Reader()
    assert await settle_all(store, reader) == 1
    assert len(reader.read) == MOST
    assert reader.read[0] == "Which tent holds out in a storm?"
    assert reader.read[MOST // 2 - 1 :][:2] == [
        f"Reply {MOST // 2 - 1} about tents.",
        f"Reply {REPLIES - 998} about tents.",
    ]
    assert reader.read[-1] == "Who brings the map?"
    discussion = await store.forum.discussion_of(Thread(HELP, an_id()))
    assert discussion is not None
    assert (discussion.title, discussion.count) == ("Which tent holds out in a storm?", REPLIES + 2)
    assert [each.text for each in await store.forum.questions(discussion.id)][-1] == "Who brings the map?"
