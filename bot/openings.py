"""Opening posts that we put up for whoever ran /discussion start: sent by us, and theirs in all other ways.

Its words are theirs: they go when they opt out or erase their data, and it is changed only then.
"""

from bot.cards import opening_card, withheld_card
from bot.delivery import Rendered
from bot.markup import Tree, parse
from bot.models import Card, Channel, MemberRef, MessageRef, OwnPost, Post, PostKind, PostState, Space, Thread, Withheld
from bot.ports import Clock, Store
from bot.texts import Texts, texts_for


async def opened_by(
    store: Store, space: Space, opener: MemberRef, body: Tree, *, title: str = "", known_as: str = ""
) -> tuple[Card, str]:
    """The opening post in the language of its space, and what the opener is called.

    Whoever has opted out is not named in it. `known_as` is a name that the store may not know yet.
    """
    member, known = await store.people.member(opener), await store.places.space(space)
    name = (member.name if member else "") or known_as or opener.id
    silent = member is not None and member.opted_out_at is not None
    texts = texts_for("en" if known is None else known.locale)
    return opening_card(body, "" if silent else name, texts, title=title), name


async def keep_opening(store: Store, clock: Clock, where: Channel | Thread, ref: MessageRef, card: Card) -> None:
    """Keep an opening post that stands among our posts, once its message is stored; it is looked at again soon.

    Its words are kept with the message alone: where they are deleted for their age, people still read them there, as
    they do what others wrote.
    """
    subject = f"opening:{ref.channel.space.id}:{ref.channel.id}:{ref.id}"
    await store.outbox.keep_posted(PostKind.OPENING, subject, where, ref, clock.now(), Card(footer=card.footer))


def opening_rendered(post: OwnPost, said: Post | None, title: str, texts: Texts) -> Rendered:
    """What an opening post shows now; as it stands, while nothing has to go from it or comes back."""
    card = post.card if _may_stand(post, said) else None
    if card is None and said is not None and said.text is not None:
        body = parse(said.ref.channel.space.platform, said.text)
        card = opening_card(body, said.author_name or "", texts, title=title)
    return Rendered(card=card or withheld_card(texts), cites=() if post.ref is None else (post.ref,))


def _may_stand(post: OwnPost, said: Post | None) -> bool:
    """Whether what was kept of it is still right: it has no name if the opener had opted out when it was posted.

    As it was posted it is kept without its words, which must not be sent: that is right only while nothing is.
    """
    card = post.card
    if card is None or (post.state is not PostState.LIVE and not card.body):
        return False
    match Withheld.UNSEEN if said is None else said.withheld:
        case None:
            return bool(card.footer)
        case Withheld.OPTED_OUT:
            return not card.footer
        case Withheld.NOT_KEPT:
            return not card.body
        case _:
            return False
