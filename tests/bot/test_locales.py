"""Every text we say has a German translation that keeps its values."""

import re
from string import Formatter

import pytest

from bot.texts import LOCALES, catalogue
from tests.bot.literals import Literal, Unreadable, everything, in_python, in_template


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def entry(literal: Literal) -> str:
    quoted = [form.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for form in literal.forms]
    if len(quoted) == 1:
        return f'#: {literal.where}\nmsgid "{quoted[0]}"\nmsgstr ""\n'
    return f'#: {literal.where}\nmsgid "{quoted[0]}"\nmsgid_plural "{quoted[1]}"\nmsgstr[0] ""\nmsgstr[1] ""\n'


def test_every_text_has_its_german() -> None:
    said = catalogue("de").forms
    missing = {item.forms[0]: item for item in everything() if isinstance(item, Literal) and item.forms[0] not in said}
    assert not missing, "add to bot/locales/de.po:\n\n" + "\n".join(entry(item) for item in missing.values())


def test_every_german_text_is_still_said() -> None:
    english = {item.forms[0] for item in everything() if isinstance(item, Literal)}
    assert catalogue("de").forms.keys() - english == set()


def test_counted_texts_have_both_german_forms() -> None:
    said = catalogue("de").forms
    plural = {item for item in everything() if isinstance(item, Literal) and len(item.forms) == 2}
    assert [item for item in plural if len(said.get(item.forms[0], ("", ""))) != 2] == []


def test_no_text_is_put_together_on_the_spot() -> None:
    assert [item.where for item in everything() if isinstance(item, Unreadable)] == []


def test_translations_keep_the_values() -> None:
    english = {
        item.forms[0]: set().union(*map(names, item.forms)) for item in everything() if isinstance(item, Literal)
    }
    said = catalogue("de").forms
    assert {text for text in english if text in said and names(said[text][-1]) != english[text]} == set()


def test_the_catalogue_has_no_entry_twice() -> None:
    ids = re.findall(r'^msgid (".+")$', (LOCALES / "de.po").read_text("utf-8"), re.MULTILINE)
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('t.say("One {n}", n=1)', [("One {n}",)]),
        ('texts.count("{n} msg", "{n} msgs", n)', [("{n} msg", "{n} msgs")]),
        ('HELP = phrase("Help")', [("Help",)]),
        ('t.say("a" if x else "b")', [("a",), ("b",)]),
        ('text.count("\\n"); data.count(x, 1, 2); say()', []),
    ],
)
def test_literals_are_found_in_python(source: str, found: list[tuple[str, ...]]) -> None:
    assert [item.forms for item in in_python(source, "x") if isinstance(item, Literal)] == found


@pytest.mark.parametrize("source", ['t.say(f"a {b}")', 't.say("a" + b)', "t.count(one, many, n)"])
def test_texts_put_together_are_found(source: str) -> None:
    assert [type(item) for item in in_python(source, "x")] == [Unreadable]


def test_literals_are_found_in_templates() -> None:
    page = (
        '<p title="{{ t.say("Hello") }}">{{ t.count("{n} day", "{n} days", n) }}{% if x %}{{ t.say("b") }}{% endif %}'
    )
    assert [item.forms for item in in_template(page, "x")] == [("Hello",), ("{n} day", "{n} days"), ("b",)]
