"""What `harness runs` prints."""

from collections.abc import Iterable
from pathlib import Path

import typer

from harness.cli.examining import word_of
from harness.cli.tables import print_reports, print_table, printable
from harness.errors import UserError
from harness.records import Execution, PointsRule, RunInfo, Verdict
from harness.reports.failing import brief_of
from harness.reports.measures import run_in_words, run_table, share_of
from harness.store import RunDirectory
from harness.store import list_runs as stored_runs

DETAIL_WIDTH = 90


def list_runs(root: Path, *, as_json: bool) -> None:
    """A line a run: what it evaluated and how far it got."""
    runs = stored_runs(root)
    if as_json:
        typer.echo("[" + ",\n".join(run.info().model_dump_json() for run in runs) + "]")
        return
    if not runs:
        typer.echo(f"There are no runs in {root}.")
        return
    print_table(
        ["run", "model", "suite", "samples", "score", "coverage", "begun"],
        [_line(run) for run in runs],
        numbers_from=3,
    )


def _line(run: RunDirectory) -> list[str]:
    info, report = run.info(), run.report()
    begun = f"{info.created:%Y-%m-%d %H:%M}"
    start = [info.run_id, info.model.name, f"{info.suite.name} v{info.suite.version}", str(info.expected)]
    if report is None:
        return [*start, "-", "unfinished", begun]
    score = f"{report.metrics['pass@1']:.1%}" if "pass@1" in report.metrics else "-"
    score = f"{report.points.total:.4g} points" if report.points else score
    return [*start, score, f"{report.coverage:.1%}", begun]


def show_run(root: Path, name: str, *, failed: bool, as_json: bool) -> None:
    """A run's report, or the samples that did not pass, or not with all points.

    Raises:
        UserError: no such run, or the run has no report yet.
    """
    run = RunDirectory.find(root, name)
    if failed:
        _show_failed(run.last_executions().values(), run.info().suite.points)
    else:
        _show_report(run, run.info(), as_json=as_json)


def _show_report(run: RunDirectory, info: RunInfo, *, as_json: bool) -> None:
    report = run.report()
    if report is None:
        raise UserError(f"{info.run_id} has no report yet.", f"`harness resume {info.run_id}` completes it.")
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
        return
    print_reports([report])
    counts = {**{verdict.value: n for verdict, n in report.verdicts.items() if n}, **report.failures}
    print_table(["verdict or failure", "samples"], [[word, str(n)] for word, n in counts.items()])
    if table := run_table(report):
        print_table(["metric", "points", "of"], table)
    if measured := run_in_words(run.last_executions().values()):
        typer.echo(f"measured: {measured}")
    typer.echo(f"suite {info.suite.name} v{info.suite.version}, fingerprint {info.suite.fingerprint}")
    typer.echo(f"preset {info.preset} ({info.prompt_mode}), sampling {info.sampling.model_dump_json()}")
    typer.echo(f"judged: {', '.join(f'{n} {mode}' for mode, n in report.modes.items()) or 'nothing'}")


def _show_failed(executions: Iterable[Execution], rule: PointsRule | None) -> None:
    rows = [
        [execution.task_id, str(execution.index), word_of(execution, rule), _shortened(execution, rule)]
        for execution in executions
        if execution.verdict is not Verdict.PASSED or share_of(execution, rule) < 1
    ]
    print_table(["problem", "sample", "verdict", "detail"], rows, numbers_from=9)


def _shortened(execution: Execution, rule: PointsRule | None) -> str:
    line = printable(brief_of(execution, rule))
    return line if len(line) <= DETAIL_WIDTH else line[: DETAIL_WIDTH - 3] + "..."
