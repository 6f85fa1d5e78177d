"""Trees and cards of any kind, hostile ones among them."""

from hypothesis import strategies as st

from bot.markup import Bold, Break, Code, CodeBlock, Italic, Item, Link, Mention, Node, Quote, Strike, Text, Time
from bot.models import Button, Card, Field

FORUM = "https://forum.example/d/7"
FAMILY = "👩\u200d👩\u200d👧"
nasty = st.lists(
    st.sampled_from(
        ["*", "_", "~", "`", "```", "<", ">", "|", "@", "#", "-", "1", ".", "\n", " ", "&", "&lt;", "&amp;",
         "<@U1>", "<@U1|bob>", "<#C1|secret>", "<!here>", "<!channel>", "<!everyone>", "<!subteam^S1|@staff>",
         "<!date^1^{ago}|x>", "<https://x.example|y>", "@everyone", "@here", "@channel", "https://x.example", "://",
         "> ", "&gt; ", ">>> ", "• ", "a", "word", "é", FAMILY, "🇩🇪", "e\u0301", "\u202e", "\u200b", '"', "\\"]
    ),
    max_size=12,
).map("".join)  # fmt: skip
words = nasty | st.text(max_size=30)
TARGETS = (
    FORUM,
    "/d/7",
    "https://x.example/(a)?b=<c>&d=e|f",
    "https://x.example/@everyone",
    "https://x.example/\n<!here>",
)
leaves = st.one_of(
    st.builds(Text, words),
    st.builds(Mention, words),
    st.builds(Code, words),
    st.builds(CodeBlock, words),
    st.builds(Time, st.integers(-(2**40), 2**40), st.sampled_from(["R", "f"])),
    st.just(Break()),
)
nodes: st.SearchStrategy[Node] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        *(st.builds(kind, st.lists(inner, max_size=3).map(tuple)) for kind in (Bold, Italic, Strike, Quote, Item)),
        st.builds(Link, st.sampled_from(TARGETS), st.lists(inner, max_size=2).map(tuple)),
    ),
    max_leaves=6,
)
trees = st.lists(nodes, max_size=6).map(tuple)
fields = st.builds(Field, label=words, value=trees | st.builds(Text, words).map(lambda it: (it,)))
buttons = st.builds(
    Button, label=words, command=st.sampled_from(["", "highlight"]),
    args=st.dictionaries(words, words | words.map(lambda text: text * 60), max_size=3),
    url=st.sampled_from(["", "", "https://x.example", "/d/7", "https://x.example/ y", "ftp://x"]),
)  # fmt: skip


def cards_of(*times: int) -> st.SearchStrategy[Card]:
    """Cards whose parts are repeated as often as one of these numbers says."""
    often = st.sampled_from(times)
    return st.builds(
        Card,
        title=st.builds(lambda text, n: text * min(n, 30), words, often),
        url=st.sampled_from(["", "https://x.example/d/7", "/d/7", "javascript:x", "https://x.example/" + "y" * 990]),
        body=st.builds(lambda tree, n: tree * n, trees, often),
        fields=st.builds(lambda some, n: tuple(some * min(n, 20)), st.lists(fields, max_size=4), often),
        buttons=st.builds(lambda some, n: tuple(some * min(n, 8)), st.lists(buttons, max_size=4), often),
        footer=st.builds(lambda tree, n: tree * n, trees, often),
    )


cards = cards_of(1, 1, 8, 200)
small_cards = cards_of(1, 1, 1, 4)
