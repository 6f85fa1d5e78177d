"""Every row of the table: who may, what is told, what a wrong word gets, and that twice is the same as once."""

from collections.abc import Mapping, Sequence

import pytest

from bot.access import Who
from bot.commands import TABLE, Spec, Words, form_of
from bot.errors import CommandError, NotAllowed
from bot.models import Asker, Card, Command, Form, MemberRef, Space
from bot.models import Platform as On
from bot.texts import texts_for
from tests.bot.commands.scene import (
    AWAY_CHANNEL,
    CANARIES,
    GENERAL,
    LONE_AT,
    SECRET,
    WEEKLY,
    Scene,
    words_of,
)
from tests.makers import HELP, NOON, SPACE

Args = Mapping[str, str]
REPLY, BO_REPLY = 2.0, 7.0  # minutes after noon; by Dina and by Bo
OUTSIDER = Space(On.SLACK, "T1")

# What each row is used with: arguments, and where (thread, target).
USES: Mapping[str, tuple[Args, float | None, float | None]] = {
    "discussion start": ({"title": "Stoves", "text": "Which stove is light?", "channel": "#general"}, None, None),
    "discussion track": ({}, None, LONE_AT),
    "discussion status": ({}, 0, None),
    "discussion list": ({"tab": "all"}, None, None),
    "discussion conclude": ({"outcome": "The dome tent."}, 0, None),
    "discussion reopen": ({}, 0, None),
    "discussion edit": ({"title": "Tents", "summary": "Which one holds."}, 0, None),
    "discussion answer": ({}, None, REPLY),
    "discussion hide": ({}, 0, None),
    "discussion unhide": ({}, 0, None),
    "highlight": ({"note": "so true"}, None, REPLY),
    "unhighlight": ({}, None, REPLY),
    "highlights": ({"since": "7d"}, None, None),
    "highlight-own take-down": ({}, None, BO_REPLY),
    "highlight-own put-back": ({}, None, BO_REPLY),
    "highlight-admin pick": ({}, None, REPLY),
    "highlight-admin unpick": ({}, None, REPLY),
    "highlight-admin block": ({}, None, REPLY),
    "highlight-admin unblock": ({}, None, REPLY),
    "digest preview": ({}, None, None),
    "digest list": ({}, None, None),
    "digest why": ({}, None, None),
    "digest now": ({}, None, None),
    "digest schedule": (WEEKLY | {"name": "Another"}, None, None),
    "digest join": ({}, None, None),
    "digest edit": ({"schedule": "Weekly", "at": "10:00"}, None, None),
    "digest pause": ({"schedule": "Weekly"}, None, None),
    "digest resume": ({"schedule": "Weekly"}, None, None),
    "digest pin": ({"schedule": "Weekly"}, 0, None),
    "digest drop": ({"item": "1"}, None, None),
    "digest withdraw": ({}, None, None),
    "digest unschedule": ({"schedule": "Weekly"}, None, None),
    "catchup": ({"since": "7d"}, None, None),
    "privacy show": ({}, None, None),
    "privacy optout": ({}, None, None),
    "privacy optin": ({}, None, None),
    "privacy export": ({}, None, None),
    "privacy erase": ({"word": "erase"}, None, None),
    "folkmoot help": ({}, None, None),
    "folkmoot status": ({}, None, None),
    "folkmoot-admin setup": ({"zone": "Europe/Berlin", "locale": "de", "channels": "#help"}, None, None),
    "folkmoot-admin watch": ({"channel": "#general"}, None, None),
    "folkmoot-admin unwatch": ({"channel": "#general"}, None, None),
    "folkmoot-admin cards": ({"mode": "asked"}, None, None),
    "folkmoot-admin board": ({}, None, None),
    "folkmoot-admin log": ({"channel": "#general"}, None, None),
    "folkmoot-admin settings": ({}, None, None),
    "folkmoot-admin set": ({"name": "quiet_after", "value": "6h"}, None, None),
    "folkmoot-admin doctor": ({}, None, None),
    "folkmoot-admin share": ({"level": "web"}, None, None),
    "folkmoot-admin link": ({}, None, None),
    "folkmoot-admin unlink": ({}, None, None),
}

