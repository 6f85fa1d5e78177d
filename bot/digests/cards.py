"""How a digest looks: from a run and the current words of its items to a card."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.digests.rank import was_news
from bot.markup import Bold, Italic, Link, Text, Tree, cut, joined, linked, plain
from bot.models import Card, Every, Field, Pick, Platform, Run, Section
from bot.texts import Texts, phrase
from bot.urls import Urls

LIMIT = 1500  # characters of the whole card, as read
QUOTE_LIMIT = 200  # characters
OUTCOME_LIMIT = 200
TITLE_LIMIT = 80
NAME_LIMIT = 40
SPACE_LIMIT = 40
BARS = "▁▂▅▇"
GONE = phrase("(no longer available)")
HEADINGS = {
    Section.HIGHLIGHTS: phrase("Highlights"),
    Section.ACTIVE: phrase("Active"),
    Section.WAITING: phrase("Waiting for an answer"),
    Section.CONCLUDED: phrase("Concluded"),
}
PERIODS = {
    Every.DAILY: phrase("The day in {place}"),
    Every.WEEKDAYS: phrase("The day in {place}"),
    Every.WEEKLY: phrase("This week in {place}"),
    Every.FORTNIGHTLY: phrase("The last two weeks in {place}"),
    Every.MONTHLY: phrase("This month in {place}"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What an item says now; None where the words may not be shown any more."""

    title: str | None = None
    url: str = ""
    outcome: str = ""
    quote: str | None = None
    author: str | None = None
    quote_url: str = ""
    space: str = ""  # where it was said: "Camp · Discord"
    away: bool = False  # in another space than the one the digest goes to


def digest_card(run: Run, words: Mapping[int, Words], texts: Texts, urls: Urls, *, place: str) -> Card:
    """Draw a digest; `words` are those of its picks by their numbers, `place` is what it is about ("#help").

    `texts` are in the zone of its rule. Dropped items are left out, and whole items until it has at most 1,500
    characters; those without words are "(no longer available)".
    """
    return _draw(run, fitting(run, words, texts, urls, place=place), words, texts, urls, place)


def fitting(run: Run, words: Mapping[int, Words], texts: Texts, urls: Urls, *, place: str) -> tuple[Pick, ...]:
    """The picks of a run that its card has room for: those with the lowest scores go first, pinned ones last."""
    picks = tuple(pick for pick in run.picks if not pick.dropped)
    while picks and length(_draw(run, picks, words, texts, urls, place)) > LIMIT:
        worst = min(picks, key=lambda pick: (pick.reason == "pinned", pick.score, -pick.number))
        picks = tuple(pick for pick in picks if pick is not worst)
    return picks


def length(card: Card) -> int:
    """How many characters a reader sees."""
    return len(card.title) + len(plain(card.body)) + len(plain(card.footer))


def _draw(run: Run, picks: Sequence[Pick], words: Mapping[int, Words], texts: Texts, urls: Urls, place: str) -> Card:
    lines: list[Tree] = []
    if any(run.activity):
        lines.append((Text(sparkline(run.activity)),))
    if not run.picks:
        lines.append((Text(texts.say("It was quiet: nothing new was written.")),))
    told = tells_spaces(words[pick.number] for pick in picks if pick.number in words)
    for section in dict.fromkeys(pick.section for pick in picks):  # in the order of their numbers
        items = [pick for pick in picks if pick.section is section]
        heading = (Bold((Text(texts.say(HEADINGS[section])),)),)
        lines += [*([()] if lines else []), heading, *(_line(it, words, texts, told) for it in items)]
    gone = [pick for pick in run.picks if not pick.dropped and pick not in picks]
    lines += _more(run.discussions - sum(map(was_news, run.picks)) + len(gone), run, texts, urls)
    return Card(title=digest_title(run, texts, place), body=joined(lines), footer=_footer(run, texts))


