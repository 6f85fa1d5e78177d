"""Linked spaces: the codes that link them, and what people are told of it.

A code is shown once, to who asked for it; only its fingerprint is kept.
"""

import secrets
from datetime import datetime
from hashlib import sha256

from bot.cards import notice_card
from bot.models import Button, Card, Channel, Link, MemberRef, OwnPost, PostKind
from bot.naming import label_of
from bot.ports import Store
from bot.texts import Texts

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without letters and digits that look alike
GROUPS, LETTERS = 3, 4  # 60 bits
CODE_LIMIT = 40  # characters, however somebody spaces a code
LINKED, PARTED = "link", "unlink"  # what the notes in log channels begin with


def new_code() -> str:
    """A code that nobody can guess: "7KQX-M2WP-HD4T"."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(LETTERS)) for _ in range(GROUPS))


def fingerprint(code: str) -> str:
    """What is kept of a code; the same however it was spaced, and in small letters too."""
    return sha256("".join(filter(str.isalnum, code)).upper().encode()).hexdigest()


def what_it_means(other: str, texts: Texts) -> str:
    """What a link shares, and what it does not."""
    return texts.say(
        "Digests here may quote what everybody in {other} can read, and digests there what everybody here can read;"
        " the forum shows both side by side. Private, NSFW and externally shared channels stay where they are.",
        other=other,
    )


def linked_card(other: str, texts: Texts) -> Card:
    """What the members of a space are told when it was linked."""
    said = texts.say("This space and {other} are one community now.", other=other)
    optout = Button(label=texts.say("Opt out"), command="privacy optout")
    return notice_card(f"{said}\n{what_it_means(other, texts)}", buttons=(optout,))[0]


async def plan_notes(store: Store, link: Link, kind: str, at: datetime) -> None:
    """Plan what the log channels of both sides hear of a link: that it began, or ended. At most once."""
    for space in (link.first.space, link.second.space):
        known = await store.places.space(space)
        if known is not None and known.log_channel is not None:
            where = await store.places.channel(Channel(space, known.log_channel))
            if where is not None:
                await store.outbox.plan(PostKind.NOTICE, f"{kind}:{link.id}:{known.key}", where.channel, at)


def is_note(post: OwnPost) -> bool:
    """Whether a notice tells of a link, and has to be drawn as things are now."""
    return post.subject.partition(":")[0] in {LINKED, PARTED}


async def note_card(store: Store, post: OwnPost, texts: Texts) -> Card | None:
    """What a log channel hears of a link; whoever erased themselves or opted out since is named no longer."""
    kind, number, key = post.subject.split(":")
    link = await store.links.link(int(number))
    spaces = {each.info.space: each for each in await store.places.spaces()}
    here = next((each for each in spaces.values() if each.key == int(key)), None)
    if link is None or here is None:
        return None
    other = label_of(spaces[link.other(here.info.space)])
    if kind == PARTED:
        who, when = await _named(store, link.ended_by or link.first, texts), link.ended_at or link.at
        said = texts.say(
            "{other} and this space are no longer linked: {who} ended it, {when}.",
            other=other,
            who=who,
            when=texts.moment(when),
        )
        return notice_card(said)[0]
    said = texts.say(
        "{other} and this space are one community now: {first} and {second} linked them, {when}.",
        other=other,
        first=await _named(store, link.first, texts),
        second=await _named(store, link.second, texts),
        when=texts.moment(link.at),
    )
    return notice_card(said)[0]


async def _named(store: Store, member: MemberRef, texts: Texts) -> str:
    """Who it was, with their space; without a name if they show none."""
    space = await store.places.space(member.space)
    name = (await store.people.names(member.space, [member.id])).get(member.id) or texts.say("Somebody")
    return name if space is None else f"{name} ({label_of(space)})"
