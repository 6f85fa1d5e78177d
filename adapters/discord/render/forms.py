"""Answers, and forms as modals: five things to fill in on each page, pages counted from 1.

A modal has to be the first answer and cannot follow a modal. So between two pages stands a private answer with a
button; each page carries what was filled in before it, and what the pages after it begin with. A form that is known
too late for a modal is a private list to choose from, or a button that opens it.
"""

from collections.abc import Mapping
from dataclasses import replace

from adapters.discord.carrying import CHOSEN, Carried, Shelf, encode
from adapters.discord.render.cards import ACTION_ROW, BUTTON, Json, card_payload
from adapters.discord.render.cards import LABEL as BUTTON_LABEL
from bot.commands.forms import form_of, landed
from bot.commands.table import TABLE
from bot.markup import Text, clean, cut
from bot.models import Answer, Card, Command, Form, FormField, Handout
from bot.texts import Texts

A_PAGE = 5  # components of a modal
TITLE = 45  # characters, these all
LABEL = 45
HINT = 100
VALUE = 4000
OPTION = 100
OPTIONS = 25
FILE = 9 * 2**20  # bytes of a file; Discord takes ten from anybody

TEXT_INPUT = 4
STRING_SELECT = 3
LABELLED = 18
ONE_LINE, PARAGRAPH = 1, 2
PRIMARY = 1


def pages(form: Form) -> int:
    """How many modals a form takes."""
    return max(-(-len(form.fields) // A_PAGE), 1)


def answer_payload(answer: Answer, shelf: Shelf) -> Json:
    """A private answer, whatever it is, for when a modal cannot be opened any more."""
    if isinstance(answer, Handout) and len(answer.content.encode()) > FILE:
        answer = replace(answer, body=answer.instead)
    if isinstance(answer, Card):
        return card_payload(answer, shelf)
    asked = "\n".join(field.label for field in answer.fields if len(field.label) > LABEL)
    payload = card_payload(Card(title=answer.title, body=(Text(asked),)), shelf)
    return payload | {"components": [_row(_asking(answer, shelf))]}


def _asking(form: Form, shelf: Shelf) -> Json:
    """A list if one thing is to be chosen, else a button that opens the form with all that it begins with."""
    if len(form.fields) == 1 and _is_list(form.fields[0]):
        field = form.fields[0]
        carried = Carried(form.command, dict(form.args) | {CHOSEN: field.name})
        select = _select(replace(field, value=""))  # otherwise what is chosen already could not be chosen again
        del select["required"]  # only modals have this
        return select | {"custom_id": encode(carried, shelf), "placeholder": cut(clean(field.label), LABEL)}
    values = {field.name: field.value for field in form.fields if field.value}
    carried = Carried(form.command, dict(form.args) | values, 1)
    return _button(form.title, carried, shelf)


def _row(component: Json) -> Json:
    return {"type": ACTION_ROW, "components": [component]}


def _button(label: str, carried: Carried, shelf: Shelf) -> Json:
    label = cut(clean(label), BUTTON_LABEL) or "…"
    return {"type": BUTTON, "style": PRIMARY, "label": label, "custom_id": encode(carried, shelf)}


def modal(form: Form, shelf: Shelf, page: int = 1, given: Mapping[str, str] | None = None) -> Json:
    """One page of a form. Sending it runs the form's command, or asks to go on with the next page.

    `given` are the arguments that came with the pages before; what was emptied there stays empty.
    """
    start, end = (page - 1) * A_PAGE, page * A_PAGE
    here, earlier = form.fields[start:end], {field.name for field in form.fields[:start]}
    before = {name: value for name, value in (given or {}).items() if name in earlier}
    after = {field.name: field.value for field in form.fields[end:] if field.value}
    following = page + 1 if page < pages(form) else 0
    title = form.title if pages(form) == 1 else f"{cut(form.title, TITLE - 8)} ({page}/{pages(form)})"
    return {
        "title": cut(clean(title), TITLE),
        "custom_id": encode(Carried(form.command, dict(form.args) | before | after, following), shelf),
        "components": [_labelled(field) for field in here],
    }


def _labelled(field: FormField) -> Json:
    label: Json = {"type": LABELLED, "label": cut(clean(field.label), LABEL) or "…", "component": _component(field)}
    more = field.label if len(field.label) > LABEL else field.hint
    return label | ({"description": cut(clean(more), HINT)} if more else {})


def _component(field: FormField) -> Json:
    """A list to choose from if the choices fit one, else a text field."""
    if _is_list(field):
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


def _is_list(field: FormField) -> bool:
    fitting = all(0 < len(value) <= OPTION for value, _ in field.choices)
    return field.kind == "choice" and 0 < len(field.choices) <= OPTIONS and fitting


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
    """The private answer to a page that was sent, with the button that opens the next one, `page`."""
    total = pages(form_of(TABLE[sent.name], sent, texts))
    said = texts.say("That was part {n} of {total}. Press Continue for the next one.", n=page - 1, total=total)
    button = _button(texts.say("Continue"), Carried(sent.name, dict(sent.args), page), shelf)
    return card_payload(Card(body=(Text(said),)), shelf) | {"components": [_row(button)]}


def next_form(going_on: Command, texts: Texts) -> Form:
    """The form of which a pressed button opens a page, filled with what it carries; no I/O."""
    return form_of(TABLE[going_on.name], landed(going_on), texts)
