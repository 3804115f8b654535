"""`harness suites`: what can be evaluated."""

from typing import Annotated

import typer

from harness.cli.options import (
    ChangedOption,
    DataOption,
    ImageOption,
    IsolationOption,
    ParallelOption,
    QuietOption,
    SplitOption,
)

app = typer.Typer(help="List, show and check suites.", no_args_is_help=True, rich_markup_mode=None)
NameArgument = Annotated[str, typer.Argument(help="Name from `harness suites list`.")]


@app.command("list")
def list_command() -> None:
    """List the suites."""
    from harness.cli.cataloguing import list_suites

    list_suites()


@app.command("show")
def show_command(name: NameArgument) -> None:
    """Show a suite's definition: source, prompts, limits, licence, changes of its scoring."""
    from harness.cli.cataloguing import show_suite

    show_suite(name)


@app.command("check")
def check_command(
    name: NameArgument,
    data: DataOption = None,
    split: SplitOption = None,
    allow_changed: ChangedOption = False,
    parallel: ParallelOption = None,
    isolation: IsolationOption = "auto",
    image: ImageOption = None,
    quiet: QuietOption = False,
) -> None:
    """Run every reference solution (must pass) and every known-bad one (must fail) on this machine."""
    from pathlib import Path

    from harness.cli.cataloguing import check_suite_here
    from harness.cli.data import DataChoice
    from harness.cli.session import Options

    options = Options(Path(), parallel, isolation, image, quiet=quiet)
    check_suite_here(name, DataChoice(data, split, allow_changed), options)
