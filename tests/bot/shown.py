"""Cards of ours with any words in them, far too long and hostile ones among them."""

from datetime import timedelta

from hypothesis import strategies as st

from bot.cards import CardView, board_card, discussion_card
from bot.digests import Words, digest_card
from bot.models import Card, MessageRef, Question, Section, Stored
from bot.texts import texts_for
from tests.bot.digests import URLS, a_pick, a_run
from tests.bot.things import ANA, HELP, NOW, a_discussion, a_known_channel, a_post

PIECES = ["word ", "Donaudampfschifffahrt", "*", "_", "~~", "`", "```", "[", "](", "<@1>", "<!here>", "@everyone", "&"]
PIECES += [
    "👩\u200d👩\u200d👧",
    "🇩🇪",
    "e\u0301",
    "षि",
    "\u202e",
    "\n",
    "> ",
    "# ",
    "\x00",
    "\ud800",
    "https://x.example/a ",
]
said = st.builds(
    lambda text, n: text * n, st.lists(st.sampled_from(PIECES), max_size=8).map("".join), st.sampled_from((1, 1, 5, 90))
)
texts = st.sampled_from((texts_for("en", "Europe/Berlin"), texts_for("de", "Europe/Berlin")))
urls = st.sampled_from(("", "https://chat.example/1", "https://chat.example/" + "y" * 1900))
HOUR_AGO = NOW - timedelta(hours=1)
counts = st.integers(0, 10**7)
discussions = st.builds(
    a_discussion,
    title=said,
    summary=said,
    outcome=said,
    opener_name=said,
    state_by=said,
    count=counts,
    highlights=counts,
    replies_since=counts,
    url=urls,
    stored=st.sampled_from(Stored),
    state_at=st.just(NOW),
    channel=st.builds(a_known_channel, name=said, key=st.integers(1, 3)),
)
words = st.builds(
    Words, title=st.none() | said, url=urls, outcome=said, quote=st.none() | said, author=st.none() | said,
    quote_url=urls, space=said, away=st.booleans(),
)  # fmt: skip
questions = st.builds(lambda text: Question(ref=MessageRef(HELP, "1"), asker=ANA, text=text, waits=True), said)
boards = st.builds(
    lambda shown, texts, more: board_card(shown, NOW, texts, more=more)[0],
    st.lists(discussions, max_size=12), texts, urls,
)  # fmt: skip
talks = st.builds(
    lambda shown, asked, best, page, texts: discussion_card(
        CardView(discussion=shown, now=NOW, questions=asked, best=best, page=page, as_of=HOUR_AGO), texts
    )[0],
    discussions, st.lists(questions, max_size=5),
    st.lists(st.builds(a_post, said, author_name=said, votes=counts, url=urls), max_size=5), urls, texts,
)  # fmt: skip


@st.composite
def digests(draw: st.DrawFn) -> Card:
    """A digest of up to eight items, whatever they say."""
    sections = draw(st.lists(st.sampled_from(Section), max_size=8))
    picks = [a_pick(n, section) for n, section in enumerate(sections, 1)]
    run = a_run(*picks, destination=HELP, discussions=draw(counts), people=draw(counts))
    return digest_card(run, {pick.number: draw(words) for pick in picks}, draw(texts), URLS, place=draw(said))


ours: st.SearchStrategy[Card] = st.one_of(digests(), boards, talks)
