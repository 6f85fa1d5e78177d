"""Answers, and forms as modals: one view holds all that is to be filled in.

A form that is known too late for a modal is a private list to choose from, or a button that opens it with all that it
begins with.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from adapters.slack.carrying import (
    CHOOSE,
    CHOSEN,
    LIST,
    METADATA,
    NOWHERE,
    RUN,
    Carried,
    TooLong,
    Where,
    encode,
)
from adapters.slack.render.blocks import LABEL, Json, bare, section
from adapters.slack.render.cards import blocks, card_payload
from adapters.slack.render.mrkdwn import fit, fit_words, is_blank
from bot.commands.forms import form_of, landed
from bot.commands.table import TABLE
from bot.markup import Bold, Break, Text, Tree, clean, cut
from bot.models import Answer, Card, Command, Form, FormField, Handout
from bot.texts import Texts

NAME = "Folkmoot"  # the title of a view without one
CALLBACK = "form"  # the callback_id of every form; what is asked stands in private_metadata
TYPED = "typed"  # the action_id of everything that is filled in

TITLE = 24  # characters, these all
FIELD_LABEL = 2000
HINT = 2000
VALUE = 3000
OPTION = 75
OPTION_VALUE = 150
PLACEHOLDER = 40  # Slack takes 150, and shows about these
OPTIONS = 100
FIELDS = 90  # of the 100 blocks of a view
PROBLEM = 1000


def modal(form: Form, where: Where = NOWHERE) -> Json:
    """A form as one view, opened where somebody asked. Sending it runs the form's command there.

    TooLong if what travels along unseen does not fit.
    """
    return _form(form, where, [])


def problem_view(form: Form | None, text: str, where: Where = NOWHERE) -> Json:
    """One sentence saying what is wrong, above the form as it was filled in; alone if there is no form."""
    said = section(fit_words(f"⚠️ {text}", PROBLEM))
    return _view(NAME, [said]) if form is None else _form(form, where, [said])


def working_view(texts: Texts) -> Json:
    """What is shown in place of a submitted form until its answer is there."""
    return _view(NAME, [section(fit_words(texts.say("One moment…"), PROBLEM))])


def said_view(card: Card, where: Where = NOWHERE) -> Json:
    """An answer in place of the form that asked for it."""
    return _view(card.title or NAME, blocks(card, where))


def refilled(form: Form, filled: Mapping[str, str]) -> Form:
    """A form that begins with what was filled in."""
    return replace(form, fields=tuple(replace(it, value=filled.get(it.name, it.value)) for it in form.fields))


def form_again(command: Command, texts: Texts) -> Form:
    """The form of a command as it was sent, filled with its arguments, those that were left empty as "" too; no I/O."""
    here = landed(command)
    return refilled(form_of(TABLE[command.name], here, texts), here.args)


def filled_in(state: Mapping[str, Any]) -> dict[str, str]:
    """What was written or chosen in a view, by the fields' names; "" for what was left empty.

    `state` is the view's own; nothing in it is believed to be of any kind.
    """
    values = state.get("values")
    found: dict[str, str] = {}
    for name, actions in values.items() if isinstance(values, Mapping) else ():
        typed = actions.get(TYPED) if isinstance(actions, Mapping) else None
        if isinstance(name, str) and isinstance(typed, Mapping):
            chosen = typed.get("selected_option")
            value = chosen.get("value") if isinstance(chosen, Mapping) else typed.get("value")
            found[name] = value if isinstance(value, str) else ""
    return found


def answer_payload(answer: Answer, where: Where = NOWHERE) -> Json:
    """A private answer, whatever it is, for when a modal cannot be opened any more."""
    if isinstance(answer, Handout):  # no app can give somebody a private file on Slack
        answer = replace(answer, body=(*answer.body, Break(), *answer.instead))
    if isinstance(answer, Card):
        return card_payload(answer, where)
    said = fit_words(answer.title, PROBLEM)
    asking = _asking(answer, where)
    told = _told(answer) if "block_id" in asking else []
    return {"text": "…" if is_blank(said) else said, "blocks": [*told, {"type": "actions"} | asking]}


def _told(form: Form) -> list[Json]:
    """What stands above a list: the title, and what is asked where the list itself cannot show all of it."""
    question = form.fields[0].label
    told: Tree = (Bold((Text(form.title),)),)
    if len(question) > PLACEHOLDER:
        told = (*told, Break(), Text(question))
    return [section(fit(told, PROBLEM))]


def _asking(form: Form, where: Where) -> Json:
    """A list if one thing is to be chosen, else a button that opens the form."""
    if len(form.fields) == 1 and _is_list(form.fields[0]):
        field = form.fields[0]
        try:
            ident = encode(Carried(form.command, dict(form.args) | {CHOSEN: field.name}, where), LIST)
        except TooLong:
            return _button(form, where)
        select = _select(replace(field, value="")) | {"action_id": f"{CHOOSE}:0"}
        return {"block_id": ident, "elements": [select | {"placeholder": bare(field.label, PLACEHOLDER)}]}
    return _button(form, where)


def _button(form: Form, where: Where) -> Json:
    button: Json = {"type": "button", "text": bare(form.title, LABEL), "style": "primary", "action_id": f"{RUN}:0"}
    return {"elements": [button | {"value": _opening(form, where)}]}


def _opening(form: Form, where: Where) -> str:
    """What opens a form filled as it is. Where it is too much, the longest thing filled in is left empty, and so on."""
    values = {field.name: field.value for field in form.fields if field.value}
    while True:
        try:
            return encode(Carried(form.command, dict(form.args) | values, where, asks=True))
        except TooLong:
            if not values:
                raise
            values.pop(max(values, key=lambda name: len(values[name])))


def opened(carried: Carried, command: Command, texts: Texts) -> Form:
    """The form that a pressed button asks for, filled with what the button carries; no I/O."""
    return form_of(TABLE[carried.command], landed(command), texts)


def _form(form: Form, where: Where, above: list[Json]) -> Json:
    told = [section(fit((Bold((Text(form.title),)),), PROBLEM))] if len(form.title) > TITLE else []
    shown = _view(form.title, [*above, *told, *map(_input, form.fields[:FIELDS])])
    carried = encode(Carried(form.command, dict(form.args), where), METADATA)
    return shown | {"callback_id": CALLBACK, "private_metadata": carried, "submit": bare(form.submit, TITLE)}


def _view(title: str, shown: list[Json]) -> Json:
    line = " ".join(clean(title).split())
    return {"type": "modal", "title": bare(line or NAME, TITLE), "blocks": shown}


def _input(field: FormField) -> Json:
    """One thing to fill in: a list to choose from if the choices fit one, else a text field."""
    shown: Json = {
        "type": "input",
        "block_id": field.name,
        "label": bare(field.label, FIELD_LABEL),
        "element": _select(field) if _is_list(field) else _written(field),
        "optional": not field.required,
    }
    return shown | ({"hint": bare(field.hint, HINT)} if field.hint.strip() else {})


def _written(field: FormField) -> Json:
    most = max(min(field.limit, VALUE), 1)
    value = cut(clean(field.value), most)
    told: Json = {
        "type": "plain_text_input",
        "action_id": TYPED,
        "multiline": field.kind == "paragraph",
        "max_length": most,
    }
    return told | ({"initial_value": value} if value else {})


def _is_list(field: FormField) -> bool:
    fitting = all(0 < len(value) <= OPTION_VALUE and clean(value) == value for value, _ in field.choices)
    return field.kind == "choice" and 0 < len(field.choices) <= OPTIONS and fitting


def _select(field: FormField) -> Json:
    options = [{"text": bare(label.strip() or value, OPTION), "value": value} for value, label in field.choices]
    chosen = next((each for each in options if each["value"] == field.value), None)
    told: Json = {"type": "static_select", "action_id": TYPED, "options": options}
    return told | ({"initial_option": chosen} if chosen else {})
