"""`folkmoot migrate`: bring the database to this version's schema."""

import typer

from bot.cli.opening import DatabaseOption, settings_for


def migrate_command(database_url: DatabaseOption = None) -> None:
    """Bring the database to this version's schema; `run` does so by itself. Safe to repeat."""
    from storage import migrate

    migrate(settings_for(database_url).database_url)
    typer.echo("The database has the schema of this version.")
