"""Options that several commands share; each has an environment variable HARNESS_..."""

from pathlib import Path
from typing import Annotated, Optional

import typer

ResultsOption = Annotated[
    Path, typer.Option("--results", envvar="HARNESS_RESULTS", help="Folder in which runs/ lies.", show_default=True)
]
DataOption = Annotated[
    Optional[list[str]],
    typer.Option(
        "--data",
        envvar="HARNESS_DATA",
        help="A suite's local file (jsonl, jsonl.gz, json, parquet) instead of the hub; a folder of such files; "
        "or SUITE=PATH where there are several suites. Repeatable.",
    ),
]
SplitOption = Annotated[Optional[str], typer.Option("--split", envvar="HARNESS_SPLIT", help="The suite's split.")]
ChangedOption = Annotated[
    bool,
    typer.Option(
        "--allow-changed",
        envvar="HARNESS_ALLOW_CHANGED",
        help="Accept data that differs from the pinned content; the run then has a fingerprint of its own.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", envvar="HARNESS_JSON", help="Print JSON, and nothing else.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", envvar="HARNESS_QUIET", help="No progress, no hints.")]
VerboseOption = Annotated[
    int, typer.Option("--verbose", "-v", envvar="HARNESS_VERBOSE", count=True, help="Say more; twice for debugging.")
]
ParallelOption = Annotated[
    Optional[int],
    typer.Option(
        "--parallel", envvar="HARNESS_PARALLEL", min=1, help="Programs run at once on a host (default: its cores + 2)."
    ),
]
IsolationOption = Annotated[
    str,
    typer.Option(
        "--isolation",
        envvar="HARNESS_ISOLATION",
        help="auto, cell (warm containers, namespaces per sample) or container (a fresh container per sample).",
    ),
]
RuntimeOption = Annotated[
    Optional[str],
    typer.Option("--runtime", envvar="HARNESS_RUNTIME", help="OCI runtime, such as runsc (default: the engine's own)."),
]
HostsOption = Annotated[
    Optional[list[str]],
    typer.Option(
        "--docker-host",
        envvar="HARNESS_DOCKER_HOST",
        help="Engine to run programs on, as DOCKER_HOST would say (default: docker's own settings). Repeatable: "
        "several share the work.",
    ),
]
ImageOption = Annotated[
    Optional[str], typer.Option("--image", envvar="HARNESS_IMAGE", help="Sandbox image (default: the one built here).")
]
MaxCostOption = Annotated[
    Optional[str],
    typer.Option(
        "--max-cost",
        envvar="HARNESS_MAX_COST",
        metavar="DOLLARS",
        help="Stop before so many US dollars are exceeded (exit code 5). A resumed run keeps to its budget; "
        "`none` lifts it.",
    ),
]
FailUnderOption = Annotated[
    Optional[list[str]],
    typer.Option(
        "--fail-under",
        envvar="HARNESS_FAIL_UNDER",
        help="METRIC=SHARE, such as pass@1=0.8 for 80 %, or points=140: exit code 3 where a run is below. Repeatable.",
    ),
]
BaselineOption = Annotated[
    Optional[Path],
    typer.Option(
        "--baseline",
        envvar="HARNESS_BASELINE",
        help="A run's directory, its report.json, or what --json printed: exit code 6 where pass@1 is worse beyond "
        "noise.",
    ),
]
MaxDropOption = Annotated[
    Optional[float],
    typer.Option(
        "--max-drop",
        envvar="HARNESS_MAX_DROP",
        min=0,
        max=1,
        help="How far below --baseline pass@1 may be, as a share: 0.02 is two points (default: 0).",
    ),
]
JunitOption = Annotated[
    Optional[Path],
    typer.Option("--junit", envvar="HARNESS_JUNIT", help="Write problems and gates to this file as JUnit XML."),
]
