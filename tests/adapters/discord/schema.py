"""Checks what we send against Discord's own published schema and against the limits that the schema leaves out."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

Json = dict[str, Any]

CONTRACT = Path(__file__).parents[4] / "shared" / "contract" / "discord-api-spec" / "message_request_subset.schema.json"
TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str, "integer": int, "array": list, "object": dict, "boolean": bool, "null": type(None),
}  # fmt: skip
KNOWN = {
    "type", "properties", "required", "items", "oneOf", "allOf", "$ref", "const", "enum", "pattern", "maxLength",
    "minLength", "maxItems", "minItems", "maximum", "minimum", "uniqueItems", "format", "title", "description",
}  # fmt: skip


@cache
def schemas() -> Json:
    schemas: Json = json.loads(CONTRACT.read_text("utf-8"))["components"]["schemas"]
    return schemas


def problems(value: Any, name: str) -> list[str]:  # noqa: ANN401 - any JSON
    """What the schema of a name says against a value; unknown keys count, too."""
    return _problems(value, {"$ref": f"#/components/schemas/{name}"}, name)


def _problems(value: Any, schema: Json, at: str) -> list[str]:  # noqa: ANN401 - any JSON
    assert set(schema) <= KNOWN, f"{set(schema) - KNOWN}: not read here"
    if "$ref" in schema:
        return _problems(value, schemas()[schema["$ref"].rpartition("/")[2]], at)
    found = [*_of_type(value, schema, at), *_bounds(value, schema, at)]
    for part in schema.get("allOf", ()):
        found += _problems(value, part, at)
    if "oneOf" in schema:
        ways = [_problems(value, way, at) for way in schema["oneOf"]]
        if [] not in ways:
            nearest = min(ways, key=len)
            found += nearest
    if isinstance(value, dict) and "properties" in schema:
        found += [f"{at}: no {key}" for key in schema.get("required", ()) if key not in value]
        for key, each in value.items():
            known = schema["properties"].get(key)
            found += [f"{at}: unknown {key}"] if known is None else _problems(each, known, f"{at}.{key}")
    if isinstance(value, list) and "items" in schema:
        found += [said for n, each in enumerate(value) for said in _problems(each, schema["items"], f"{at}[{n}]")]
    return found


def _of_type(value: Any, schema: Json, at: str) -> list[str]:  # noqa: ANN401 - any JSON
    types = schema.get("type", [])
    allowed = [TYPES[each] for each in ([types] if isinstance(types, str) else types)]
    right = not allowed or any(
        isinstance(value, each) and not (each is int and isinstance(value, bool)) for each in allowed
    )
    return [] if right else [f"{at}: {value!r} is no {types}"]


def _bounds(value: Any, schema: Json, at: str) -> list[str]:  # noqa: ANN401 - any JSON
    size = len(value) if isinstance(value, str | list) else 0
    kind = "Length" if isinstance(value, str) else "Items"
    number = value if isinstance(value, int) else 0
    wrong = [
        "const" in schema and value != schema["const"],
        "enum" in schema and value not in schema["enum"],
        isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value),
        size > schema.get(f"max{kind}", size),
        isinstance(value, str | list) and size < schema.get(f"min{kind}", 0),
        isinstance(value, int) and not schema.get("minimum", number) <= number <= schema.get("maximum", number),
        isinstance(value, list) and schema.get("uniqueItems") and len(set(map(repr, value))) < size,
    ]
    return [f"{at}: {value!r} against {schema}"] if any(wrong) else []


def limits(payload: Json) -> list[str]:
    """What the documentation says beyond the schema."""
    found = []
    for embed in payload.get("embeds", ()):
        parts = [embed.get("title", ""), embed.get("description", ""), embed.get("footer", {}).get("text", "")]
        parts += [part for field in embed.get("fields", ()) for part in (field["name"], field["value"])]
        found += [f"an embed of {sum(map(len, parts))}"] if sum(map(len, parts)) > 6000 else []
        found += ["an empty part"] if any(not field["name"].strip() for field in embed.get("fields", ())) else []
        found += ["an empty embed"] if not any(parts) else []
        found += ["a long footer"] if len(parts[2]) > 2048 else []
    rows = payload.get("components", [])
    ids = [button["custom_id"] for row in rows for button in row["components"] if "custom_id" in button]
    found += ["more than five rows"] if len(rows) > 5 else []
    found += ["an id twice"] if len(ids) != len(set(ids)) else []
    found += ["mentions"] if payload.get("allowed_mentions") != {"parse": []} else []
    return found
