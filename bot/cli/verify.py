"""`folkmoot verify`: recount everything."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from bot.cli.opening import DatabaseOption, with_store
from bot.ports import Store
from bot.settings import Settings


def verify_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    discussions: Annotated[bool, typer.Option("--discussions", help="Add one row for each discussion.")] = False,
    database_url: DatabaseOption = None,
) -> None:
    """Recount every discussion from its messages and compare; exit code 1 if any counter drifted."""

    async def work(store: Store, _settings: Settings) -> int:
        audit = await store.ledger.audit()
        rows = await store.ledger.audit_rows() if discussions else []
        if as_json:
            typer.echo(json.dumps(asdict(audit) | ({"rows": list(rows)} if discussions else {}), ensure_ascii=False))
        else:
            for name, number in asdict(audit).items():
                typer.echo(f"{name:12} {number}")
            for row in rows:
                typer.echo("  ".join(f"{name}={value}" for name, value in row.items()))
        return 1 if audit.drift else 0

    with_store(database_url, work)
