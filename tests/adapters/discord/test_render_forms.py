"""Forms as modals: five fields a page, nothing lost between pages."""

from collections.abc import Iterator, Mapping

import pytest

from adapters.discord.carrying import decode
from adapters.discord.convert.interactions import Asked, Way, asked_of
from adapters.discord.render import MENUS, answer_payload, go_on_payload, modal, next_form, pages
from bot.commands.forms import form_of, landed
from bot.commands.table import TABLE
from bot.commands.words import checked
from bot.models import Asker, Command, Form, FormField, MemberRef
from bot.texts import texts_for
from tests.adapters.discord.payloads import AT, BO, IN_HELP, OWN, SPACE, Json, ref, thread
from tests.adapters.discord.test_interactions import an_interaction

ENGLISH, GERMAN = texts_for("en", "Europe/Berlin"), texts_for("de", "Europe/Berlin")
FORMS = [spec for spec in TABLE.values() if spec.opens == "form"]


def a_command(name: str, **args: str) -> Command:
    asker = Asker(member=MemberRef(SPACE, BO), name="Bo")
    return Command(name=name, asker=asker, channel=IN_HELP, at=AT, thread=thread(), target=ref(), args=args)


def fields_of(shown: Json) -> Iterator[Json]:
    return (each["component"] for each in shown["components"])


def check_modal(shown: Json) -> None:
    assert 1 <= len(shown["title"]) <= 45
    assert 1 <= len(shown["custom_id"]) <= 100
    assert 1 <= len(shown["components"]) <= 5
    for each in shown["components"]:
        assert each["type"] == 18
        assert 1 <= len(each["label"]) <= 45
        assert 1 <= len(each.get("description", "x")) <= 100
        component = each["component"]
        assert 1 <= len(component["custom_id"]) <= 100
        if component["type"] == 4:
            assert 1 <= component["max_length"] <= 4000
            assert len(component.get("value", "")) <= component["max_length"]
        else:
            assert component["type"] == 3
            assert 1 <= len(component["options"]) <= 25
            assert all(0 < len(it["value"]) <= 100 and 0 < len(it["label"]) <= 100 for it in component["options"])
            assert sum(it.get("default", False) for it in component["options"]) <= 1


