"""The command `folkmoot`: one typer app, one module a command; heavy things are imported when a command runs."""

import sys

import typer

from bot.cli.backup import backup_command
from bot.cli.digest import digest_command
from bot.cli.doctor import doctor_command
from bot.cli.erase import erase_command
from bot.cli.export import export_command
from bot.cli.import_ import import_command
from bot.cli.migrate import migrate_command
from bot.cli.run import demo_command, run_command
from bot.cli.verify import verify_command
from bot.errors import ConfigError, FolkmootError

CONFIGURATION = 78  # sysexits.h: EX_CONFIG

app = typer.Typer(
    name="folkmoot",
    help="Honest discussions, highlights and digests for Discord, Slack and your own web page.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("run")(run_command)
app.command("demo")(demo_command)
app.command("import")(import_command)
app.command("export")(export_command)
app.command("verify")(verify_command)
app.command("digest")(digest_command)
app.command("backup")(backup_command)
app.command("erase")(erase_command)
app.command("migrate")(migrate_command)
app.command("doctor")(doctor_command)


def main() -> None:
    """Run the command line. Mistakes of configuration are one sentence and exit code 78, others one and 1."""
    try:
        app()
    except ConfigError as error:
        _say(error)
        sys.exit(CONFIGURATION)
    except FolkmootError as error:
        _say(error)
        sys.exit(1)


def _say(error: Exception) -> None:
    """Print the sentence of an error."""
    typer.echo(f"folkmoot: {error}", err=True)
