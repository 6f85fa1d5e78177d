"""What buttons and forms carry comes back as it was, inside Slack's limits."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.carrying import (
    ACTION,
    CHOSEN,
    LIST,
    METADATA,
    VALUE,
    Carried,
    TooLong,
    Unreadable,
    Where,
    carried_by,
    decode,
    encode,
)

carried = st.builds(
    Carried,
    st.sampled_from(["highlight", "discussion reopen"]) | st.text(max_size=20),
    st.dictionaries(st.sampled_from(["discussion", "link", "", "<&>"]) | st.text(max_size=12), st.text(max_size=60)),
    st.builds(Where, st.text(max_size=12), st.text(max_size=20), st.text(max_size=20)) | st.just(Where()),
    st.booleans(),
)


@given(carried)
def test_what_is_carried_comes_back(one: Carried) -> None:
    try:
        text = encode(one)
    except TooLong:
        return
    assert 0 < len(text) <= VALUE
    assert not set(text) & set("<>&")
    assert text.encode()
    assert decode(text) == one
    assert encode(Carried(one.command, dict(list(one.args.items())[::-1]), one.where, one.asks)) == text


@given(carried, carried)
def test_different_things_have_different_strings(one: Carried, other: Carried) -> None:
    assert (encode(one, 10**6) == encode(other, 10**6)) is (one == other)


def test_the_wire_form_stays() -> None:
    assert encode(Carried("digest list")) == '["s1","digest list"]'
    assert encode(Carried("a", {"z": "<é>", "b": "c"})) == '["s1","a",{"b":"c","z":"\\u003cé\\u003e"}]'
    assert encode(Carried("a", {}, Where("C1", "1.2"), asks=True)) == '["s1","a",{},["C1","1.2",""],1]'


@pytest.mark.parametrize("limit", [VALUE, METADATA, LIST])
def test_what_is_too_long_is_refused_when_it_is_made(limit: int) -> None:
    room = limit - len(encode(Carried("a", {"b": ""})))
    assert len(encode(Carried("a", {"b": "x" * room}), limit)) == limit
    with pytest.raises(TooLong, match=rf"given {limit + 1} characters, and only {limit}"):
        encode(Carried("a", {"b": "x" * (room + 1)}), limit)


@pytest.mark.parametrize(
    "text",
    ["", "hello", "[]", '["s1"]', '["s2","a"]', '["s1",7]', '["s1","a",[]]', '["s1","a",{"b":7}]',
     '["s1","a",{},["C1"]]', '["s1","a",{},[1,2,3]]', '["s1","a",{},[],"x"]', '["s1","a",{},[],0,0]', "[" * 100_000,
     '{"s1":"a"}', "NaN", '"s1"'],
)  # fmt: skip
def test_what_is_foreign_is_said_to_be(text: str) -> None:
    with pytest.raises(Unreadable, match="version"):
        decode(text)


@given(st.text(max_size=120) | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps))
def test_no_string_breaks_anything(text: str) -> None:
    try:
        decode(text)
    except Unreadable:
        return
    assert text.startswith('["s1"')


def test_an_action_says_what_it_asks() -> None:
    one = Carried("digest why", {"item": "2"}, Where("C1"))
    assert carried_by({"action_id": "run:0", "value": encode(one)}) == one
    ident = encode(Carried("highlight", {"sent": "yes", CHOSEN: "link"}), LIST)
    chosen = {"block_id": ident, "selected_option": {"value": "/d/7#m1"}}
    assert carried_by(chosen) == Carried("highlight", {"sent": "yes", "link": "/d/7#m1"})


@pytest.mark.parametrize(
    "action",
    [{}, {"value": None}, {"value": 7}, {"selected_option": {"value": "x"}}, {"selected_option": {}, "block_id": "a"},
     {"selected_option": {"value": "x"}, "block_id": encode(Carried("a"))}],
)  # fmt: skip
def test_an_action_of_somebody_else_is_unreadable(action: dict[str, object]) -> None:
    with pytest.raises(Unreadable):
        carried_by(action)


def test_our_actions_are_known_by_their_ids() -> None:
    assert all(ACTION.fullmatch(each) for each in ("run:0", "open:24", "choose:0"))
    assert not ACTION.fullmatch("run")
