"""`harness compare`: is one run better than another, and could this suite have told?"""

from pathlib import Path
from typing import Annotated, Optional

import typer

from harness.cli.options import JsonOption, ResultsOption

RunArgument = Annotated[str, typer.Argument(help="Run id, a unique part of it, a path, or a report file.")]


def compare_command(
    a: RunArgument,
    b: RunArgument,
    baseline: Annotated[
        Optional[str], typer.Option("--baseline", help="A third run that both are compared with as well.")
    ] = None,
    metric: Annotated[
        Optional[str],
        typer.Option(
            "--metric",
            envvar="HARNESS_METRIC",
            help="pass@K, of a stage: 'pass@1 base', or points (default: what the suite scores in).",
        ),
    ] = None,
    results: ResultsOption = Path("results"),
    as_json: JsonOption = False,
) -> None:
    """Compare two runs problem by problem: how far apart, how sure, which problems flipped, for what money."""
    from harness.cli.comparing import compare_runs

    compare_runs(results, a, b, baseline, metric, as_json=as_json)
