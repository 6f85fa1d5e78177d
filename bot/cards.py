"""What our posts look like: values in, cards out, and whose words each card carries. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.discussions import counters, shown_title, state_line, state_note, state_of
from bot.markup import (
    Bold,
    Break,
    Italic,
    Item,
    Node,
    Quote,
    Text,
    Time,
    Tree,
    cut,
    joined,
    linked,
    parse,
    plain,
)
from bot.models import Button, Card, Discussion, Field, Highlight, MessageRef, Note, Post, Question, State
from bot.texts import Texts, phrase

Drawn = tuple[Card, tuple[MessageRef, ...]]  # a card, and the messages whose words it carries

CARD_QUESTIONS = 3
CARD_HIGHLIGHTS = 3
QUOTE_LIMIT = 120  # characters of a message or question on a card
BOARD_LIMIT = 10  # discussions on a board
BOARD_TITLE_LIMIT = 60
TITLE_LIMIT = 200
SUMMARY_LIMIT = 300
NOTES = 3  # notes that are shown of a highlight in chat, the oldest
NOTE_CUT = 100  # characters of a note that are shown
HIGHLIGHT_LIMIT = 600  # characters of a published highlight; a longer one is cut and loses its markup


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """All that a discussion's card shows.

    `page` is its address on the forum if others can reach it, else "". `as_of` is said when the card may be stale.
    `urls` are links to the messages that ask.
    """

    discussion: Discussion
    now: datetime
    questions: Sequence[Question] = ()
    best: Sequence[Post] = ()
    opening: MessageRef | None = None  # what title and summary were made from, by default the thread's first message
    page: str = ""
    as_of: datetime | None = None
    urls: Mapping[MessageRef, str] = field(default_factory=dict)


def discussion_card(view: CardView, texts: Texts) -> Drawn:
    """The card of a discussion: title, summary, counters, state, waiting questions and highlights, each linked."""
    discussion = view.discussion
    waiting = [question for question in view.questions if question.waits][:CARD_QUESTIONS]
    best = [post for post in view.best if post.text is not None][:CARD_HIGHLIGHTS]
    card = Card(
        title=cut(shown_title(discussion, texts), TITLE_LIMIT),
        url=view.page or discussion.url,
        body=_card_body(view, texts),
        fields=(*_questions_field(view, waiting, texts), *_best_field(best, texts)),
        buttons=_card_buttons(view, texts),
        footer=_card_footer(view, texts),
    )
    cites = [*_title_cites(discussion), *_summary_cites(view)]
    return card, _once([*cites, *(question.ref for question in waiting), *(post.ref for post in best)])


def counter_tree(discussion: Discussion, texts: Texts) -> Tree:
    """The counter line as a tree: the client says how long ago the last activity was, and keeps that true."""
    return (Text(counters(discussion, texts)), Time(int(discussion.last_activity.timestamp())))


def _card_body(view: CardView, texts: Texts) -> Tree:
    discussion = view.discussion
    lines: list[Tree] = []
    if discussion.summary:
        lines.append((Text(cut(discussion.summary, SUMMARY_LIMIT)),))
    lines.append(counter_tree(discussion, texts))
    lines.append((Text(state_line(discussion, view.now, texts)),))
    return joined(lines)


def _questions_field(view: CardView, waiting: Sequence[Question], texts: Texts) -> Iterable[Field]:
    if waiting:
        items = tuple(
            Item(linked(cut(question.text, QUOTE_LIMIT), view.urls.get(question.ref, ""))) for question in waiting
        )
        yield Field(label=texts.say("Waiting for an answer"), value=items)


def _best_field(best: Sequence[Post], texts: Texts) -> Iterable[Field]:
    if best:
        items = tuple(Item((*linked(quoted(post, QUOTE_LIMIT), post.url), Text(_by(post, texts)))) for post in best)
        yield Field(label=texts.say("Highlights"), value=items)


def _card_buttons(view: CardView, texts: Texts) -> tuple[Button, ...]:
    args = {"discussion": str(view.discussion.id)}
    buttons = [
        Button(label=texts.say("Highlight a reply"), command="highlight", args=args),
        Button(label=texts.say("Catch me up"), command="catchup", args=args),
    ]
    if state_of(view.discussion, view.now) is State.CONCLUDED:
        buttons.append(Button(label=texts.say("Reopen"), command="discussion reopen", args=args))
    if view.page:
        buttons.append(Button(label=texts.say("Open page"), url=view.page))
    return tuple(buttons)


def _card_footer(view: CardView, texts: Texts) -> Tree:
    lines: list[Tree] = []
    note = state_note(view.discussion, texts)
    if note:
        lines.append((Text(note),))
    if view.as_of is not None:
        lines.append(
            _around(lambda when: texts.say("State as of {when}", when=when), Time(int(view.as_of.timestamp()), "f"))
        )
    return joined(lines)


def _title_cites(discussion: Discussion) -> Sequence[MessageRef]:
    """The message whose words the title may be: the thread's first one, unless somebody set it."""
    return () if discussion.title_set or not discussion.title else (_root(discussion),)