def sparkline(activity: Sequence[int]) -> str:
    """The window at a glance; the lowest bar is nothing at all."""
    most, steps = max(activity), len(BARS) - 1
    return "".join(BARS[-(-count * steps // most)] for count in activity)


def digest_title(run: Run, texts: Texts, place: str) -> str:
    """What a digest is called: "This week in #help · 3–9 Aug · 5 discussions, 41 people"."""
    said = texts.say(PERIODS[run.schedule.rule.every], place=cut(place, TITLE_LIMIT))
    parts = [said, texts.span(run.start, run.slot.due_at)]
    if run.discussions:
        discussions = texts.count("{n} discussion", "{n} discussions", run.discussions)
        people = texts.count("{n} person", "{n} people", run.people)
        parts.append(texts.say("{discussions}, {people}", discussions=discussions, people=people))
    return " · ".join(parts)


def _line(pick: Pick, words: Mapping[int, Words], texts: Texts, told: bool) -> Tree:
    said = words.get(pick.number, Words())
    number = Text(f"{pick.number}. ")
    if said.title is None or (pick.section is Section.HIGHLIGHTS and said.quote is None):
        return number, Italic((Text(texts.say(GONE)),))
    where = (Text(f" · {cut(said.space, SPACE_LIMIT)}"),) if told and said.space else ()
    return number, *_item(pick, said, said.title, texts), *where


def _item(pick: Pick, said: Words, name: str, texts: Texts) -> Tree:
    title = Bold(linked(cut(name, TITLE_LIMIT), said.url))
    match pick.section:
        case Section.HIGHLIGHTS:
            quote = linked(texts.quoted(cut(said.quote or "", QUOTE_LIMIT)), said.quote_url)
            by = f" — {cut(said.author, NAME_LIMIT)} · " if said.author else " — "
            return *quote, Text(by), title
        case Section.CONCLUDED:
            after = cut(said.outcome, OUTCOME_LIMIT) or numbers_line(pick, texts)
            return Text("✅ "), title, Text(f" — {after}")
        case _:
            return title, Text(f" — {numbers_line(pick, texts)}")


def tells_spaces(items: Iterable[Words]) -> bool:
    """Whether a digest of these items has to say what came from where."""
    found = list(items)
    return any(it.away for it in found) or len({it.space for it in found}) > 1


def numbers_line(pick: Pick, texts: Texts) -> str:
    """The numbers of an item at its slot: "💬 31 (+12 new) · ⭐ 2 · waiting for an answer"."""
    parts = [f"💬 {texts.number(pick.count)}"]
    if pick.new:
        parts[0] += texts.say(" (+{n} new)", n=texts.number(pick.new))
    if pick.highlights:
        parts.append(f"⭐ {texts.number(pick.highlights)}")
    if says_waiting(pick):
        parts.append(texts.say("waiting for an answer"))
    return " · ".join(parts)


def says_waiting(pick: Pick) -> bool:
    """Whether an item says itself that a question waits: not under the heading that says so."""
    return pick.waiting and pick.section is not Section.WAITING


def _more(count: int, run: Run, texts: Texts, urls: Urls) -> list[Tree]:
    """How many more there are, linked to the forum if the readers can reach it."""
    if count <= 0:
        return []
    elsewhere = run.schedule.destination.space.platform is not Platform.LOCAL
    if elsewhere and not urls.public:
        return [(Text(texts.count("{n} more", "{n} more", count)),)]
    return [(Link(urls.forum(), (Text(texts.count("{n} more → forum", "{n} more → forum", count)),)),)]


def _footer(run: Run, texts: Texts) -> Tree:
    start, end = texts.moment(run.start), texts.moment(run.slot.due_at)
    lines: list[Tree] = [(Text(f"{start} – {end}, {texts.zone}"),)]
    if run.reason:
        lines.append((Text(run.reason),))
    lines.append((Text(texts.say("Never want to be quoted? /privacy optout")),))
    return joined(lines)


TERMS = {  # what each term of a score is called
    "people": phrase("People who wrote"),
    "messages": phrase("Messages, at most 8 a person"),
    "highlights": phrase("Highlighted messages"),
    "voters": phrase("People who highlighted"),
    "base": phrase("Together"),
    "age": phrase("Hours since the last message"),
    "window": phrase("Hours in the window"),
    "decay": phrase("× for its age"),
    "opened": phrase("× opened in the window"),
    "waiting": phrase("× a question waits"),
    "concluded": phrase("× concluded in the window"),
    "score": phrase("Score"),
}
WEIGHTS = {"people": 2.0, "messages": 1.0, "highlights": 2.5, "voters": 0.5}
REASONS = {
    "pinned": phrase("A moderator pinned it."),
    "most people": phrase("It is one of the two with the most people."),
    "votes": phrase("One of its messages has many votes."),
    "score": phrase("It has one of the highest scores."),
}


def why_card(run: Run, number: int, texts: Texts, *, title: str = "") -> Card | None:
    """Explain why an item is in a digest, by every term of its score; None if there is no such item."""
    pick = next((pick for pick in run.picks if pick.number == number), None)
    if pick is None:
        return None
    reason = [texts.say(REASONS[pick.reason])] if pick.reason in REASONS else []
    if pick.dropped:
        reason.append(texts.say("A moderator dropped it since."))
    return Card(
        title=texts.say("Why item {n} is in the digest: {title}", n=number, title=cut(title or texts.say(GONE), 80)),
        body=joined([(Text(line),) for line in reason]),
        fields=tuple(
            Field(label=texts.say(TERMS[name]), value=(Text(_term(name, value, texts)),))
            for name, value in _in_order(pick.terms)
        ),
        footer=(Text(left_out_line(run, texts)),) if run.left_out else (),
    )


def _in_order(terms: Mapping[str, float]) -> list[tuple[str, float]]:
    return [(name, terms[name]) for name in TERMS if name in terms]


def _term(name: str, value: float, texts: Texts) -> str:
    """A term as a number; with its share of the sum where it is one of the four that are added."""
    if name not in WEIGHTS:
        return texts.decimal(value, 3)
    said, weight = texts.number(int(value)), texts.decimal(WEIGHTS[name], 1)
    return f"{said} → {weight} × ln(1 + {said})"


def left_out_line(run: Run, texts: Texts) -> str:
    """How many discussions the audience rule kept out."""
    return texts.count(
        "{n} discussion was left out, because not everybody here may read it.",
        "{n} discussions were left out, because not everybody here may read them.",
        run.left_out,
    )
