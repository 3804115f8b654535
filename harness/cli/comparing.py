"""What `harness compare` prints."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from pathlib import Path

import typer
from pydantic_core import to_json

from harness.cli.reading import find_run, read_reports, report_of
from harness.errors import UserError
from harness.pricing.snapshot import problem_costs, snapshot_of
from harness.records import Report
from harness.reports.per_problem import POINTS, counts_of, scores_of
from harness.reports.words import evidence, in_words, points
from harness.scoring.costs import Attempts, Estimate, attempts, cost_per_solved
from harness.scoring.paired import Comparison, compare
from harness.scoring.significance import holm
from harness.store import RunDirectory

MOST_NAMED = 20


@dataclass(frozen=True)
class Side:
    """One run of a comparison; `costs` are dollars of one answer by task_id, None where they are not known whole."""

    letter: str
    report: Report
    costs: dict[str, float] | None


def compare_runs(root: Path, a: str, b: str, baseline: str | None, metric: str, *, as_json: bool) -> None:
    """Compare A with B, and each with the baseline if there is one.

    Raises:
        UserError: a run or report is not there, they are of different suites, or one lacks the metric.
    """
    names = {"A": a, "B": b, **({"C": baseline} if baseline is not None else {})}
    sides = [_read(root, letter, name) for letter, name in names.items()]
    _require_one_suite(sides)
    pairs = list(combinations(sides, 2))
    results = _adjusted([_compare(one, other, metric) for one, other in pairs])
    if as_json:
        found = [
            {"run_a": x.report.run_id, "run_b": y.report.run_id, **asdict(r)}
            for (x, y), r in zip(pairs, results, strict=True)
        ]
        typer.echo(to_json(found, indent=2))
        return
    for side in sides:
        typer.echo(_described(side, metric))
    for (one, other), result in zip(pairs, results, strict=True):
        typer.echo("\n" + "\n".join(_told(one, other, result, metric)))
    if len(results) > 1:
        typer.echo(f"\nEach p is adjusted for the {len(results)} comparisons (Holm); all else is of each alone.")


def _read(root: Path, letter: str, name: str) -> Side:
    run = find_run(root, name)
    if run is not None:
        return Side(letter, report_of(run), _costs(run))
    reports = read_reports(Path(name))
    if len(reports) != 1:
        raise UserError(f"{name} holds {len(reports)} reports.", "Name one run's directory or report.")
    return Side(letter, reports[0], None)


def _costs(run: RunDirectory) -> dict[str, float] | None:
    """Dollars of one answer to each problem that was asked; None where one is not known."""
    drawn = Counter(sample.task_id for sample in run.samples())
    costs = problem_costs(snapshot_of(run.info()), run.samples())
    known = {task_id: float(dollars) / drawn[task_id] for task_id, dollars in costs.items() if dollars is not None}
    return known if known and len(known) == len(costs) else None


def _require_one_suite(sides: Sequence[Side]) -> None:
    first = sides[0].report
    for side in sides[1:]:
        if side.report.suite.fingerprint != first.suite.fingerprint:
            raise UserError(
                f"{first.run_id} is of {first.suite.name} with fingerprint {first.suite.fingerprint}, "
                f"{side.report.run_id} of {side.report.suite.name} with {side.report.suite.fingerprint}.",
                "Only runs of the same problems, prompt, check and limits can be compared.",
            )


def _compare(one: Side, other: Side, metric: str) -> Comparison:
    try:
        return compare(scores_of(one.report, metric), scores_of(other.report, metric))
    except ValueError as error:
        raise UserError(
            f"{one.report.run_id} and {other.report.run_id} have no scored problem in common.", "Complete them first."
        ) from error


def _adjusted(results: Sequence[Comparison]) -> list[Comparison]:
    adjusted = holm([result.p_value for result in results])
    return [replace(result, p_value=p) for result, p in zip(results, adjusted, strict=True)]


def _described(side: Side, metric: str) -> str:
    report = side.report
    value = report.metrics.get(metric)
    score = "unknown" if value is None else _shown(metric, value)
    if value is not None:
        low, high = (_shown(metric, report.metrics[f"{metric}_{end}"]) for end in ("low", "high"))
        score += f" ({low} to {high})"
    suite = f"{report.suite.name} v{report.suite.version}"
    coverage = "" if report.coverage == 1 else f", coverage {report.coverage:.1%}"
    return f"{side.letter}  {report.model} on {suite}: {metric} {score}{coverage}  [{report.run_id}]"


def _shown(metric: str, value: float) -> str:
    return f"{value:.4g}" if metric == POINTS else f"{value:.1%}"


def _told(one: Side, other: Side, result: Comparison, metric: str) -> list[str]:
    a, b = one.letter, other.letter
    unit = "% of the points" if metric == POINTS else "points"
    lines = [f"{a} - {b}: {points(result.difference, signed=True)} {unit} ({evidence(result)})"]
    lines.append(f"  {in_words(result, a, b)}")
    lines += [f"  better in {letter}: {_named(flips)}" for letter, flips in ((a, result.better), (b, result.worse))]
    return lines + ([f"  {line}" for line in _money(one, other)] if metric == "pass@1" else [])


def _named(task_ids: Sequence[str]) -> str:
    if not task_ids:
        return "none"
    more = ", ..." if len(task_ids) > MOST_NAMED else ""
    return f"{len(task_ids)}: {', '.join(task_ids[:MOST_NAMED])}{more}"


def _money(one: Side, other: Side) -> list[str]:
    """What a solved problem costs in each, and how many answers of the cheaper are as good as one of the dearer."""
    if one.costs is None or other.costs is None:
        lacking = " and ".join(side.letter for side in (one, other) if side.costs is None)
        return [f"money: unknown, since the cost of {lacking} is not known whole"]
    solved = [f"{s.letter} {_dollars(cost_per_solved(scores_of(s.report), s.costs or {}))}" for s in (one, other)]
    lines = [f"a solved problem costs: {'; '.join(solved)}"]
    cheap, dear = sorted((one, other), key=lambda side: sum((side.costs or {}).values()) / len(side.costs or [0]))
    rows = attempts(counts_of(cheap.report), cheap.costs or {}, scores_of(dear.report), dear.costs or {})
    for row in rows:
        if row.reach:
            return [*lines, _reached(cheap, dear, row)]
    few = f"{row.k} answer{'s' if row.k > 1 else ''} of {cheap.letter} (pass@{row.k} {row.score:.1%})"
    return [*lines, f"up to {few} do not reach one of {dear.letter}"]


def _reached(cheap: Side, dear: Side, row: Attempts) -> str:
    sure = "" if row.surely_reach else ", as far as was observed"
    if row.k == 1:
        return f"one answer of {cheap.letter} reaches one of {dear.letter}{sure}; {_times(row.saving)}"
    picked = f"pass@{row.k} {row.score:.1%}, if something picks the right one"
    return f"{row.k} answers of {cheap.letter} ({picked}) reach one of {dear.letter}{sure}; {_times(row.saving)}"


def _times(saving: Estimate) -> str:
    if saving.value is None:
        return "for nothing"
    return f"{saving.value:.3g} times cheaper ({saving.low:.3g} to {saving.high:.3g})"


def _dollars(estimate: Estimate) -> str:
    if estimate.value is None:
        return "nothing solved"
    return f"${estimate.value:.3g} ({estimate.low:.3g} to {estimate.high:.3g})"
