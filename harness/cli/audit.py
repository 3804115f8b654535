"""`harness audit`: does a run owe passes to its extractor, or has it lost some?"""

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.options import (
    DataOption,
    HostsOption,
    ImageOption,
    IsolationOption,
    JsonOption,
    ParallelOption,
    QuietOption,
    ResultsOption,
    RuntimeOption,
)


def audit_command(
    run: Annotated[str, typer.Argument(help="Run id, a unique part of it, or a path.")],
    show: Annotated[
        int, typer.Option("--show", envvar="HARNESS_SHOW", min=0, help="Answers on which extractors differ to show.")
    ] = 3,
    data: DataOption = None,
    results: ResultsOption = Path("results"),
    parallel: ParallelOption = None,
    isolation: IsolationOption = "auto",
    image: ImageOption = None,
    runtime: RuntimeOption = None,
    docker_host: HostsOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Extract a run's answers in other ways as well, judge what comes out, and print what each would have changed."""
    from harness.cli.auditing import audit
    from harness.cli.session import Options

    hosts = tuple(docker_host or ())
    options = Options(results, parallel, isolation, image, as_json, quiet, runtime=runtime, hosts=hosts)
    audit(run, data, options, show)
