"""`harness sandbox`: build the image, check that verdicts are right on this machine."""

from typing import Annotated, Optional

import typer

from harness.cli.options import (
    HostsOption,
    ImageOption,
    IsolationOption,
    ParallelOption,
    QuietOption,
    RuntimeOption,
)

app = typer.Typer(help="Build and check the sandbox.", no_args_is_help=True, rich_markup_mode=None)


@app.command("build")
def build_command(
    base: Annotated[
        Optional[str],
        typer.Option("--base", envvar="HARNESS_BASE", help="Local base image with Python 3.11 or newer."),
    ] = None,
    language: Annotated[
        Optional[str],
        typer.Option(
            "--language",
            envvar="HARNESS_LANGUAGE",
            help="With the toolchain of this language: go, ...; all: one image for each.",
        ),
    ] = None,
    docker_host: HostsOption = None,
    quiet: QuietOption = False,
) -> None:
    """Build the sandbox image, unless the one that belongs to this version is there; several hosts get the same one."""
    from harness.cli.sandboxing import build

    build(base, tuple(docker_host or ()), language, quiet=quiet)


@app.command("check")
def check_command(
    parallel: ParallelOption = None,
    isolation: IsolationOption = "auto",
    image: ImageOption = None,
    runtime: RuntimeOption = None,
    docker_host: HostsOption = None,
    language: Annotated[
        str,
        typer.Option(
            "--language",
            envvar="HARNESS_LANGUAGE",
            help="Programs and test files in this language: go, ...; all: each but Python.",
        ),
    ] = "python",
    quick: Annotated[
        bool, typer.Option("--quick", envvar="HARNESS_QUICK", help="Only the few that run before an eval, in seconds.")
    ] = False,
) -> None:
    """Run right, wrong, looping, memory-eating, cheating and crashing programs: every verdict must be as expected."""
    from pathlib import Path

    from harness.cli.sandboxing import check
    from harness.cli.session import Options

    hosts = tuple(docker_host or ())
    check(Options(Path(), parallel, isolation, image, runtime=runtime, hosts=hosts), language, quick=quick)
