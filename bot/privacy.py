"""What we tell people about their data: what is stored, who sees it, how to stop it. Pure: values in, trees out."""

from collections.abc import Iterable, Sequence

from bot.markup import Bold, Break, Item, Node, Text, Tree, joined
from bot.models import Card, KnownChannel, Level
from bot.ports import Member
from bot.texts import Texts, phrase

LEVELS = {
    Level.COUNT: phrase("only counts, no text"),
    Level.DIGEST: phrase("text, quoted only to people who could read it anyway"),
    Level.WEB: phrase("text, also on the web forum"),
    Level.INDEX: phrase("text, also on the web forum and in search engines"),
}
NAMED = 20  # channels that a notice lists


def notice(channels: Sequence[KnownChannel], texts: Texts, forum: str = "") -> Card:
    """The one notice a space gets: who we are, what is stored of which channels, and how to stop it.

    `forum` is the web forum's address, "" if others cannot reach it. Name only channels that all readers know.
    """
    body: list[Node] = [
        Text(texts.say("I am Folkmoot. I count the messages of discussions here, show their state and sum them up.")),
        *(Item(_channel(channel, texts)) for channel in channels[:NAMED]),
    ]
    if len(channels) > NAMED:
        body.append(Item((Text(texts.count("{n} more channel", "{n} more channels", len(channels) - NAMED)),)))
    if forum:
        body.append(Text(texts.say("The forum: {url}", url=forum)))
        body.append(Break())
    body.extend(
        _lines(
            [texts.say("I keep messages and highlights, and who wrote them. Nothing is sold or sent on."), ways(texts)]
        )
    )
    return Card(title=texts.say("About Folkmoot"), body=tuple(body))


def ways(texts: Texts) -> str:
    """How anyone stops it."""
    return texts.say(
        "/privacy optout hides your words and name everywhere, /privacy erase deletes them for good, "
        "/privacy show tells what is stored about you, /privacy export gives you a copy."
    )


def shown(member: Member | None, channels: Sequence[KnownChannel], texts: Texts, linked: str = "") -> Tree:
    """What /privacy show tells somebody; `channels` are the watched ones they can read, `linked` the linked spaces."""
    if member is None:
        lines: list[Tree] = [(Text(texts.say("Nothing is stored about you.")),)]
    else:
        lines = [*_stored(member, texts), *_decided(member, texts)]
    listed = tuple(Item(_channel(channel, texts)) for channel in channels)
    heading: Tree = (Break(), Bold((Text(texts.say("What is kept of which channel")),))) if listed else ()
    after = [ways(texts)]
    if linked:
        after.insert(0, texts.say("What everybody here can read may be quoted in {spaces} too.", spaces=linked))
    return (*joined(lines), *heading, *listed, *(() if listed else (Break(),)), *_lines(after))


def _stored(member: Member, texts: Texts) -> Iterable[Tree]:
    yield (
        Text(
            texts.say(
                "Stored about you: {messages} and {votes}, under the name {name}.",
                messages=texts.count("{n} message", "{n} messages", member.messages),
                votes=texts.count("{n} vote", "{n} votes", member.votes),
                name=member.name or "–",
            )
        ),
    )
    if member.caught_up_at is not None:
        yield (Text(texts.say("Your last /catchup: {when}", when=texts.moment(member.caught_up_at))),)


def _decided(member: Member, texts: Texts) -> Iterable[Tree]:
    if member.erased_at is not None:
        when = texts.moment(member.erased_at)
        yield (Text(texts.say("Your words, name and votes up to {when} were deleted for good.", when=when)),)
    if member.opted_out_at is not None:
        when = texts.moment(member.opted_out_at)
        yield (Text(texts.say("Hidden since {when}: what you write is counted, but shown nowhere.", when=when)),)
    else:
        yield (Text(texts.say("You have not opted out: your words can be shown where they are shared.")),)


def _channel(channel: KnownChannel, texts: Texts) -> Tree:
    name = channel.info.name.removeprefix("#")
    return (Text(f"#{name}: {texts.say(LEVELS[channel.settings.level])}"),)


def _lines(lines: Sequence[str]) -> Tree:
    return joined([(Text(line),) for line in lines])
