"""Whether what we send keeps Discord's rules: published schema, further limits, and our own rule to ping nobody."""

from collections.abc import Iterator

from tests.servers.log import Json
from tests.servers.schema import load

Faults = list[tuple[str, str]]

SCHEMA = "discord-api-spec/message_request_subset.schema.json"
CREATE, EDIT = "MessageCreateRequest", "MessageEditRequestPartial"

CONTENT, EMBEDS_TOTAL, FIELDS, ROWS, ROW = 2000, 6000, 25, 5, 5
LABELS = {"title": 45, "label": 45, "placeholder": 100, "description": 100, "custom_id": 100}
V2 = 1 << 15


def message_faults(body: Json, *, edit: bool = False) -> Faults:
    """What is wrong with the body of a message we create or edit."""
    schema = load(SCHEMA)
    found = schema.faults(body, f"#/components/schemas/{EDIT if edit else CREATE}") if schema else []
    return found + list(_own_faults(body)) + list(_mention_faults(body))


def _own_faults(body: Json) -> Iterator[tuple[str, str]]:
    if len(body.get("content") or "") > CONTENT:
        yield "content", f"Must be {CONTENT} or fewer in length."
    if len(str(body.get("nonce") or "")) > 25:
        yield "nonce", "Must be 25 or fewer in length."
    yield from _embed_faults(body.get("embeds") or [])
    yield from row_faults(body.get("components") or [])
    if (body.get("flags") or 0) & V2 and (body.get("content") or body.get("embeds")):
        yield "flags", "content and embeds cannot be used with components of version 2"


def _embed_faults(embeds: list[Json]) -> Iterator[tuple[str, str]]:
    if len(embeds) > 10:
        yield "embeds", "Must be 10 or fewer in length."
    if sum(_size(embed) for embed in embeds) > EMBEDS_TOTAL:
        yield "embeds", f"Embed size exceeds maximum size of {EMBEDS_TOTAL}"
    for number, embed in enumerate(embeds):
        at = f"embeds/{number}"
        limits = {"title": 256, "description": 4096}
        for name, most in limits.items():
            if len(embed.get(name) or "") > most:
                yield f"{at}/{name}", f"Must be {most} or fewer in length."
        if len((embed.get("footer") or {}).get("text") or "") > 2048:
            yield f"{at}/footer/text", "Must be 2048 or fewer in length."
        yield from _field_faults(embed.get("fields") or [], at)


def _field_faults(fields: list[Json], at: str) -> Iterator[tuple[str, str]]:
    if len(fields) > FIELDS:
        yield f"{at}/fields", f"Must be {FIELDS} or fewer in length."
    for number, field in enumerate(fields):
        for name, most in (("name", 256), ("value", 1024)):
            if not 1 <= len(field.get(name) or "") <= most:
                yield f"{at}/fields/{number}/{name}", f"Must be between 1 and {most} in length."


def _size(embed: Json) -> int:
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for field in embed.get("fields") or []:
        texts += [field.get("name"), field.get("value")]
    return sum(len(text.strip()) for text in texts if text)


def row_faults(rows: list[Json]) -> Iterator[tuple[str, str]]:
    """What is wrong with a message's rows of components, beyond the schema."""
    if sum(1 for row in rows if row.get("type") == 1) > ROWS:
        yield "components", f"Must be {ROWS} or fewer in length."
    seen: set[str] = set()
    for number, row in enumerate(rows):
        at = f"components/{number}/components"
        items = row.get("components") or []
        if row.get("type") == 1 and not 1 <= len(items) <= ROW:
            yield at, f"Must be between 1 and {ROW} in length."
        if len(items) > 1 and any(item.get("type") in (3, 5, 6, 7, 8) for item in items):
            yield at, "A row holds one select menu or up to five buttons."
        for place, item in enumerate(items):
            yield from _item_faults(item, f"{at}/{place}", seen)


def _item_faults(item: Json, at: str, seen: set[str]) -> Iterator[tuple[str, str]]:
    an_id = item.get("custom_id")
    if an_id is not None:
        if not 1 <= len(an_id) <= 100:
            yield f"{at}/custom_id", "Must be between 1 and 100 in length."
        if an_id in seen:
            yield f"{at}/custom_id", "Component custom id cannot be duplicated"
        seen.add(an_id)
    if item.get("type") == 2:
        yield from _button_faults(item, at)
    if item.get("type") == 3:
        yield from _select_faults(item, at)


def _select_faults(item: Json, at: str) -> Iterator[tuple[str, str]]:
    options = item.get("options") or []
    if not 1 <= len(options) <= 25:
        yield f"{at}/options", "Must be between 1 and 25 in length."
    if len({option.get("value") for option in options}) < len(options):
        yield f"{at}/options", "The specified option value is already used"
    if len(item.get("placeholder") or "") > 150:
        yield f"{at}/placeholder", "Must be 150 or fewer in length."
    for number, option in enumerate(options):
        for name, least, most in (("label", 1, 100), ("value", 1, 100), ("description", 0, 100)):
            if not least <= len(option.get(name) or "") <= most:
                yield f"{at}/options/{number}/{name}", f"Must be between {least} and {most} in length."


def _button_faults(item: Json, at: str) -> Iterator[tuple[str, str]]:
    for name, most in (("label", 80), ("url", 512)):
        if len(item.get(name) or "") > most:
            yield f"{at}/{name}", f"Must be {most} or fewer in length."
    link = item.get("style") == 5
    if link != ("url" in item) or link == ("custom_id" in item):
        yield at, "A link button has a url, any other a custom_id."
    if not item.get("label") and not item.get("emoji"):
        yield at, "A button must have a label or emoji."


