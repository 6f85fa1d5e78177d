"""`folkmoot verify`: recount everything."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Annotated, Any

import typer

from bot.cli.opening import DatabaseOption, with_store
from bot.models import Audit
from bot.ports import Store
from bot.settings import Settings


def verify_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    discussions: Annotated[bool, typer.Option("--discussions", help="Add one row for each discussion.")] = False,
    database_url: DatabaseOption = None,
) -> None:
    """Recount every discussion from its messages and compare; exit code 1 if any counter drifted.

    messages: live ones stored, system messages left out. counted: those that discussions count, together. drift: how
    many counters differ from their recount; it should be 0.
    """

    async def work(store: Store, _settings: Settings) -> int:
        audit = await store.ledger.audit()
        rows = await store.ledger.audit_rows() if discussions else []
        if as_json:
            typer.echo(json.dumps(asdict(audit) | ({"rows": list(rows)} if discussions else {}), ensure_ascii=False))
        else:
            for line in (*_table(rows), *_totals(audit)):
                typer.echo(line)
        return 1 if audit.drift else 0

    with_store(database_url, work)


def _totals(audit: Audit) -> Iterator[str]:
    for name, number in asdict(audit).items():
        yield f"{name:12}{number:>14,}"
    if audit.drift:
        yield "Some counters differ from their recount; please report this with the output of --json --discussions."


def _table(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Discussions under their channels, in columns of less than 80 characters."""
    for (space, channel), found in groupby(rows, key=lambda row: (row["space"], row["channel"])):
        yield f"{space} {channel}"
        yield f"  {'key':24}{'msgs':>8}{'people':>8}{'highlights':>12}  last activity"
        for row in found:
            numbers = f"{row['count']:>8,}{row['participants']:>8,}{row['highlights'] or 0:>12,}"
            yield f"  {row['key']:24}{numbers}  {str(row['last_activity'])[:16].replace('T', ' ')}"
        yield ""
