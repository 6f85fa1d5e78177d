"""Forms, made of a row of the table alone: no I/O, so that a platform can open one at once."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2s

from bot.commands.specs import Arg, Spec, Words
from bot.models import Command, Form, FormField, MessageRef, Thread, position_of
from bot.texts import Texts, phrase

SENT = "sent"  # the argument that distinguishes a submitted form from a typed line
IN_THREAD = "in_thread"  # where the form was opened: a form comes back without its command's thread and target
ON_MESSAGE = "on_message"
CARRIED = frozenset({SENT, IN_THREAD, ON_MESSAGE})

BEGAN = Arg(name="began", label=phrase("As it was"), shown=False)  # travels with a form that is filled
YES_OR_NO = (("no", phrase("No")), ("yes", phrase("Yes")))


def form_of(spec: Spec, command: Command, texts: Texts) -> Form:
    """The form of a command, filled with what is known: the arguments given so far, and the zone of `texts`."""
    return Form(
        title=texts.say(spec.help),
        command=spec.name,
        fields=tuple(field_of(arg, command.args, texts) for arg in spec.args if arg.shown),
        submit=texts.say("OK"),
        args=carried(spec, command),
    )


def carried(spec: Spec, command: Command) -> dict[str, str]:
    """What a form carries unseen: hidden arguments, and where the command was used."""
    hidden = {arg.name for arg in spec.args if not arg.shown}
    args = {name: value for name, value in command.args.items() if name in hidden} | {SENT: "yes"}
    if command.thread is not None:
        args[IN_THREAD] = command.thread.id
    if command.target is not None:
        args[ON_MESSAGE] = command.target.id
    return args


def landed(command: Command) -> Command:
    """The command that a form came back as, put where it was opened, without what only travelled along."""
    thread, target = command.args.get(IN_THREAD, ""), command.args.get(ON_MESSAGE, "")
    return replace(
        command,
        thread=Thread(command.channel, thread) if command.thread is None and _is_id(thread) else command.thread,
        target=MessageRef(command.channel, target) if command.target is None and _is_id(target) else command.target,
        args={name: value for name, value in command.args.items() if name not in CARRIED},
    )


def _is_id(text: str) -> bool:
    try:
        return position_of(text) >= 0
    except ValueError:
        return False


def field_of(arg: Arg, given: Mapping[str, str], texts: Texts) -> FormField:
    """One argument as a field."""
    choices = tuple((value, texts.say(label)) for value, label in _choices(arg))
    return FormField(
        name=arg.name,
        label=texts.say(arg.label),
        kind="choice" if choices else "paragraph" if arg.kind is Words.PARAGRAPH else "line",
        required=arg.required,
        value=given.get(arg.name) or arg.value or (texts.zone if arg.required and arg.kind is Words.ZONE else ""),
        hint=texts.say(arg.hint) if arg.hint else "",
        limit=arg.limit,
        choices=choices,
    )


def _choices(arg: Arg) -> tuple[tuple[str, str], ...]:
    if arg.kind is Words.FLAG:
        return YES_OR_NO
    return arg.choices


def wants_form(spec: Spec, args: Mapping[str, str]) -> bool:
    """Whether a form has to be shown first: nothing was given yet, or something that is needed is missing."""
    if spec.opens != "form" or SENT in args:
        return False
    shown = [arg for arg in spec.args if arg.shown]
    nothing = not any(args.get(arg.name) for arg in shown if not arg.names)
    return nothing or any(arg.required and not args.get(arg.name) for arg in shown)


def began(values: Mapping[str, str]) -> dict[str, str]:
    """What tells later which of these values, that a form begins with, were left as they are: short marks of them."""
    return {BEGAN.name: " ".join(f"{name}:{_mark(value)}" for name, value in values.items())}


def edited(args: Mapping[str, str]) -> dict[str, str]:
    """The arguments that differ from what their form began with: the others may have been changed by somebody else.

    All of them if they did not come from a filled form.
    """
    same = set(args.get(BEGAN.name, "").split())
    return {name: value for name, value in args.items() if name != BEGAN.name and f"{name}:{_mark(value)}" not in same}


def _mark(value: str) -> str:
    return blake2s(" ".join(value.split()).encode(), digest_size=4).hexdigest()