def _mention_faults(body: Json) -> Iterator[tuple[str, str]]:
    """Our own rule: whatever we send says that it pings nobody."""
    allowed = body.get("allowed_mentions")
    if not isinstance(allowed, dict) or "parse" not in allowed:
        yield "allowed_mentions", "is missing: everything we create or edit must say that it pings nobody"
    elif any(allowed.get(key) for key in ("parse", "users", "roles", "replied_user")):
        yield "allowed_mentions", f"would ping somebody: {allowed}"


def thread_faults(body: Json) -> Faults:
    """What is wrong with a thread's name or its time to archiving."""
    found: Faults = []
    if "name" in body and not 1 <= len(body["name"] or "") <= 100:
        found.append(("name", "Must be between 1 and 100 in length."))
    if body.get("auto_archive_duration", 60) not in (60, 1440, 4320, 10080, None):
        found.append(("auto_archive_duration", "Value must be one of (60, 1440, 4320, 10080)."))
    if len(body.get("applied_tags") or []) > 5:
        found.append(("applied_tags", "Must be 5 or fewer in length."))
    return found


def modal_faults(data: Json) -> Faults:
    """What is wrong with a form."""
    found: Faults = []
    for name in ("title", "custom_id"):
        if not 1 <= len(data.get(name) or "") <= LABELS[name]:
            found.append((name, f"Must be between 1 and {LABELS[name]} in length."))
    rows = data.get("components") or []
    if not 1 <= len(rows) <= 5:
        found.append(("components", "Must be between 1 and 5 in length."))
    for number, row in enumerate(rows):
        found += _modal_row_faults(row, f"components/{number}")
    return found


def _modal_row_faults(row: Json, at: str) -> Faults:
    kind = row.get("type")
    if kind == 10:
        return []
    if kind not in (1, 18):
        return [(at, "A form holds labels, rows of one text input, and texts.")]
    found: Faults = []
    inner = row.get("component") if kind == 18 else next(iter(row.get("components") or []), None)
    if inner is None:
        return [(at, "is empty")]
    label = row.get("label") if kind == 18 else inner.get("label")
    if not 1 <= len(label or "") <= LABELS["label"]:
        found.append((f"{at}/label", f"Must be between 1 and {LABELS['label']} in length."))
    if len(row.get("description") or "") > LABELS["description"]:
        found.append((f"{at}/description", "Must be 100 or fewer in length."))
    return found + _input_faults(inner, at)


def _input_faults(inner: Json, at: str) -> Faults:
    found: Faults = []
    if not 1 <= len(inner.get("custom_id") or "") <= LABELS["custom_id"]:
        found.append((f"{at}/custom_id", "Must be between 1 and 100 in length."))
    if inner.get("type") == 4:
        most = inner.get("max_length") or 4000
        if len(inner.get("placeholder") or "") > LABELS["placeholder"]:
            found.append((f"{at}/placeholder", "Must be 100 or fewer in length."))
        if most > 4000 or len(inner.get("value") or "") > most:
            found.append((f"{at}/value", f"Must be {most} or fewer in length."))
    if inner.get("type") == 3 and not 1 <= len(inner.get("options") or []) <= 25:
        found.append((f"{at}/options", "Must be between 1 and 25 in length."))
    return found


COMMAND_LIMIT = {1: 100, 2: 15, 3: 15}


def command_faults(commands: list[Json]) -> Faults:
    """What is wrong with a set of application commands."""
    found: Faults = []
    for kind, most in COMMAND_LIMIT.items():
        if sum(1 for command in commands if command.get("type", 1) == kind) > most:
            found.append(("", f"at most {most} commands of type {kind}"))
    names = [(command.get("type", 1), command.get("name")) for command in commands]
    if len(set(names)) < len(names):
        found.append(("", "Application command names must be unique"))
    for number, command in enumerate(commands):
        found += _command_faults(command, str(number))
        if _weight(command) > 8000:
            found.append((str(number), "Command exceeds maximum size (8000)"))
    return found


def _command_faults(command: Json, at: str) -> Faults:
    found: Faults = []
    menu = command.get("type", 1) != 1
    name = command.get("name") or ""
    if not 1 <= len(name) <= 32 or (not menu and (name != name.lower() or " " in name)):
        found.append((f"{at}/name", "Command name is invalid"))
    about = command.get("description") or ""
    if menu and (about or command.get("options")):
        found.append((f"{at}/description", "Context menu commands cannot have description or options"))
    if not menu:
        found += _described(about, at) + _option_faults(command.get("options") or [], at)
    return found


def _described(about: str, at: str) -> Faults:
    return [] if 1 <= len(about) <= 100 else [(f"{at}/description", "Must be between 1 and 100 in length.")]


def _option_faults(options: list[Json], at: str) -> Faults:
    found: Faults = []
    if len(options) > 25:
        found.append((f"{at}/options", "Must be 25 or fewer in length."))
    optional = False
    for number, option in enumerate(options):
        place = f"{at}/options/{number}"
        found += _command_faults(option | {"type": 1}, place)
        if len(option.get("choices") or []) > 25:
            found.append((f"{place}/choices", "Must be 25 or fewer in length."))
        if option.get("required") and optional:
            found.append((place, "Required options must be placed before non-required options"))
        optional = optional or (option.get("type", 1) > 2 and not option.get("required"))
    return found


def _weight(part: Json) -> int:
    """Characters that count towards a command's size: names, descriptions (the longest translation), choices."""
    total = 0
    for key in ("name", "description"):
        texts = [part.get(key) or "", *(part.get(f"{key}_localizations") or {}).values()]
        total += max(len(text) for text in texts)
    for choice in part.get("choices") or []:
        total += len(choice["name"]) + len(str(choice["value"]))
    return total + sum(_weight(option) for option in part.get("options") or [])
