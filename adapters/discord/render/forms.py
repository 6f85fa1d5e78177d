"""A form as modals: five things to fill in on each, one after another.

A modal cannot follow a modal, so between two pages stands a private answer with a button. Each page carries what was
filled in before it, and what the pages after it begin with.
"""

from collections.abc import Mapping

from adapters.discord.carrying import Carried, Shelf, encode
from adapters.discord.render.cards import ACTION_ROW, BUTTON, Json, answer_payload
from bot.commands.forms import form_of, landed
from bot.commands.table import TABLE
from bot.markup import Text, clean, cut
from bot.models import Card, Command, Form, FormField
from bot.texts import Texts

A_PAGE = 5  # components of a modal
TITLE = 45  # characters, these all
LABEL = 45
HINT = 100
VALUE = 4000
OPTION = 100
OPTIONS = 25

TEXT_INPUT = 4
STRING_SELECT = 3
LABELLED = 18
ONE_LINE, PARAGRAPH = 1, 2
PRIMARY = 1


def pages(form: Form) -> int:
    """How many modals a form takes."""
    return max(-(-len(form.fields) // A_PAGE), 1)


def modal(form: Form, shelf: Shelf, page: int = 0, given: Mapping[str, str] | None = None) -> Json:
    """One page of a form, from 0. Sending it runs the form's command, or asks to go on with the next page.

    `given` are the arguments that came with the pages before; what was emptied there stays empty.
    """
    start, end = page * A_PAGE, (page + 1) * A_PAGE
    here, earlier = form.fields[start:end], {field.name for field in form.fields[:start]}
    before = {name: value for name, value in (given or {}).items() if name in earlier}
    after = {field.name: field.value for field in form.fields[end:] if field.value}
    following = page + 1 if page + 1 < pages(form) else 0
    title = form.title if pages(form) == 1 else f"{cut(form.title, TITLE - 8)} ({page + 1}/{pages(form)})"
    return {
        "title": cut(clean(title), TITLE),
        "custom_id": encode(Carried(form.command, dict(form.args) | before | after, following), shelf),
        "components": [_labelled(field) for field in here],
    }


def _labelled(field: FormField) -> Json:
    label: Json = {"type": LABELLED, "label": cut(clean(field.label), LABEL) or "…", "component": _component(field)}
    return label | ({"description": cut(clean(field.hint), HINT)} if field.hint else {})


def _component(field: FormField) -> Json:
    """A list to choose from if it fits one, else something to write in."""
    fitting = [choice for choice in field.choices if 0 < len(choice[0]) <= OPTION]
    if field.kind == "choice" and 0 < len(field.choices) <= OPTIONS and len(fitting) == len(field.choices):
        return _select(field)
    most = max(min(field.limit, VALUE), 1)
    told: Json = {
        "type": TEXT_INPUT,
        "custom_id": field.name,
        "style": PARAGRAPH if field.kind == "paragraph" else ONE_LINE,
        "required": field.required,
        "max_length": most,
    }
    return told | ({"value": cut(clean(field.value), most)} if field.value else {})


def _select(field: FormField) -> Json:
    options = [
        {"value": value, "label": cut(clean(label), OPTION) or value}
        | ({"default": True} if value == field.value else {})
        for value, label in field.choices
    ]
    return {
        "type": STRING_SELECT,
        "custom_id": field.name,
        "options": options,
        "required": field.required,
        "min_values": 1 if field.required else 0,
        "max_values": 1,
    }


def go_on_payload(sent: Command, page: int, texts: Texts, shelf: Shelf) -> Json:
    """The private answer to a page that was sent, with the button that opens the next one."""
    total = pages(form_of(TABLE[sent.name], sent, texts))
    said = texts.say("That was part {n} of {total}. Press Continue for the next one.", n=page, total=total)
    payload = answer_payload(Card(body=(Text(said),)), shelf)
    carried = encode(Carried(sent.name, dict(sent.args), page), shelf)
    button = {"type": BUTTON, "style": PRIMARY, "label": texts.say("Continue"), "custom_id": carried}
    row = {"type": ACTION_ROW, "components": [button]}
    return payload | {"components": [row]}


def next_form(going_on: Command, texts: Texts) -> Form:
    """The form that a pressed "Continue" goes on with, filled with the pages before; no I/O."""
    return form_of(TABLE[going_on.name], landed(going_on), texts)
