"""`harness diff`: which problems one run solves and another does not."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.options import DataOption, JsonOption, ResultsOption

RunArgument = Annotated[str, typer.Argument(help="Run id, a unique part of it, or a path.")]


def diff_command(
    a: RunArgument,
    b: RunArgument,
    show: Annotated[
        int, typer.Option("--show", envvar="HARNESS_SHOW", min=0, help="Flipped problems whose programs to show.")
    ] = 0,
    data: DataOption = None,
    results: ResultsOption = Path("results"),
    as_json: JsonOption = False,
) -> None:
    """List the problems that flipped between two runs, with what failed; `harness compare` says if it matters."""
    from harness.cli.diffing import diff_runs

    diff_runs(results, a, b, show, data, as_json=as_json)
