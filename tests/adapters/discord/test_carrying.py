"""What buttons and forms carry comes back as it was, in 100 characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.carrying import LIMIT, SHORT, Carried, Unreadable, decode, encode

names = st.sampled_from([*SHORT, "", "_", "d", "_d", "outcome", "a|b", "a=b&c%20"]) | st.text(max_size=12)
carried = st.builds(
    Carried,
    st.sampled_from(["highlight", "discussion reopen"]) | st.text(max_size=20),
    st.dictionaries(names, st.text(max_size=60), max_size=5),
    st.integers(0, 99),
)


@given(carried)
def test_what_is_carried_comes_back(one: Carried) -> None:
    shelf: dict[str, str] = {}
    custom_id = encode(one, shelf)
    assert 0 < len(custom_id) <= LIMIT
    assert custom_id == custom_id.strip()
    assert custom_id.encode()
    assert decode(custom_id, shelf) == one
    assert encode(one, shelf) == custom_id


@given(carried, carried)
def test_different_things_have_different_ids(one: Carried, other: Carried) -> None:
    same = list(one.args.items()) == list(other.args.items()) and (one.command, one.page) == (other.command, other.page)
    assert (encode(one, {}) == encode(other, {})) is same


def test_what_buttons_of_cards_carry_is_short_enough_to_need_no_shelf() -> None:
    snowflake = "9" * 19
    for one in (
        Carried("discussion conclude", {"discussion": "9" * 12, "sent": "yes", "in_thread": snowflake}),
        Carried("highlight-own put-back", {"link": f"/d/{'9' * 12}#m{snowflake}"}),
        Carried("discussion answer", {"sent": "yes", "in_thread": snowflake, "on_message": snowflake}),
        Carried("digest why", {"digest": "9" * 12, "item": "12"}),
    ):
        shelf: dict[str, str] = {}
        assert len(encode(one, shelf)) <= LIMIT
        assert shelf == {}


def test_the_wire_form_stays() -> None:
    one = Carried("discussion reopen", {"discussion": "7", "outcome": "a b"}, 2)
    assert encode(one, {}) == "f1.2|discussion%20reopen|d=7&outcome=a%20b"


@pytest.mark.parametrize("custom_id", ["", "hello", "f2|highlight|", "f1|highlight", "f1*0123", "f1|highlight|z=1"])
def test_what_is_foreign_or_forgotten_is_said_to_be(custom_id: str) -> None:
    with pytest.raises(Unreadable, match=r"version"):
        decode(custom_id, {})


@given(st.text(max_size=120))
def test_no_id_breaks_anything(custom_id: str) -> None:
    try:
        decode(custom_id, {})
    except Unreadable:
        return
    assert custom_id.startswith("f1")
