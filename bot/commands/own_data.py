"""/privacy: what is kept of the asker, and what they decide about it."""

import json

from bot.commands.context import Context
from bot.commands.saying import said
from bot.commands.settings import linked_with
from bot.errors import CommandError
from bot.markup import Text, unnamed
from bot.models import Answer, Button, Card, Command, Handout, MemberRef, Note, Post
from bot.ports import Store
from bot.privacy import shown
from bot.texts import phrase

WORD = phrase("erase")  # what is typed to confirm
OWN_FILE = "my-data.jsonl"


async def show(context: Context, command: Command) -> Answer:
    """How much is kept of the asker, and what can be done about it."""
    texts = await context.texts_of(command)
    member = await context.store.people.member(command.asker.member)
    watched = [it for it in await context.readable(command) if it.settings.watched]
    out = member is not None and member.opted_out_at is not None
    turn = (
        Button(label=texts.say("Show my words again"), command="privacy optin")
        if out
        else Button(label=texts.say("Opt out"), command="privacy optout")
    )
    return Card(
        title=texts.say("Your data"),
        body=shown(member, watched, texts, ", ".join(await linked_with(context, command.channel.space))),
        buttons=(
            turn,
            Button(label=texts.say("Export"), command="privacy export"),
            Button(label=texts.say("Erase"), command="privacy erase"),
        ),
    )


async def optout(context: Context, command: Command) -> Answer:
    """Show the asker's words and name nowhere; counts stay."""
    texts = await context.texts_of(command)
    changed = await context.store.people.opt_out(command.asker.member, True, command.at)
    text = (
        texts.say("Done: your words and name are shown nowhere any more. Counts stay.")
        if changed
        else texts.say("You have opted out already.")
    )
    return said(text, buttons=[Button(label=texts.say("Undo"), command="privacy optin")])


async def optin(context: Context, command: Command) -> Answer:
    """Show the asker's words and name again."""
    texts = await context.texts_of(command)
    changed = await context.store.people.opt_out(command.asker.member, False, command.at)
    text = texts.say("Done: your words may be shown again.") if changed else texts.say("You have not opted out.")
    return said(text)


async def export(context: Context, command: Command) -> Answer:
    """Hand over all that is kept of the asker, as a file."""
    texts = await context.texts_of(command)
    member = await context.store.people.member(command.asker.member)
    content = await own_export(context.store, command.asker.member)
    if member is None or content.count("\n") <= 1:  # who they are is no news to them
        return said(texts.say("Nothing of yours is stored here, so there is nothing to export."))
    text = texts.say(
        "Your export holds {messages} and {votes}, one JSON object a line.",
        messages=texts.count("{n} message", "{n} messages", member.messages),
        votes=texts.count("{n} vote", "{n} votes", member.votes),
    )
    where = f"{command.asker.member.space.platform}/{command.asker.member.space.id}/{command.asker.member.id}"
    command_line = f"folkmoot export . --member {where}"
    instead = texts.say("I cannot hand you a file here. Whoever runs Folkmoot can: {command}", command=command_line)
    return Handout(
        title=texts.say("Your data"),
        body=(Text(text),),
        name=OWN_FILE,
        content=content,
        instead=(Text(instead),),
    )


async def erase(context: Context, command: Command) -> Answer:
    """Delete the asker's words, name and votes for good, once the word was typed."""
    texts = await context.texts_of(command)
    word = command.args["word"].strip("'\"„“” ").casefold()
    if word not in {"erase", texts.say(WORD).casefold()}:
        raise CommandError(texts.say("Nothing was erased. To erase, type the word '{word}'.", word=texts.say(WORD)))
    await context.store.people.erase(command.asker.member, command.at)
    return said(
        texts.say(
            "Erased: your words, name and highlights are gone for good, and stay hidden from now on. "
            "Your messages only count."
        )
    )


async def own_export(store: Store, member: MemberRef) -> str:
    """All that is kept of a member, as JSON lines: first who, then messages and notes oldest first, then the rest."""
    known = await store.people.member(member)
    if known is None:
        return ""
    head: dict[str, object] = {
        "type": "member",
        "platform": member.space.platform.value,
        "space": member.space.id,
        "id": member.id,
        "name": known.name,
        "opted_out_at": known.opted_out_at and known.opted_out_at.isoformat(),
        "erased_at": known.erased_at and known.erased_at.isoformat(),
    }
    lines = [head]
    lines += [_message(post) async for post in store.people.everything(member)]
    lines += [_note(note) for note in await store.people.notes(member)]
    worded = await store.people.worded(member)
    lines += [{"type": what, "discussion": discussion, "text": text} for what, discussion, text in worded]
    votes = await store.people.voted(member)
    lines += [{"type": "vote", "channel": ref.channel.id, "id": ref.id} for ref in votes]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _message(post: Post) -> dict[str, object]:
    return {
        "type": "message",
        "channel": post.ref.channel.id,
        "id": post.ref.id,
        "discussion": post.discussion,
        "sent_at": post.sent_at.isoformat(),
        "edited_at": post.edited_at and post.edited_at.isoformat(),
        "text": post.text and unnamed(post.ref.channel.space.platform, post.text),
        "files": list(post.files),
        "url": post.url,
    }


def _note(note: Note) -> dict[str, object]:
    return {
        "type": "note",
        "channel": note.ref.channel.id,
        "id": note.ref.id,
        "at": note.at.isoformat(),
        "text": unnamed(note.ref.channel.space.platform, note.text),
    }