RIGHT: Mapping[Who, Sequence[str]] = {
    Who.EVERYONE: ("zoe", "mo", "root"),
    Who.STARTERS: ("zoe", "mo", "root"),
    Who.OPENER_OR_MODERATOR: ("ada", "mo", "root"),
    Who.AUTHOR_OR_MODERATOR: ("bo",),
    Who.OPENER_AUTHOR_OR_MODERATOR: ("ada", "mo", "root"),
    Who.MODERATOR: ("mo", "root"),
    Who.ADMIN: ("root",),
}
WRONG: Mapping[Who, Sequence[str]] = {
    Who.EVERYONE: (),
    Who.STARTERS: ("zoe", "ada"),
    Who.OPENER_OR_MODERATOR: ("zoe", "bo"),
    Who.AUTHOR_OR_MODERATOR: ("zoe", "ada"),
    Who.OPENER_AUTHOR_OR_MODERATOR: ("zoe", "bo"),
    Who.MODERATOR: ("zoe", "ada", "bo"),
    Who.ADMIN: ("zoe", "ada", "mo"),
}


async def use(scene: Scene, name: str, who: str, space: Space | None = None) -> str:
    """Use a row as it is meant; what is answered."""
    args, thread, target = USES[name]
    answer = await scene.run(name, args, who=who, thread=thread, target=target, space=space)
    assert isinstance(answer, Card), f"/{name} still asks"
    return words_of(answer)


def test_every_row_is_tried() -> None:
    assert set(USES) == set(TABLE)


def test_every_row_says_what_it_is_and_what_it_takes() -> None:
    for name, spec in TABLE.items():
        assert spec.name == name
        assert spec.help
        assert all(arg.label for arg in spec.args), name
        assert len({arg.name for arg in spec.args}) == len(spec.args), name
        assert len(spec.args) <= 25, name


async def test_the_wrong_people_are_refused_and_nothing_changes(digested: Scene) -> None:
    await digested.store.places.set_space(SPACE, members_may_start=False)
    before = await digested.rows()
    let_in = []
    for name, spec in TABLE.items():
        for who in WRONG[spec.who]:
            try:
                await use(digested, name, who)
            except NotAllowed:
                continue
            let_in.append((name, who))
    assert let_in == []
    assert await digested.rows() == before


async def test_people_of_another_space_are_refused_and_nothing_changes(digested: Scene) -> None:
    before = await digested.rows()
    for name in TABLE:
        with pytest.raises(NotAllowed):
            await use(digested, name, "root", space=OUTSIDER)
    assert await digested.rows() == before


@pytest.mark.parametrize("turn", range(3))
async def test_the_right_people_are_answered_and_see_nothing_they_may_not(digested: Scene, turn: int) -> None:
    for name in USES:
        right = RIGHT[TABLE[name].who]
        who = right[turn % len(right)]
        said = (await use(digested, name, who)).casefold()
        assert said.strip(), name
        seen = [word for word in CANARIES if word in said]
        insider = who in {"mo", "root"}
        assert [word for word in seen if word != "quokka" or not insider] == [], (name, who, said)


async def test_what_is_closed_cannot_be_told_from_what_is_not_there(digested: Scene) -> None:
    closed = [await digested.link(1, SECRET), await digested.link(61), await digested.link(1, AWAY_CHANNEL)]
    closed += [str((await digested.discussion(0, SECRET)).id)]
    missing = "http://127.0.0.1:8080/d/999999#m1"
    before = await digested.rows()
    for name, spec in TABLE.items():
        args, _, _ = USES[name]
        takes = next((it.name for it in spec.args if it.name in {"discussion", "link"}), None)
        if takes is None or spec.who is Who.MODERATOR:
            continue
        errors = [await refused(digested, name, {**args, takes: link}) for link in [*closed, missing]]
        assert len({it for it in errors if not it.startswith("I don't know that message")}) <= 1, (name, errors)
        assert not any(word in error for word in CANARIES for error in errors)
    assert await digested.rows() == before


