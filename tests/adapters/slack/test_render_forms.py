"""Forms as modals: one view holds all fields, and nothing that was typed is lost."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.carrying import Carried, TooLong, Where, carried_by, decode
from adapters.slack.render import (
    CALLBACK,
    answer_payload,
    filled_in,
    form_again,
    modal,
    opened,
    problem_view,
    refilled,
    said_view,
    working_view,
)
from bot.commands.forms import form_of, landed
from bot.commands.specs import Spec
from bot.commands.table import TABLE
from bot.commands.words import checked
from bot.markup import Text
from bot.models import Asker, Button, Card, Command, Form, FormField, MessageRef
from bot.texts import Texts
from tests.adapters.slack.blockkit import Json, faults
from tests.adapters.slack.test_render_cards import BO, ENGLISH, GERMAN, IN_HELP, THREAD, the_card
from tests.adapters.slack.trees import words

FORMS = [spec for spec in TABLE.values() if spec.opens == "form"]
HERE = Where("C01HELP", THREAD.id, "1786270000.000200")
TARGET = MessageRef(IN_HELP, HERE.message)


def a_command(name: str, **args: str) -> Command:
    asker = Asker(member=BO, name="Bo")
    at = datetime(2026, 8, 3, 12, 5, tzinfo=UTC)
    return Command(name=name, asker=asker, channel=IN_HELP, at=at, thread=THREAD, target=TARGET, args=args)


def a_form(*fields: FormField, **more: str) -> Form:
    return Form(title="t", command="highlight", fields=fields, submit="OK", args=more)


def a_choice(*choices: tuple[str, str], value: str = "") -> FormField:
    return FormField(name="link", label="Which", kind="choice", value=value, choices=choices)


def inputs(view: Json) -> Iterator[Json]:
    return (each for each in view["blocks"] if each["type"] == "input")


def sent(view: Json, filled: Mapping[str, str]) -> Json:
    """The state of a view that was sent with some fields changed; the others as they were."""
    values: Json = {}
    for block in inputs(view):
        element = block["element"]
        chosen = element.get("initial_option", {}).get("value")
        value = filled.get(block["block_id"], element.get("initial_value") or chosen) or None
        is_list = element["type"] == "static_select"
        said = {"selected_option": {"value": value} if value else None} if is_list else {"value": value}
        values[block["block_id"]] = {element["action_id"]: {"type": element["type"]} | said}
    return {"values": values}


@pytest.mark.parametrize("spec", FORMS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("texts", [ENGLISH, GERMAN], ids=["en", "de"])
def test_every_form_of_the_table_is_one_view_inside_the_limits(spec: Spec, texts: Texts) -> None:
    form = form_of(spec, a_command(spec.name), texts)
    for view in (modal(form, HERE), problem_view(form, "No.", HERE)):
        assert faults(view) == []
        assert [each["block_id"] for each in inputs(view)] == [field.name for field in form.fields]


def test_a_form_says_what_it_carries_and_what_it_asks() -> None:
    form = form_of(TABLE["discussion start"], a_command("discussion start", title="Small", channel="<#C9>"), ENGLISH)
    view = modal(form, HERE)
    assert (view["title"]["text"], view["submit"]["text"], view["callback_id"]) == (
        "Start a discussion", "OK", CALLBACK,
    )  # fmt: skip
    assert view["blocks"][0] == {
        "type": "input",
        "block_id": "title",
        "label": {"type": "plain_text", "text": "Title", "emoji": True},
        "element": {
            "type": "plain_text_input", "action_id": "typed", "multiline": False, "max_length": 100,
            "initial_value": "Small",
        },
        "optional": False,
    }  # fmt: skip
    assert view["blocks"][1]["hint"]["text"] == "One line; made for you if left out."
    assert [(each["element"]["multiline"], each["element"]["max_length"]) for each in inputs(view)] == [
        (False, 100), (False, 300), (True, 3000),
    ]  # fmt: skip
    carried = decode(view["private_metadata"])
    assert (carried.command, carried.where, carried.asks) == ("discussion start", HERE, False)
    assert carried.args == {"channel": "<#C9>", "sent": "yes", "in_thread": THREAD.id, "on_message": TARGET.id}


def test_a_long_title_is_cut_at_a_word_and_said_whole_above() -> None:
    view = modal(form_of(TABLE["discussion edit"], a_command("discussion edit"), ENGLISH), HERE)
    assert view["title"]["text"] == "Change title and…"
    assert view["blocks"][0]["text"]["text"] == "*Change title and summary of a discussion*"


def test_choices_are_a_list() -> None:
    (block,) = inputs(modal(a_form(a_choice(("a", "First"), ("b", "x" * 90), value="b"))))
    options = block["element"]["options"]
    assert [each["value"] for each in options] == ["a", "b"]
    assert len(options[1]["text"]["text"]) == 75
    assert block["element"]["initial_option"] == options[1]


@pytest.mark.parametrize(
    "choices", [(), tuple((f"{n}", "x") for n in range(101)), (("v" * 151, "x"),), (("", "nothing"),)]
)
def test_what_fits_no_list_is_written(choices: tuple[tuple[str, str], ...]) -> None:
    view = modal(a_form(a_choice(*choices)))
    assert [each["element"]["type"] for each in inputs(view)] == ["plain_text_input"]
    assert faults(view) == []


def test_a_whole_form_comes_back_as_it_was_filled_in() -> None:
    view = modal(form_of(TABLE["digest schedule"], a_command("digest schedule", reach="space", to="#news"), ENGLISH))
    filled = filled_in(sent(view, {"name": "Weekly", "every": "daily", "weekday": "", "at": "10:00", "to": ""}))
    carried = decode(view["private_metadata"])
    command = landed(replace(a_command(carried.command), thread=None, target=None, args=dict(carried.args) | filled))
    assert (command.thread, command.target) == (THREAD, TARGET)
    assert checked(TABLE["digest schedule"], command.args, ENGLISH) == {
        "name": "Weekly", "every": "daily", "day": "1", "at": "10:00", "zone": "Europe/Berlin", "reach": "space",
    }  # fmt: skip


@pytest.mark.parametrize(
    "state",
    [{}, {"values": None}, {"values": {"a": 7, "b": {}, "c": {"typed": None}, "d": {"other": {"value": "x"}}}}],
)
def test_what_makes_no_sense_is_not_filled_in(state: Json) -> None:
    assert filled_in(state) == {}


@given(st.recursive(st.none() | st.text(), lambda it: st.dictionaries(st.sampled_from(["typed", "value", "a"]), it)))
def test_no_state_breaks_anything(values: object) -> None:
    assert all(isinstance(value, str) for value in filled_in({"values": values}).values())


def test_an_empty_field_is_empty() -> None:
    typed: Json = {"values": {"a": {"typed": {"value": None}}, "b": {"typed": {"selected_option": None}}}}
    assert filled_in(typed) == {"a": "", "b": ""}


def test_a_problem_shows_the_form_again_with_all_that_was_typed() -> None:
    asked = modal(form_of(TABLE["digest schedule"], a_command("digest schedule"), ENGLISH), HERE)
    typed = {"name": "Weekly <!here>", "every": "weekly", "weekday": "fri", "zone": "CET+1", "day": "", "at": "25:00"}
    filled = filled_in(sent(asked, typed))
    args = dict(decode(asked["private_metadata"]).args) | filled
    view = problem_view(
        form_again(replace(a_command("digest schedule"), args=args), ENGLISH), "I don't know the zone 'CET+1'.", HERE
    )
    assert view["blocks"][0]["text"]["text"] == "⚠️ I don't know the zone 'CET+1'."
    assert filled_in(sent(view, {})) == filled
    assert view["private_metadata"] == asked["private_metadata"]
    assert faults(view) == []


def test_a_problem_may_stand_alone() -> None:
    view = problem_view(None, "That <!channel> did not work.", HERE)
    assert view["blocks"][0]["text"]["text"] == "⚠️ That &lt;!channel&gt; did not work."
    assert faults(view) == []


def test_an_answer_takes_the_place_of_the_form() -> None:
    view = said_view(the_card(), HERE)
    assert faults(view) == []
    assert carried_by(view["blocks"][-1]["elements"][0]).where == HERE
    for each in (working_view(GERMAN), said_view(Card(title="x" * 99, body=(Text("b"),))), said_view(Card())):
        assert faults(each) == []
    assert working_view(GERMAN)["blocks"][0]["text"]["text"] == "Einen Moment …"


def test_a_choice_that_is_known_late_is_a_list() -> None:
    payload = answer_payload(
        a_form(a_choice(("/d/7#m1", "One"), ("/d/7#m2", "Two"), value="/d/7#m1"), sent="yes"), HERE
    )
    block = payload["blocks"][-1]
    (select,) = block["elements"]
    assert "initial_option" not in select  # or it could not be chosen
    assert (select["action_id"], select["placeholder"]["text"]) == ("choose:0", "Which")
    pressed = carried_by({"block_id": block["block_id"], "selected_option": select["options"][1]})
    assert pressed == Carried("highlight", {"sent": "yes", "link": "/d/7#m2"}, HERE)
    assert faults(payload) == []


def test_a_question_that_a_list_cannot_show_stands_above_it() -> None:
    question = "Unlink this space from Camp? Digests will no longer quote it, and what they quoted of it is taken out."
    asked = replace(a_choice(("yes", "Yes"), ("no", "No")), label=question)
    told, row = answer_payload(a_form(asked), HERE)["blocks"]
    assert told["text"]["text"] == f"*{a_form().title}*\n{question}"
    assert row["elements"][0]["placeholder"]["text"] == "Unlink this space from Camp? Digests…"


def test_a_list_that_cannot_carry_its_command_is_a_button() -> None:
    payload = answer_payload(a_form(a_choice(("a", "One")), note="x" * 250), HERE)
    assert carried_by(payload["blocks"][-1]["elements"][0]) == Carried(
        "highlight", {"note": "x" * 250}, HERE, asks=True
    )


def test_a_form_that_is_known_late_is_a_button_with_all_it_begins_with() -> None:
    filled = {"title": "Small *models*", "summary": "x" * 300, "discussion": "7"}
    form = form_of(TABLE["discussion edit"], a_command("discussion edit", **filled), GERMAN)
    payload = answer_payload(form, HERE)
    assert faults(payload) == []
    carried = carried_by(payload["blocks"][-1]["elements"][0])
    assert carried.asks
    args = dict(carried.args)
    again = opened(carried, replace(a_command("discussion edit", **args), thread=None, target=None), GERMAN)
    assert again == form


def test_of_too_much_the_longest_is_left_out() -> None:
    fields = (FormField(name="a", label="a", value="x" * 1500), FormField(name="b", label="b", value="y" * 600))
    carried = carried_by(answer_payload(a_form(*fields), HERE)["blocks"][-1]["elements"][0])
    assert carried.args == {"b": "y" * 600}
    with pytest.raises(TooLong):
        answer_payload(a_form(*fields, note="z" * 2000), HERE)
    with pytest.raises(TooLong):
        modal(a_form(note="z" * 3000), HERE)


@given(words, words, words)
def test_no_words_break_a_form(label: str, value: str, problem: str) -> None:
    choice = FormField(
        name="c", label=label, hint=value, kind="choice", choices=((value[:150] or "v", label), ("b", ""))
    )
    line = FormField(name="l", label=label, value=value, hint=label, limit=20)
    form = Form(title=label, command="highlight", fields=(line, choice), submit="OK")
    for payload in (
        modal(form), problem_view(form, problem), answer_payload(form), answer_payload(replace(form, fields=(choice,))),
        said_view(Card(title=label, buttons=(Button(label=value, command="highlight"),))),
    ):  # fmt: skip
        assert faults(payload) == []


def test_a_form_is_refilled_only_with_what_was_filled_in() -> None:
    form = a_form(FormField(name="a", label="a", value="1"), FormField(name="b", label="b", value="2"))
    assert [field.value for field in refilled(form, {"a": ""}).fields] == ["", "2"]
