"""The command `folkmoot`: one typer app, one module a command; heavy things are imported when a command runs."""

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from bot.cli.backup import backup_command
from bot.cli.digest import digest_command
from bot.cli.doctor import doctor_command
from bot.cli.erase import erase_command
from bot.cli.export import export_command
from bot.cli.helping import Command, Group, flowing
from bot.cli.import_ import import_command
from bot.cli.migrate import migrate_command
from bot.cli.run import demo_command, run_command
from bot.cli.slack_manifest import slack_manifest_command
from bot.cli.verify import verify_command
from bot.errors import ConfigError, FolkmootError, UsageError

FAILURE = 1
USAGE = 2
CONFIGURATION = 78  # sysexits.h: EX_CONFIG

app = typer.Typer(
    name="folkmoot",
    cls=Group,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
COMMANDS: dict[str, Callable[..., None]] = {
    "run": run_command,
    "demo": demo_command,
    "import": import_command,
    "export": export_command,
    "verify": verify_command,
    "digest": digest_command,
    "backup": backup_command,
    "erase": erase_command,
    "migrate": migrate_command,
    "doctor": doctor_command,
    "slack-manifest": slack_manifest_command,
}
for _name, _command in COMMANDS.items():
    app.command(_name, cls=Command, help=flowing(_command.__doc__))(_command)


def _version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        from importlib.metadata import version

        typer.echo(f"folkmoot {version('folkmoot')}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = (
        False
    ),
) -> None:
    """Honest discussions, highlights and digests for Discord, Slack and your own web page."""


def main() -> None:
    """Run the command line; what went wrong is one sentence on standard error and an exit code."""
    try:
        app()
    except FolkmootError as error:
        typer.echo(f"folkmoot: {error}", err=True)
        sys.exit(code_of(error))


def code_of(error: FolkmootError) -> int:
    """The exit code that an error ends the program with."""
    match error:
        case ConfigError():
            return CONFIGURATION
        case UsageError():
            return USAGE
        case _:
            return FAILURE
