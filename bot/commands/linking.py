"""/folkmoot-admin link and unlink: spaces that are one community, because admins of both sides want it."""

from bot.commands.context import Context
from bot.commands.forms import SENT, YES_OR_NO
from bot.commands.saying import said
from bot.commands.settings import known_space
from bot.errors import CommandError
from bot.linking import LINKED, PARTED, fingerprint, linked_card, new_code, plan_notes, what_it_means
from bot.models import Answer, Channel, Command, Form, FormField, KnownSpace, Link, LinkRefusal, PostKind, Space
from bot.naming import label_of
from bot.texts import Texts, phrase

REFUSALS = {
    LinkRefusal.WRONG: phrase("I gave out no such code. Copy it from the answer to /folkmoot-admin link there."),
    LinkRefusal.EXPIRED: phrase(
        "This code is older than 30 minutes. Ask for a new one with /folkmoot-admin link there."
    ),
    LinkRefusal.USED: phrase("This code was used already. Ask for a new one with /folkmoot-admin link there."),
    LinkRefusal.OWN: phrase("This code was made here. Use it in the space that is to be linked with this one."),
    LinkRefusal.ALREADY: phrase("These two spaces are linked already."),
    LinkRefusal.TOO_MANY: phrase("Too many codes were tried here. Please try again in an hour."),
}


async def link(context: Context, command: Command) -> Answer:
    """Make a code that links this space once; or, with one that was made elsewhere, link the two.

    The local room has no accounts: what is said in a linked space would be open to whoever reaches its page.
    """
    texts = await context.texts_of(command)
    space = await known_space(context, command, texts)
    if space.info.hosted:
        return said(
            texts.say("This room needs no account, so anybody could read what is said elsewhere: it cannot be linked.")
        )
    here = await context.store.places.channel(command.channel)
    if here is None or here.removed:
        raise CommandError(
            texts.say(
                "I tell people of a link in the channel where it is made, and I am not in this one. Use this"
                " in a channel that I am in."
            )
        )
    if "code" in command.args:
        return await _take(context, command, texts)
    code = new_code()
    await context.store.links.offer(command.channel, fingerprint(code), command.asker.member, command.at)
    lines = [
        texts.say("The code is {code}. It is shown to you alone, works once, and for 30 minutes.", code=code),
        texts.say(
            "Give it to an admin of the other space, who runs there: /folkmoot-admin link code:{code}", code=code
        ),
        what_it_means(texts.say("the other space"), texts),
    ]
    return said("\n".join(lines), title=texts.say("Link this space"))


async def _take(context: Context, command: Command, texts: Texts) -> Answer:
    """Link this space with the one that a code was made in, and tell both."""
    code = fingerprint(command.args["code"])
    taken = await context.store.links.take(code, command.asker.member, command.at)
    if isinstance(taken, LinkRefusal):
        raise CommandError(texts.say(REFUSALS[taken]))
    made, there = taken
    for where in (command.channel, there):
        await _announce(context, made, where, command)
    await plan_notes(context.store, made, LINKED, command.at)
    other = label_of(await _space(context, there.space))
    return said(
        "\n".join(
            [texts.say("This space and {other} are one community now.", other=other), what_it_means(other, texts)]
        ),
        title=texts.say("Linked"),
    )


async def _announce(context: Context, made: Link, where: Channel, command: Command) -> None:
    """Plan the one notice that a space gets of a link: what it shares, and how to stay out."""
    here, other = await _space(context, where.space), await _space(context, made.other(where.space))
    card = linked_card(label_of(other), context.texts_in(here))
    await context.store.outbox.plan(PostKind.NOTICE, f"linked:{made.id}:{here.key}", where, command.at, card)


async def _space(context: Context, space: Space) -> KnownSpace:
    """A space that a link names, so that it is known."""
    return {it.info.space: it for it in await context.store.places.spaces()}[space]


async def unlink(context: Context, command: Command) -> Answer:
    """End a link, once it was said what that does and confirmed."""
    texts = await context.texts_of(command)
    space = await known_space(context, command, texts)
    links = {it.other(space.info.space): it for it in await context.store.links.of(space.info.space)}
    if not links:
        return said(texts.say("This space is linked with no other."))
    other = _named([await _space(context, it) for it in links], command.args.get("space", ""), texts)
    if "confirm" not in command.args:
        return _confirm(command, other, texts)
    if not command.args["confirm"]:
        return said(texts.say("Nothing was changed."))
    chosen = links[other.info.space]
    await context.store.links.end(chosen.id, command.asker.member, command.at)
    await plan_notes(context.store, chosen, PARTED, command.at)
    return said(texts.say("This space and {other} are no longer linked.", other=label_of(other)))


def _named(spaces: list[KnownSpace], words: str, texts: Texts) -> KnownSpace:
    """The linked space that is meant: by its name or id, else the only one. CommandError if that is none or many."""
    folded = words.strip().casefold()
    names = [{it.info.name.casefold(), label_of(it).casefold(), it.info.space.id.casefold()} for it in spaces]
    found = [it for it, known in zip(spaces, names, strict=True) if not folded or folded in known]
    if len(found) != 1:
        choices = ", ".join(f"{label_of(it)} ({it.info.space.id})" for it in spaces)
        raise CommandError(texts.say("Say which space, by its name or id: {names}.", names=choices))
    return found[0]


def _confirm(command: Command, other: KnownSpace, texts: Texts) -> Form:
    question = texts.say(
        "Unlink this space from {other}? Digests will no longer quote it, and what they quoted of it is taken out.",
        other=label_of(other),
    )
    choices = tuple((value, texts.say(label)) for value, label in YES_OR_NO)
    return Form(
        title=texts.say("Unlink"),
        command=command.name,
        fields=(FormField(name="confirm", label=question, kind="choice", value="no", choices=choices),),
        submit=texts.say("OK"),
        args={"space": other.info.space.id, SENT: "yes"},
    )