def _summary_cites(view: CardView) -> Sequence[MessageRef]:
    made = view.discussion.summary and not view.discussion.summary_set
    return (view.opening or _root(view.discussion),) if made else ()


def _root(discussion: Discussion) -> MessageRef:
    return MessageRef(discussion.thread.channel, discussion.thread.id)


def board_card(discussions: Sequence[Discussion], now: datetime, texts: Texts, *, more: str = "") -> Drawn:
    """The board: discussions in progress in the order given, at most ten; `more` is the forum's address or ""."""
    shown = discussions[:BOARD_LIMIT]
    title = texts.say("Discussions in progress")
    if not shown:
        return Card(title=title, body=(Text(texts.say("It's quiet here. Start something: /discussion start.")),)), ()
    several = len({discussion.channel.key for discussion in shown}) > 1
    items = tuple(Item(_board_item(it, now, texts, several=several)) for it in shown)
    buttons = (Button(label=texts.say("Open forum"), url=more),) if more else ()
    cites = [ref for discussion in shown for ref in _title_cites(discussion)]
    return Card(title=title, body=items, buttons=buttons), _once(cites)


def _board_item(discussion: Discussion, now: datetime, texts: Texts, *, several: bool) -> Tree:
    title = Bold(linked(cut(shown_title(discussion, texts), BOARD_TITLE_LIMIT), discussion.url))
    place = (Text(f" · #{discussion.channel.info.name.removeprefix('#')}"),) if several else ()
    line = (*counter_tree(discussion, texts), Text(f" · {state_line(discussion, now, texts)}"))
    return (title, *place, Break(), *line)


def highlight_card(highlight: Highlight, texts: Texts) -> Drawn:
    """A published highlight: the message, who wrote it, how many highlighted it, and where it stands.

    Its words may have gone since: then the card says so, and carries none.
    """
    post, discussion = highlight.post, highlight.discussion
    title = cut(shown_title(discussion, texts), TITLE_LIMIT)
    if post.text is None:
        card = replace(withheld_card(texts), title=title, url=discussion.url)
        return card, _once(_title_cites(discussion))
    footer = (*linked(texts.say("Go to the message"), post.url), Text(_by(post, texts)))
    notes = joined([(Text(noted(note, texts)),) for note in highlight.notes[:NOTES]])
    card = Card(title=title, url=discussion.url, body=(Quote(_whole(post)), *notes), footer=footer)
    return card, _once([*_title_cites(discussion), post.ref])


def withheld_card(texts: Texts) -> Card:
    """What stands where words were that have gone."""
    return Card(body=(Italic((Text(texts.say("(no longer available)")),)),))


def opening_card(body: Tree, name: str, texts: Texts, *, title: str = "") -> Card:
    """The opening post of /discussion start: the opener's words, and who they are unless that must not be said ("")."""
    footer = (Text(texts.say("Started by {name}", name=name)),) if name else ()
    return Card(title=title, body=body, footer=footer)


def _whole(post: Post) -> Tree:
    tree = parse(post.ref.channel.space.platform, post.text or "")
    said = plain(tree)
    return tree if len(said) <= HIGHLIGHT_LIMIT else (Text(cut(said, HIGHLIGHT_LIMIT)),)


def notice_card(text: str, *, buttons: tuple[Button, ...] = ()) -> Drawn:
    """Something we have to say: plain words, nobody's but ours. Lines are kept."""
    return Card(body=joined([(Text(line),) for line in text.split("\n")]), buttons=buttons), ()