@pytest.mark.parametrize("spec", FORMS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("texts", [ENGLISH, GERMAN], ids=["en", "de"])
def test_every_form_of_the_table_keeps_the_limits(spec: object, texts: object) -> None:
    form = form_of(spec, a_command(spec.name), texts)  # type: ignore[attr-defined,arg-type]  # rows of the table
    for page in range(1, pages(form) + 1):
        check_modal(modal(form, {}, page))


def test_a_short_form_is_one_modal() -> None:
    form = form_of(TABLE["discussion start"], a_command("discussion start", title="Small"), ENGLISH)
    shown = modal(form, {})
    assert shown["title"] == "Start a discussion"
    assert shown["components"][0] == {
        "type": 18,
        "label": "Title",
        "component": {
            "type": 4, "custom_id": "title", "style": 1, "required": True, "max_length": 100, "value": "Small",
        },
    }  # fmt: skip
    assert shown["components"][1]["description"] == "One line; made for you if left out."
    assert [each["style"] for each in fields_of(shown)] == [1, 1, 2]
    carried = decode(shown["custom_id"], {})
    assert (carried.command, carried.page, carried.args["in_thread"]) == ("discussion start", 0, thread().id)


def test_choices_are_a_list() -> None:
    choices = (("a", "First"), ("b", "Second"))
    field = FormField(name="which", label="Which", kind="choice", value="b", choices=choices)
    (select,) = fields_of(modal(Form(title="t", command="c", fields=(field,), submit="OK"), {}))
    assert select == {
        "type": 3, "custom_id": "which", "required": True, "min_values": 1, "max_values": 1,
        "options": [{"value": "a", "label": "First"}, {"value": "b", "label": "Second", "default": True}],
    }  # fmt: skip


@pytest.mark.parametrize(
    "choices", [(), tuple((f"{n}", "x") for n in range(26)), (("v" * 101, "x"),), (("", "nothing"),)]
)
def test_what_fits_no_list_is_written(choices: tuple[tuple[str, str], ...]) -> None:
    field = FormField(name="which", label="Which", kind="choice", choices=choices)
    (written,) = fields_of(modal(Form(title="t", command="c", fields=(field,), submit="OK"), {}))
    assert written["type"] == 4


def sent(shown: Json, filled: Mapping[str, str], shelf: dict[str, str]) -> Asked:
    """What comes when a modal is sent with some fields changed; the others as they were."""
    components: list[Json] = []
    for field in fields_of(shown):
        chosen = next((it["value"] for it in field.get("options", []) if it.get("default")), "")
        value = filled.get(field["custom_id"], field.get("value", chosen))
        one = {"values": [value] if value else []} if field["type"] == 3 else {"value": value}
        components.append({"type": 18, "component": {"type": field["type"], "custom_id": field["custom_id"]} | one})
    data = {"custom_id": shown["custom_id"], "components": components}
    return asked_of(an_interaction(data, kind=5), MENUS, shelf, AT, OWN)


def filled_in(name: str, filled: Mapping[str, str], **given: str) -> tuple[Command, int]:
    """Fill in a whole form as a person would; the command that comes of it, and how many pages it took."""
    shelf: dict[str, str] = {}
    command, page, seen = a_command(name, **given), 1, 0
    form, before = form_of(TABLE[name], command, ENGLISH), dict[str, str]()
    while True:
        it, seen = sent(modal(form, shelf, page, before), filled, shelf), seen + 1
        if not it.page:
            return landed(it.command), seen
        payload = go_on_payload(it.command, it.page, ENGLISH, shelf)
        custom_id = payload["components"][0]["components"][0]["custom_id"]
        pressed = asked_of(an_interaction({"custom_id": custom_id}, kind=3), MENUS, shelf, AT, OWN)
        assert (pressed.way, pressed.page) == (Way.BUTTON, it.page)
        form, page, before = next_form(pressed.command, ENGLISH), pressed.page, dict(pressed.command.args)


def test_a_long_form_goes_on_page_by_page_and_loses_nothing() -> None:
    filled = {"name": "Weekly", "every": "fortnightly", "weekday": "", "at": "10:00", "anchor": "2026-08-03",
              "say_quiet": "yes", "to": "#news"}  # fmt: skip
    command, seen = filled_in("digest schedule", filled, reach="space")
    assert seen == 3
    said = checked(TABLE["digest schedule"], command.args, ENGLISH)
    assert said == {
        "name": "Weekly", "every": "fortnightly", "day": "1", "at": "10:00", "zone": "Europe/Berlin",
        "anchor": "2026-08-03", "reach": "space", "say_quiet": "yes", "to": "#news",
    }  # fmt: skip
    assert (command.channel, command.thread, command.target) == (IN_HELP, thread(), ref())


def test_what_a_form_began_with_on_a_later_page_can_be_emptied_there() -> None:
    command, _ = filled_in("digest schedule", {"name": "W", "every": "daily", "to": ""}, to="#news")
    assert "to" not in command.args


def test_a_short_form_needs_no_second_page() -> None:
    command, seen = filled_in("discussion conclude", {"outcome": "Both."}, discussion="7")
    assert (seen, command.args) == (1, {"discussion": "7", "outcome": "Both."})


def test_between_pages_the_answer_is_private() -> None:
    payload = go_on_payload(a_command("digest schedule"), 2, GERMAN, {})
    assert payload["flags"] == 64
    assert payload["embeds"] == [{"description": "Das war Teil 1 von 3. Mit „Weiter“ geht es zum nächsten."}]
    assert payload["components"][0]["components"][0]["label"] == "Weiter"


CHOOSE = FormField(name="link", label="Reply", kind="choice", choices=(("/d/7#m1", "One"), ("/d/7#m2", "Two")))


def pressed(payload: Json, shelf: dict[str, str], **more: object) -> Asked:
    """What comes when the only thing on a private answer is used."""
    (row,) = payload["components"]
    (one,) = row["components"]
    return asked_of(an_interaction({"custom_id": one["custom_id"]} | more, kind=3), MENUS, shelf, AT, OWN)


def test_a_list_to_choose_from_can_be_asked_after_all() -> None:
    shelf: dict[str, str] = {}
    form = Form(title="Highlight a reply", command="highlight", fields=(CHOOSE,), submit="OK", args={"discussion": "7"})
    payload = answer_payload(form, shelf)
    assert (payload["flags"], payload["embeds"]) == (64, [{"title": "Highlight a reply"}])
    (select,) = payload["components"][0]["components"]
    assert (select["type"], select["placeholder"], "required" in select) == (3, "Reply", False)
    it = pressed(payload, shelf, values=["/d/7#m2"])
    assert (it.command.name, it.command.args) == ("highlight", {"discussion": "7", "link": "/d/7#m2"})
    assert "link" not in pressed(payload, shelf, values=[]).command.args


def test_a_question_is_asked_in_full_and_answered_either_way() -> None:
    label = "Put all older discussions of #help on the web too?"
    choices = (("no", "No"), ("yes", "Yes"))
    field = FormField(name="confirm", label=label, kind="choice", value="no", choices=choices)
    form = Form(title="#help", command="folkmoot-admin share", fields=(field,), submit="OK", args={"sent": "yes"})
    payload = answer_payload(form, {})
    assert payload["embeds"] == [{"title": "\\#help", "description": label}]
    (select,) = payload["components"][0]["components"]
    assert not any("default" in option for option in select["options"])
    (asked,) = modal(form, {})["components"]
    assert (asked["description"], len(asked["label"]) <= 45) == (label, True)


def test_another_form_that_comes_late_is_opened_by_a_button_with_what_it_begins_with() -> None:
    shelf: dict[str, str] = {}
    command = a_command("discussion edit", discussion="7", title="Old", summary="So " * 90)
    form = form_of(TABLE["discussion edit"], command, ENGLISH)
    it = pressed(answer_payload(form, shelf), shelf)
    assert (it.page, it.way) == (1, Way.BUTTON)
    shown = modal(next_form(it.command, ENGLISH), shelf, it.page, it.command.args)
    assert [field["value"] for field in fields_of(shown)] == ["Old", "So " * 90]
    assert sent(shown, {"title": "New"}, shelf).command.args["title"] == "New"
