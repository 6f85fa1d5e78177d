"""Which sentences ask something, and which of them still wait for an answer. Pure."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from bot.markup import parse, prose, sentences
from bot.models import MemberRef, MessageRef, Platform, Post, Question

FEWEST_WORDS = 4
KEPT = 8_192  # texts whose questions are remembered, until `settling.forget` is called
LONGEST = 300  # characters of a question that are kept

_ENGLISH_ASKS = "what who whom whose which when where why how what's who's where's how's"
_GERMAN_ASKS = """was wer wen wem wessen welche welcher welches welchen welchem wann wo warum wieso weshalb wie wohin
    woher womit wofür wozu wieviel wieviele worüber woran worauf"""
_ENGLISH_AUXILIARIES = """am is are was were do does did have has had can could will would shall should may might must
    don't doesn't didn't isn't aren't wasn't can't couldn't won't wouldn't shouldn't haven't hasn't"""
_GERMAN_AUXILIARIES = """bin bist ist sind seid war waren habe hast hat haben habt hatte kann kannst können könnt könnte
    könntest könnten könntet wird werden würde würdest würden soll sollen sollte sollten darf dürfen muss musst müssen
    mag möchte möchtest weiß weißt wisst"""
_ENGLISH_PRONOUNS = """i you he she it we they this that these those there anyone anybody someone somebody everyone
    everybody one"""
_GERMAN_PRONOUNS = "ich du er sie es wir ihr man jemand das dies diese dieser dieses"

_ASKS = frozenset(f"{_ENGLISH_ASKS} {_GERMAN_ASKS}".split())
_AUXILIARIES = frozenset(f"{_ENGLISH_AUXILIARIES} {_GERMAN_AUXILIARIES}".split())
_PAIRS = tuple(  # each language by itself: "was das angeht" is no English question
    (frozenset(auxiliaries.split()), frozenset(pronouns.split()))
    for auxiliaries, pronouns in (
        (_ENGLISH_AUXILIARIES, _ENGLISH_PRONOUNS),
        (_GERMAN_AUXILIARIES, _GERMAN_PRONOUNS),
    )
)
_FILLERS = frozenset(
    {
        "do you know what i mean",
        "you know what i mean",
        "how about that then",
        "who would have thought",
        "who would've thought",
        "what can i say",
        "what could go wrong",
        "what could possibly go wrong",
        "what is there to say",
        "wer hätte das gedacht",
        "was soll ich sagen",
        "was soll man sagen",
        "was soll man da sagen",
        "weißt du was ich meine",
    }
)
_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # scripts that write without spaces between words


@lru_cache(KEPT)
def questions_of(text: str, platform: Platform = Platform.LOCAL) -> tuple[str, ...]:
    """The sentences of a message that ask something, in order; quoted text and code ask nothing."""
    said = prose(parse(platform, text))
    return tuple(sentence[:LONGEST] for sentence in sentences(said) if asks(sentence))


def asks(sentence: str) -> bool:
    """Whether a sentence asks something.

    It ends in a question mark, or begins with an interrogative or with an auxiliary and a pronoun; it has four words
    and is no phrase that expects no answer. Without a question mark an interrogative alone is not enough where a full
    stop or comma shows that the sentence tells something ("When I saw it, I laughed.").
    """
    words = [word.replace("’", "'") for word in _WORD.findall(sentence.casefold())]
    if len(words) + len(_UNSPACED.findall(sentence)) // 2 < FEWEST_WORDS or " ".join(words) in _FILLERS:
        return False
    ending = sentence.rstrip("\"'»”’)]*_ ")
    return ending.endswith(("?", "？")) or _begins_like_one(words, ending)


def _begins_like_one(words: Sequence[str], ending: str) -> bool:
    first, second = (*words, "")[:2]
    if ending.endswith(("!", "！", ":")):
        return False
    if any(first in auxiliaries and second in pronouns for auxiliaries, pronouns in _PAIRS):
        return True
    return first in _ASKS and (second in _AUXILIARIES or not ("," in ending or ending.endswith((".", "…"))))


def waiting(
    posts: Sequence[Post],
    answered: Mapping[MessageRef, MessageRef],
    concluded: bool,
    opening: MessageRef | None = None,
) -> tuple[Question, ...]:
    """The questions of a discussion's posts (oldest first) with whether each still waits.

    `opening` is its opening post, which asks even if it is not counted; None if it was never seen. `answered` tells
    which message was marked as the answer to the questions in which. Somebody else's counted reply directly to the
    message that asks answers too; so does concluding the discussion.
    """
    answers = _answers(posts)
    found: list[Question] = []
    for post in posts:
        if post.text is None or not (post.counted or post.ref == opening):
            continue
        answer = answered.get(post.ref)
        waits = not concluded and answer is None and post.ref.id not in answers
        found.extend(
            Question(ref=post.ref, asker=post.author, text=text, waits=waits, answer=answer)
            for text in questions_of(post.text, post.ref.channel.space.platform)
        )
    return tuple(found)


def _answers(posts: Sequence[Post]) -> frozenset[str]:
    """The messages that somebody else directly replied to."""
    authors: dict[str, MemberRef | None] = {post.ref.id: post.author for post in posts}
    return frozenset(
        post.reply_to
        for post in posts
        if post.reply_to is not None and post.counted and post.author != authors.get(post.reply_to)
    )