def sharing_card(
    channel: str, url: str, texts: Texts, *, opens: bool = True, older: bool = False, listed: bool = False
) -> Drawn:
    """What a channel is told when its level is raised, and how to stay off the web.

    `opens`: it was not on the web, or its `older` discussions were not; `listed`: search engines may list what is.
    """
    if not opens:
        said = phrase(
            "From now on, search engines may list the discussions in #{channel} that can be read on the web at {url},"
            " older ones too."
        )
    elif older:
        said = phrase("From now on, the discussions in #{channel} can be read on the web at {url}, older ones too.")
    else:
        said = phrase(
            "From now on, new discussions in #{channel} can be read on the web at {url}. Older ones stay here."
        )
    said = texts.say(said, channel=channel.removeprefix("#"), url=url)
    if opens and listed:
        said += " " + texts.say("Search engines may list what can be read there.")
    return notice_card(said, buttons=(Button(label=texts.say("Keep mine off the web"), command="privacy optout"),))


def back_card(away: timedelta, recovered: int, texts: Texts) -> Drawn:
    """What the log channel hears after an outage: "Back after 8 h 30 min; 143 messages recovered"."""
    return notice_card(
        texts.say(
            "Back after {away}; {messages} recovered",
            away=texts.lasting(away),
            messages=texts.count("{n} message", "{n} messages", recovered),
        )
    )


def failing_card(said: str, texts: Texts) -> Drawn:
    """What the log channel hears about posts that failed."""
    return notice_card(f"{said}\n{texts.say('/folkmoot-admin doctor tells what is wrong.')}")


def lost_card(channel: str, shared: bool, texts: Texts) -> Drawn:
    """What the log channel hears of a watched channel that is gone or closed to us.

    `channel` is "" where it may not be named; `shared`: it was on the web.
    """
    said = (
        texts.say("I can't read {channel} any more: it is gone, or closed to me.", channel=f"#{channel}")
        if channel
        else texts.say("I can't read a channel any more that not everybody here can open: it is gone, or closed to me.")
    )
    again = f"\n{texts.say(OPENS_AGAIN)}" if shared else ""
    return notice_card(f"{said}{again}\n{texts.say('/folkmoot-admin doctor tells what is wrong.')}")


OPENS_AGAIN = phrase(
    "If anybody writes there before it opens again, all that is older stays off the web until an admin shares it with"
    " its history: /folkmoot-admin share"
)


def closed_card(channel: str, texts: Texts) -> Drawn:
    """What the log channel hears of a channel that was on the web and is not open to everybody any more."""
    said = texts.say("{channel} is off the web, because it is not open to everybody any more.", channel=f"#{channel}")
    return notice_card(f"{said}\n{texts.say(OPENS_AGAIN)}")


def behind_card(channel: str, since: datetime, texts: Texts) -> Drawn:
    """What the log channel hears of a channel that could not be read for long; `channel` "": not to be named."""
    when = texts.moment(since)
    unnamed = phrase("What was said since {when} in a channel that not everybody here can open could not be read.")
    named = phrase("What was said in {channel} since {when} could not be read: what is shown of it may be out of date.")
    said = texts.say(named, channel=f"#{channel}", when=when) if channel else texts.say(unnamed, when=when)
    return notice_card(f"{said}\n{texts.say('I keep trying; the log has the reason.')}")


def quoted(post: Post, limit: int) -> str:
    """A message's words on one line, at most so many characters; its files if it has no words."""
    said = " ".join(plain(parse(post.ref.channel.space.platform, post.text or "")).split())
    return cut(said or ", ".join(post.files) or "…", limit)


def noted(note: Note, texts: Texts) -> str:
    """A note on a message as plain words on one line, and who wrote it."""
    said = cut(" ".join(plain(parse(note.ref.channel.space.platform, note.text)).split()), NOTE_CUT)
    if not note.author_name:
        return texts.say("“{note}”", note=said)
    return texts.say("“{note}” — {name}", note=said, name=note.author_name)


def _by(post: Post, texts: Texts) -> str:
    votes = f" · ⭐ {texts.number(post.votes)}" if post.votes else ""
    return f" — {post.author_name}{votes}" if post.author_name else votes


def _around(written: Callable[[str], str], node: Node) -> Tree:
    """A sentence with a node in it, whatever the language's order of words."""
    before, _, after = written("\0").partition("\0")
    return tuple(part for part in (Text(before), node, Text(after)) if part != Text(""))


def _once(cites: Iterable[MessageRef]) -> tuple[MessageRef, ...]:
    return tuple(dict.fromkeys(cites))
