"""`harness eval`: models answer suites, Docker judges, a table comes out."""

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
    MaxCostOption,
    MaxDropOption,
    ParallelOption,
    QuietOption,
    ResultsOption,
    RuntimeOption,
    SplitOption,
    VerboseOption,
)


def eval_command(
    campaign: Annotated[
        Optional[Path], typer.Argument(help="A campaign file instead of --model and --suite (docs/campaigns.md).")
    ] = None,
    model: Annotated[
        Optional[list[str]],
        typer.Option(
            "--model",
            "-m",
            envvar="HARNESS_MODEL",
            help="Name from `harness models list`, or BACKEND/SERVED_NAME[@URL]. Repeatable.",
        ),
    ] = None,
    suite: Annotated[
        Optional[list[str]],
        typer.Option("--suite", "-s", envvar="HARNESS_SUITE", help="Name from `harness suites list`. Repeatable."),
    ] = None,
    n: Annotated[int, typer.Option("-n", "--samples", envvar="HARNESS_SAMPLES", min=1, help="Samples a problem.")] = 1,
    temperature: Annotated[
        Optional[float],
        typer.Option(envvar="HARNESS_TEMPERATURE", min=0, help="Default: 0 for one sample a problem, 0.8 for more."),
    ] = None,
    top_p: Annotated[Optional[float], typer.Option(envvar="HARNESS_TOP_P", min=0, max=1, help="Nucleus.")] = None,
    max_tokens: Annotated[
        Optional[int], typer.Option(envvar="HARNESS_MAX_TOKENS", min=1, help="Longest answer in tokens.")
    ] = None,
    seed: Annotated[Optional[int], typer.Option(envvar="HARNESS_SEED", help="Seed, where the API takes one.")] = None,
    limit: Annotated[
        Optional[int], typer.Option(envvar="HARNESS_LIMIT", min=1, help="Only the first so many problems.")
    ] = None,
    problem: Annotated[
        Optional[list[str]], typer.Option(envvar="HARNESS_PROBLEM", help="Only this task_id. Repeatable.")
    ] = None,
    preset: Annotated[
        Optional[str], typer.Option(envvar="HARNESS_PRESET", help="Prompt preset (see `harness suites show`).")
    ] = None,
    mode: Annotated[
        Optional[str], typer.Option(envvar="HARNESS_MODE", help="chat or completion (default: the model's).")
    ] = None,
    data: DataOption = None,
    split: SplitOption = None,
    allow_changed: ChangedOption = False,
    concurrency: Annotated[
        Optional[int], typer.Option(envvar="HARNESS_CONCURRENCY", min=1, help="Requests under way at most.")
    ] = None,
    timeout: Annotated[
        Optional[float],
        typer.Option(envvar="HARNESS_TIMEOUT", min=0.1, help="Seconds that one request may take (default: 300)."),
    ] = None,
    generate_only: Annotated[
        bool, typer.Option(envvar="HARNESS_GENERATE_ONLY", help="Draw samples; judge them later with `harness resume`.")
    ] = False,
    max_cost: MaxCostOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", envvar="HARNESS_DRY_RUN", help="Print requests, tokens and cost; send nothing.")
    ] = False,
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
    """Let models answer suites, judge the answers in Docker and print a table."""
    from harness.cli.data import DataChoice
    from harness.cli.evaluate import Wish, evaluate
    from harness.cli.gating import read_gates
    from harness.cli.session import Options

    raw = {
        "n": n,
        "temperature": temperature,
        "top_p": top_p,
        "max_tokens": max_tokens,
        "seed": seed,
        "limit": limit,
        "problems": tuple(problem or ()),
        "preset": preset,
        "mode": mode,
        "concurrency": concurrency,
        "timeout_s": timeout,
    }
    hosts, gates = tuple(docker_host or ()), read_gates(fail_under, baseline, max_drop)
    options = Options(results, parallel, isolation, image, as_json, quiet, verbose, runtime, hosts, gates, junit)
    choice = DataChoice(data, split, allow_changed)
    wish = Wish(model or [], suite or [], raw, choice, not generate_only, max_cost, dry_run, campaign)
    evaluate(wish, options)
