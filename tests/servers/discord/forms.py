"""Forms (modals) as the person sees them."""

from dataclasses import dataclass, field

from tests.servers.discord.calls import SUBMIT, Call
from tests.servers.discord.world import Json, NotAllowed


@dataclass
class Field:
    """One input: type 4 is text, 3 a select menu; `value` is what it was opened with."""

    custom_id: str
    label: str
    kind: int
    required: bool
    least: int
    most: int
    value: str
    options: dict[str, str]  # label -> value
    placeholder: str = ""
    description: str = ""


@dataclass
class Form:
    """An open form."""

    call: Call
    title: str
    custom_id: str
    rows: list[Json]
    fields: list[Field] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def submit(self, values: dict[str, str] | None = None, **more: str) -> Call:
        """Fill in by label or custom id (what is not named keeps what it was opened with) and send."""
        given = (values or {}) | more
        for name in given:
            if not any(name in (one.label, one.custom_id) for one in self.fields):
                raise NotAllowed(f"the form has no {name!r}, only {[one.label for one in self.fields]}")
        filled = {one.custom_id: _filled(one, given) for one in self.fields}
        rows = [_submitted(row, number, filled) for number, row in enumerate(self.rows, start=1) if row["type"] != 10]
        data = {"custom_id": self.custom_id, "components": rows}
        call = self.call
        return Call(SUBMIT, call.member, call.channel, data, call.message).send()


def form_from(call: Call, data: Json) -> Form:
    """The form that a response opens."""
    form = Form(call, data["title"], data["custom_id"], data["components"])
    for row in form.rows:
        if row["type"] == 10:
            form.texts.append(row["content"])
            continue
        inner = row["component"] if row["type"] == 18 else row["components"][0]
        form.fields.append(_field(inner, row))
    return form


def _field(inner: Json, row: Json) -> Field:
    label = row if row["type"] == 18 else inner
    return Field(
        custom_id=inner["custom_id"],
        label=label.get("label") or "",
        kind=inner["type"],
        required=inner.get("required", True),
        least=inner.get("min_length") or 0,
        most=inner.get("max_length") or 4000,
        value=inner.get("value") or next((one["value"] for one in inner.get("options", []) if one.get("default")), ""),
        options={option["label"]: option["value"] for option in inner.get("options", [])},
        placeholder=inner.get("placeholder") or "",
        description=row.get("description") or "",
    )


def _filled(one: Field, given: dict[str, str]) -> str:
    value = given.get(one.label, given.get(one.custom_id, one.value))
    if one.required and not value:
        raise NotAllowed(f"{one.label!r} must be filled in")
    if one.kind == 4 and value and not one.least <= len(value) <= one.most:
        raise NotAllowed(f"{one.label!r} takes {one.least} to {one.most} characters, not {len(value)}")
    if one.kind == 3 and value:
        value = one.options.get(value, value)
        if value not in one.options.values():
            raise NotAllowed(f"{one.label!r} offers only {sorted(one.options)}")
    return value


def _submitted(row: Json, number: int, filled: dict[str, str]) -> Json:
    inner = row["component"] if row["type"] == 18 else row["components"][0]
    value = filled[inner["custom_id"]]
    part: Json = {"type": inner["type"], "id": number * 100, "custom_id": inner["custom_id"]}
    part |= {"value": value} if inner["type"] == 4 else {"values": [value] if value else []}
    if row["type"] == 18:
        return {"type": 18, "id": number, "component": part}
    return {"type": 1, "id": number, "components": [part]}
