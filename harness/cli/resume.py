"""`harness resume`: complete a run that was stopped, killed, or hit failures."""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.options import (
    BaselineOption,
    DataOption,
    FailUnderOption,
    HostsOption,
    ImageOption,
    IsolationOption,
    JsonOption,
    JunitOption,
    MaxCostOption,
    MaxDropOption,
    ParallelOption,
    QuietOption,
    ResultsOption,
    RuntimeOption,
    VerboseOption,
)


def resume_command(
    run: Annotated[str, typer.Argument(help="Run id, a unique part of it, or a path.")],
    data: DataOption = None,
    max_cost: MaxCostOption = None,
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
    """Complete a run: draw the samples it lacks, judge those without a verdict. Nothing is bought twice."""
    from harness.cli.gating import read_gates
    from harness.cli.resuming import resume
    from harness.cli.session import Options

    hosts, gates = tuple(docker_host or ()), read_gates(fail_under, baseline, max_drop)
    options = Options(results, parallel, isolation, image, as_json, quiet, verbose, runtime, hosts, gates, junit)
    resume(run, data, max_cost, options)
