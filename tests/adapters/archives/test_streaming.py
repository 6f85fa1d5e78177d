import contextlib
import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.archives.streaming import JsonStream
from bot.errors import ImportProblem

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


def read(data: bytes, piece: int = 7) -> list[tuple[str, Any]]:
    return list(JsonStream(io.BytesIO(data).read, "x.json", piece).members("messages"))


@settings(max_examples=50)
@given(st.dictionaries(st.text().filter(lambda key: key != "messages"), JSON), st.lists(JSON), st.integers(1, 40))
def test_it_reads_what_json_reads_whatever_the_pieces(members: dict[str, Any], messages: list[Any], piece: int) -> None:
    data = json.dumps({**members, "messages": messages}, indent=1).encode()
    expected = [*members.items(), *(("messages", message) for message in messages)]
    assert read(data, piece) == expected


@settings(max_examples=50)
@given(st.dictionaries(st.text(), JSON), st.data())
def test_whatever_is_cut_off_is_a_problem_and_never_another_error(members: dict[str, Any], data: st.DataObject) -> None:
    whole = json.dumps({**members, "messages": [1, "zwei", {"drei": 3}]}).encode()
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(ImportProblem, match=r"^x\.json is damaged at line 1: .+\.$"):
        read(whole[:cut])


@given(st.binary(max_size=60))
def test_any_bytes_give_members_or_a_problem_and_no_other_error(data: bytes) -> None:
    with contextlib.suppress(ImportProblem):
        read(data)


def test_what_comes_before_the_damage_is_given() -> None:
    data = b'{"messages": [\n{"id": 1},\n{"id": 2},{"id: 3}]}'
    members = JsonStream(io.BytesIO(data).read, "x.json").members("messages")
    assert [next(members), next(members)] == [("messages", {"id": 1}), ("messages", {"id": 2})]
    with pytest.raises(ImportProblem, match=r"x\.json is damaged at line 3: "):
        next(members)


@pytest.mark.parametrize(
    "data", [b'{"a": ' + b"[" * 100_000, b'{"a": ' + b"1" * 5000 + b"}", b'{"a": "\xff"}', b"[]", b""]
)
def test_nesting_long_numbers_and_foreign_bytes_are_problems(data: bytes) -> None:
    with pytest.raises(ImportProblem):
        read(data, 1 << 20)


def test_a_byte_order_mark_is_no_damage() -> None:
    assert read(b'\xef\xbb\xbf{"a": 1}') == [("a", 1)]
