"""What `harness diff` prints."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import typer
from pydantic_core import to_json

from harness.cli.data import suite_of
from harness.cli.examining import word_of
from harness.cli.tables import print_side_by_side, print_table, printable
from harness.errors import UserError
from harness.pipeline.answers import answers_of
from harness.records import Execution, PointsRule, RunInfo
from harness.reports.failing import brief_of
from harness.reports.measures import share_of
from harness.store import RunDirectory

WIDTH = 100
Executions = Mapping[str, list[Execution]]
"""The judged samples of each problem, by index."""


@dataclass(frozen=True)
class Flip:
    """A problem that the runs solve to different shares; the first failure of the worse one, and `what` it was."""

    task_id: str
    a: str
    b: str
    better: str
    failed: Execution

    what: str


def diff_runs(root: Path, a: str, b: str, show: int, data: list[str] | None, *, as_json: bool) -> None:
    """Print the problems that flipped between two runs of one suite.

    Raises:
        UserError: no such run, or runs of different suites.
    """
    runs = RunDirectory.find(root, a), RunDirectory.find(root, b)
    infos = runs[0].info(), runs[1].info()
    _require_one_suite(*infos)
    judged = _judged(runs[0]), _judged(runs[1])
    rule = infos[0].suite.points
    both = [task_id for task_id in infos[0].task_ids if task_id in judged[0] and task_id in judged[1]]
    flips = [flip for task_id in both if (flip := _flip(task_id, judged[0][task_id], judged[1][task_id], rule))]
    if as_json:
        typer.echo(to_json(flips, indent=2))
        return
    for letter, info in zip("AB", infos, strict=True):
        typer.echo(f"{letter}  {info.model.name} on {info.suite.name} v{info.suite.version}  [{info.run_id}]")
    if flips:
        rows = [[f.task_id, f.a, f.b, f.better, printable(f.what)[:WIDTH]] for f in flips]
        print_table(["problem", "A", "B", "better", "what failed in the other"], rows, numbers_from=9)
    typer.echo(_summary(infos, both, flips))
    for flip in flips[:show]:
        _show(runs, flip.task_id, data)


def _require_one_suite(one: RunInfo, other: RunInfo) -> None:
    if one.suite.name != other.suite.name:
        raise UserError(
            f"{one.run_id} is of {one.suite.name}, {other.run_id} of {other.suite.name}.", "Name runs of one suite."
        )
    if one.suite.fingerprint != other.suite.fingerprint:
        typer.echo(
            "harness: the suite changed between these runs (another fingerprint): a flip may be its doing.", err=True
        )


def _judged(run: RunDirectory) -> Executions:
    found: dict[str, list[Execution]] = {}
    for (task_id, _), execution in sorted(run.last_executions().items(), key=lambda item: item[0][1]):
        if execution.verdict is not None:
            found.setdefault(task_id, []).append(execution)
    return found


def _share(executions: list[Execution], rule: PointsRule | None) -> float:
    return sum(share_of(one, rule) for one in executions) / len(executions)


def _flip(task_id: str, a: list[Execution], b: list[Execution], rule: PointsRule | None) -> Flip | None:
    if _share(a, rule) == _share(b, rule):
        return None
    better, worse = ("A", b) if _share(a, rule) > _share(b, rule) else ("B", a)
    failed = next(one for one in worse if share_of(one, rule) < 1)
    what = brief_of(failed, rule) or word_of(failed)
    return Flip(task_id, _told(a, rule), _told(b, rule), better, failed, what)


def _told(executions: list[Execution], rule: PointsRule | None) -> str:
    if len(executions) == 1:
        return word_of(executions[0], rule)
    if rule is not None:
        return f"{_share(executions, rule):.0%} of the points"
    return f"{_share(executions, rule) * len(executions):.0f}/{len(executions)} passed"


def _summary(infos: tuple[RunInfo, RunInfo], both: list[str], flips: list[Flip]) -> str:
    in_a = sum(flip.better == "A" for flip in flips)
    missing = len(set(infos[0].task_ids) | set(infos[1].task_ids)) - len(both)
    rest = f" {missing} problems are not judged in both." if missing else ""
    better = f"{in_a} better in A, {len(flips) - in_a} in B; {len(both) - len(flips)} alike."
    return f"{len(flips)} of {len(both)} problems flipped: {better}{rest}"


def _show(runs: tuple[RunDirectory, RunDirectory], task_id: str, data: list[str] | None) -> None:
    """The first program of each run for a problem, side by side."""
    sides = []
    for letter, run in zip("AB", runs, strict=True):
        answer = next(iter(answers_of(run, suite_of(run.info(), data), task_id)))
        sides.append((f"{letter}: {word_of(answer.execution)}", answer.program.source or ""))
    typer.echo(f"\n=== {task_id} ===")
    print_side_by_side(sides[0], sides[1])
