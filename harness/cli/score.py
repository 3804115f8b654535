"""`harness score`: judge somebody else's samples."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Optional

import typer

from harness.cli.options import (
    BaselineOption,
    ChangedOption,
    DataOption,
    FailUnderOption,
    HostsOption,
    ImageOption,
    IsolationOption,
    JsonOption,
    JunitOption,
    MaxDropOption,
    ParallelOption,
    QuietOption,
    ResultsOption,
    RuntimeOption,
    SplitOption,
    VerboseOption,
)


def score_command(
    samples: Annotated[Path, typer.Argument(help="A file or folder of samples, in any format of docs/formats.md.")],
    suite: Annotated[
        str, typer.Option("--suite", "-s", envvar="HARNESS_SUITE", help="Name from `harness suites list`.")
    ],
    label: Annotated[
        Optional[str], typer.Option("--model", "-m", envvar="HARNESS_MODEL", help="Whose samples (default: the file).")
    ] = None,
    partial: Annotated[
        bool,
        typer.Option(
            envvar="HARNESS_PARTIAL", help="Take the file for the whole: problems that it lacks are not asked for."
        ),
    ] = False,
    each: Annotated[
        Optional[str],
        typer.Option(envvar="HARNESS_EACH", help="A column of the file: a run for each of its values, such as model."),
    ] = None,
    drawn: Annotated[
        Optional[datetime],
        typer.Option(
            envvar="HARNESS_DRAWN",
            formats=["%Y-%m-%d"],
            metavar="DAY",
            help="When the answers were drawn, where the file does not say: prices of that day hold.",
        ),
    ] = None,
    data: DataOption = None,
    split: SplitOption = None,
    allow_changed: ChangedOption = False,
    results: ResultsOption = Path("results"),
    parallel: ParallelOption = None,
    isolation: IsolationOption = "auto",
    image: ImageOption = None,
    runtime: RuntimeOption = None,
    docker_host: HostsOption = None,
    fail_under: FailUnderOption = None,
    baseline: BaselineOption = None,
    max_drop: MaxDropOption = None,
    junit: JunitOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = 0,
) -> None:
    """Judge a file of samples in Docker and print a table."""
    from harness.cli.data import DataChoice
    from harness.cli.gating import read_gates
    from harness.cli.scoring import Scored, score
    from harness.cli.session import Options
    from harness.pipeline.score import Rows

    hosts, gates = tuple(docker_host or ()), read_gates(fail_under, baseline, max_drop)
    options = Options(results, parallel, isolation, image, as_json, quiet, verbose, runtime, hosts, gates, junit)
    chosen = DataChoice(data, split, allow_changed)
    rows = Rows(partial, drawn=drawn.date() if drawn else None)
    score(Scored(samples, suite, label or _stem(samples), chosen, rows, each), options)


def _stem(samples: Path) -> str:
    return samples.resolve().name.removesuffix(".gz").removesuffix(".jsonl").removesuffix(".json")
