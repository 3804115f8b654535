"""The command `harness`: its subcommands, and how an error becomes a paragraph and an exit code.

Exit codes: 0 done; 1 an error of the user's or the machine's; 2 wrong usage; 3 below a threshold; 4 finished but
incomplete; 5 stopped by the budget; 6 worse than the baseline beyond noise; 130 interrupted (docs/exit-codes.md).
"""

import sys
from typing import Annotated

import typer

from harness import __version__
from harness.cli import (
    audit,
    compare,
    diff,
    doctor,
    eval_,
    export,
    leaderboard,
    models,
    prices,
    resume,
    runs,
    sandbox,
    score,
    suites,
)
from harness.errors import HarnessError, known_error

HELP = "Which model writes the best code for the money, and how sure are we?"

app = typer.Typer(
    name="harness",
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("eval")(eval_.eval_command)
app.command("score")(score.score_command)
app.command("compare")(compare.compare_command)
app.command("diff")(diff.diff_command)
app.command("resume")(resume.resume_command)
app.command("leaderboard")(leaderboard.leaderboard_command)
app.command("audit")(audit.audit_command)
app.command("export")(export.export_command)
app.add_typer(runs.app, name="runs")
app.add_typer(models.app, name="models")
app.add_typer(prices.app, name="prices")
app.command("reprice")(prices.reprice_command)
app.add_typer(suites.app, name="suites")
app.add_typer(sandbox.app, name="sandbox")
app.command("doctor")(doctor.doctor_command)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"harness {__version__}")
        raise typer.Exit


@app.callback()
def callback(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Which model writes the best code for the money, and how sure are we?"""


def main() -> None:
    """Run the command line; every known error ends as one paragraph on standard error and its exit code."""
    try:
        app()
    except BaseException as error:
        if (known := known_error(error)) is None:
            raise
        typer.echo(paragraph(known), err=True)
        sys.exit(known.exit_code)


def paragraph(error: HarnessError) -> str:
    """What is wrong, where, and what to do, as one paragraph."""
    return f"harness: {error}"