async def refused(scene: Scene, name: str, args: Args, who: str = "ada") -> str:
    with pytest.raises(CommandError) as error:
        await scene.run(name, args, who=who)
    return str(error.value)


async def test_a_wrong_word_gets_one_sentence_and_changes_nothing(digested: Scene) -> None:
    before = await digested.rows()
    for name, spec in TABLE.items():
        args, thread, target = USES[name]
        for arg in [*(it for it in spec.args if it.kind is not Words.PARAGRAPH), None]:
            garbage = {**args, "sent": "yes", arg.name if arg else "nonsense": "\ud800x\0" * 900}
            with pytest.raises(CommandError) as error:
                await digested.run(name, garbage, who="bo" if "own" in name else "root", thread=thread, target=target)
            said = str(error.value)
            assert said[-1] in ".?", (name, said)
            assert "\n" not in said
            assert len(said) < 500, name
    assert await digested.rows() == before


async def test_what_is_missing_is_asked_for(digested: Scene) -> None:
    for name, spec in TABLE.items():
        needed = [arg for arg in spec.args if arg.required]
        if not needed:
            continue
        if spec.opens == "form":
            answer = await digested.run(name, {}, who="root", thread=0)
            assert isinstance(answer, Form), name
            assert {it.name for it in answer.fields if it.required} == {arg.name for arg in needed}
        assert await refused(digested, name, {"sent": "yes"}, "root")


def command_for(spec: Spec) -> Command:
    asker = Asker(member=MemberRef(SPACE, "zoe"), name="Zoe")
    return Command(name=spec.name, asker=asker, channel=HELP, at=NOON)


@pytest.mark.parametrize("locale", ["en", "de"])
def test_forms_are_made_of_the_table_alone(locale: str) -> None:
    texts = texts_for(locale, "Europe/Berlin")
    for spec in TABLE.values():
        form = form_of(spec, command_for(spec), texts)
        shown = {it.name: it for it in form.fields}
        assert form.command == spec.name
        assert form.title
        assert form.submit
        for arg in spec.args:
            assert (arg.name in shown) is arg.shown
            if arg.required:
                assert shown[arg.name].required
        assert all(it.label for it in form.fields)
    schedule = form_of(TABLE["digest schedule"], command_for(TABLE["digest schedule"]), texts)
    assert next(it.value for it in schedule.fields if it.name == "zone") == "Europe/Berlin"


MAKES_ANEW = {"digest schedule"}  # the second one is refused, because the name is taken


async def test_twice_is_the_same_as_once(digested: Scene) -> None:
    for name in USES:
        who = RIGHT[TABLE[name].who][-1]
        await use(digested, name, who)
        once = await counted(digested)
        if name in MAKES_ANEW:
            with pytest.raises(CommandError):
                await use(digested, name, who)
        elif name not in {"digest unschedule", "digest drop", "digest withdraw"}:
            await use(digested, name, who)
        assert await counted(digested) == once, name


async def counted(scene: Scene) -> dict[str, object]:
    """What must not grow by doing the same again; times of last decisions and the change log may move."""
    rows = await scene.rows()
    grows = {"change", "act", "search_dirty", "setting"}
    found: dict[str, object] = {name: len(each) for name, each in rows.items() if name not in grows}
    audit = await scene.store.ledger.audit()
    return found | {"audit": (audit.messages, audit.discussions, audit.counted, audit.highlights, audit.drift)}


async def test_an_unknown_command_names_what_was_meant(digested: Scene) -> None:
    assert "/discussion conclude" in await refused(digested, "discussion conclud", {})
    assert "/folkmoot help" in await refused(digested, "xyzzy", {})


async def test_a_member_cannot_use_a_private_channel_from_outside(digested: Scene) -> None:
    for args in ({"channel": "#quokka-den"}, {"channel": "quokka-den"}):
        said = await refused(digested, "discussion list", args, "zoe")
        assert "#general" in said
        assert said.count("quokka") == 1  # what was asked, given back
    assert GENERAL.id in said
