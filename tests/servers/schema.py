"""A small JSON Schema reader: as much of drafts 7 and 2020-12 as the platforms' published schemas use.

The schemas lie beside the checkout (`../shared/contract`) and are not part of it; where they are missing, `load` says
so and gives None, and the servers check their own limits only.
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]

CONTRACT = Path(__file__).resolve().parents[3] / "shared" / "contract"

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def missing_reason() -> str | None:
    """Why requests are not checked against the published schemas, or None if they are."""
    return (
        None
        if CONTRACT.is_dir()
        else f"no contract data at {CONTRACT}: requests are checked against our own limits only"
    )


@cache
def load(name: str) -> "Schema | None":
    """The schema file of that name under the contract folder; None, and one line that says so, where it is missing."""
    path = CONTRACT / name
    if path.is_file():
        return Schema(json.loads(path.read_text(encoding="utf-8")))
    print(f"tests.servers: {missing_reason() or f'no {path}'}")
    return None


class Schema:
    """One schema document; faults are told as (where, what is wrong)."""

    def __init__(self, document: Json) -> None:
        self.document = document
        self._parts: dict[str, Json] = {}

    def faults(self, value: object, pointer: str = "#") -> list[tuple[str, str]]:
        """What is wrong with a value according to the part of the document that the pointer names; [] if nothing."""
        return list(self._check(value, self._resolve(pointer), ""))

    def _resolve(self, pointer: str) -> Json:
        if pointer not in self._parts:
            found: Any = self.document
            for part in pointer.removeprefix("#").strip("/").split("/"):
                found = found[part] if part else found
            self._parts[pointer] = found
        return self._parts[pointer]

    def _check(self, value: object, schema: Json, at: str) -> Iterator[tuple[str, str]]:
        if schema.get("format") == "snowflake" and type(value) is int:
            value = str(value)  # Discord takes ids as numbers too, and its libraries send them so
        if "$ref" in schema:
            yield from self._check(value, self._resolve(schema["$ref"]), at)
        yield from self._check_type(value, schema, at)
        yield from self._check_choice(value, schema, at)
        if isinstance(value, str):
            yield from _check_text(value, schema, at)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield from _check_number(value, schema, at)
        elif isinstance(value, list):
            yield from self._check_list(value, schema, at)
        elif isinstance(value, dict):
            yield from self._check_object(value, schema, at)

    def _check_type(self, value: object, schema: Json, at: str) -> Iterator[tuple[str, str]]:
        wanted = schema.get("type")
        if wanted is None:
            return
        names = [wanted] if isinstance(wanted, str) else wanted
        if not any(_is(value, name) for name in names):
            yield at, f"is {type(value).__name__}, not {' or '.join(names)}"

    def _check_choice(self, value: object, schema: Json, at: str) -> Iterator[tuple[str, str]]:
        if "enum" in schema and value not in schema["enum"]:
            yield at, f"is none of {schema['enum']}"
        if "const" in schema and value != schema["const"]:
            yield at, f"is not {schema['const']!r}"
        for part in schema.get("allOf", []):
            yield from self._check(value, part, at)
        options = schema.get("oneOf") or schema.get("anyOf")
        if options:
            yield from self._check_options(value, options, at)

    def _check_options(self, value: object, options: list[Json], at: str) -> Iterator[tuple[str, str]]:
        tried = []
        for option in options:
            tried.append(list(self._check(value, option, at)))
            if not tried[-1]:
                return
        yield from max(tried, key=lambda faults: _was_meant(faults, at))

    def _check_list(self, value: list[Any], schema: Json, at: str) -> Iterator[tuple[str, str]]:
        if len(value) > schema.get("maxItems", len(value)):
            yield at, f"has {len(value)} items, at most {schema['maxItems']} are allowed"
        if len(value) < schema.get("minItems", 0):
            yield at, f"has {len(value)} items, at least {schema['minItems']} are needed"
        if schema.get("uniqueItems") and len({json.dumps(item, sort_keys=True) for item in value}) < len(value):
            yield at, "has the same item twice"
        if isinstance(schema.get("items"), dict):
            for number, item in enumerate(value):
                yield from self._check(item, schema["items"], f"{at}/{number}")

    def _check_object(self, value: Json, schema: Json, at: str) -> Iterator[tuple[str, str]]:
        for name in schema.get("required", []):
            if name not in value:
                yield f"{at}/{name}", "is missing"
        properties = schema.get("properties", {})
        for name, part in properties.items():
            if name in value:
                yield from self._check(value[name], part, f"{at}/{name}")
        if schema.get("additionalProperties") is False:
            for name in value.keys() - properties.keys():
                yield f"{at}/{name}", "is not known"


def _was_meant(faults: list[tuple[str, str]], at: str) -> tuple[bool, int, int]:
    """How likely this option of several was meant: its `type` fits, what is wrong lies deep inside and is little."""
    places = [where for where, _ in faults]
    return f"{at}/type" not in places, max(len(where) for where in places), -len(places)


def _is(value: object, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, TYPES[name])


def _check_text(value: str, schema: Json, at: str) -> Iterator[tuple[str, str]]:
    if len(value) > schema.get("maxLength", len(value)):
        yield at, f"has {len(value)} characters, at most {schema['maxLength']} are allowed"
    if len(value) < schema.get("minLength", 0):
        yield at, f"has {len(value)} characters, at least {schema['minLength']} are needed"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield at, f"does not fit {schema['pattern']}"
    if schema.get("format") == "uri" and not _is_address(value):
        yield at, "is not an address"
    if schema.get("format") == "date-time" and not _is_moment(value):
        yield at, "is not a moment"


def _check_number(value: float, schema: Json, at: str) -> Iterator[tuple[str, str]]:
    if value > schema.get("maximum", value):
        yield at, f"is over {schema['maximum']}"
    if value < schema.get("minimum", value):
        yield at, f"is under {schema['minimum']}"


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return bool(parts.scheme) and bool(parts.netloc or parts.path) and " " not in value


def _is_moment(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
