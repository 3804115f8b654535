"""`harness runs`: what was evaluated so far, and what happened in it."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from harness.cli.options import DataOption, JsonOption, ResultsOption

app = typer.Typer(help="List runs and look into one.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_command(results: ResultsOption = Path("results"), as_json: JsonOption = False) -> None:
    """List the runs below --results, oldest first."""
    from harness.cli.showing import list_runs

    list_runs(results, as_json=as_json)


@app.command("show")
def show_command(
    run: Annotated[str, typer.Argument(help="Run id, a unique part of it, or a path.")],
    task: Annotated[Optional[str], typer.Argument(help="Only this task_id, in full.")] = None,
    problem: Annotated[
        Optional[str], typer.Option("--problem", "-p", envvar="HARNESS_PROBLEM", help="The same as an option.")
    ] = None,
    index: Annotated[
        Optional[int], typer.Option("--index", "-i", envvar="HARNESS_INDEX", min=0, help="Only this sample of it.")
    ] = None,
    failed: Annotated[
        bool, typer.Option("--failed", envvar="HARNESS_FAILED", help="List every sample that did not pass.")
    ] = False,
    data: DataOption = None,
    results: ResultsOption = Path("results"),
    as_json: JsonOption = False,
) -> None:
    """Show a run's report; with TASK its answers, what failed and how; with --failed all that did not pass."""
    from harness.cli.examining import show_problem
    from harness.cli.showing import show_run
    from harness.store import RunDirectory

    if wanted := task or problem:
        show_problem(RunDirectory.find(results, run), wanted, index, data, as_json=as_json)
    else:
        show_run(results, run, failed=failed, as_json=as_json)
