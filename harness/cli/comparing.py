"""What `harness compare` prints."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from math import inf, isfinite
from pathlib import Path

import typer
from pydantic_core import to_json

from harness.cli.reading import find_run, read_reports, report_of
from harness.errors import UserError
from harness.pricing.dollars import rounded
from harness.pricing.snapshot import problem_costs, snapshot_of
from harness.records import Report
from harness.reports.per_problem import POINTS, counts_of, scores_of
from harness.reports.words import evidence, in_words, points
from harness.scoring.costs import Attempts, Estimate, attempts, cost_per_problem, cost_per_solved
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


def compare_runs(root: Path, a: str, b: str, baseline: str | None, metric: str | None, *, as_json: bool) -> None:
    """Compare A with B, and each with the baseline if there is one; without a `metric` by what their suite scores in.

    Raises:
        UserError: a run or report is not there, they are of different suites, or one lacks the metric.
    """
    names = {"A": a, "B": b, **({"C": baseline} if baseline is not None else {})}
    sides = [_read(root, letter, name) for letter, name in names.items()]
    _require_one_suite(sides)
    metric = metric or (POINTS if sides[0].report.suite.points else "pass@1")
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
    lines.append(f"  {in_words(result, a, b, unit)}")
    lines += [f"  better in {letter}: {_named(flips)}" for letter, flips in ((a, result.better), (b, result.worse))]
    return lines + ([f"  {line}" for line in _money(one, other, metric)] if metric in ("pass@1", POINTS) else [])


def _named(task_ids: Sequence[str]) -> str:
    if not task_ids:
        return "none"
    more = ", ..." if len(task_ids) > MOST_NAMED else ""
    return f"{len(task_ids)}: {', '.join(task_ids[:MOST_NAMED])}{more}"


def _money(one: Side, other: Side, metric: str) -> list[str]:
    """What an answer and a solved problem cost in each, and how many answers of the cheaper equal one of the dearer."""
    if one.costs is None or other.costs is None:
        lacking = " and ".join(side.letter for side in (one, other) if side.costs is None)
        return [f"money: unknown, since the cost of {lacking} is not known whole"]
    paid = [(one, one.costs), (other, other.costs)]
    answer = [f"{side.letter} {_dollars(cost_per_problem(costs))}" for side, costs in paid]
    solved = [
        f"{side.letter} {_dollars(cost_per_solved(scores_of(side.report, metric), costs))}" for side, costs in paid
    ]
    what = "as much as a perfect answer brings" if metric == POINTS else "a solved problem"
    lines = [f"an answer costs: {'; '.join(answer)}", f"{what} costs: {'; '.join(solved)}"]
    if metric == POINTS:
        return lines
    both = one.costs.keys() & other.costs.keys()
    (cheap, cheap_costs), (dear, dear_costs) = sorted(paid, key=lambda pair: sum(pair[1][task_id] for task_id in both))
    rows = attempts(counts_of(cheap.report), cheap_costs, scores_of(dear.report), dear_costs)
    for row in rows:
        if row.reach:
            return [*lines, _reached(cheap, dear, row)]
    if row.k == 1:
        return [*lines, f"one answer of {cheap.letter} does not reach one of {dear.letter}"]
    few = f"{row.k} answers of {cheap.letter} (pass@{row.k} {row.score:.1%})"
    return [*lines, f"up to {few} do not reach one of {dear.letter}"]


def _reached(cheap: Side, dear: Side, row: Attempts) -> str:
    sure = "" if row.surely_reach else ", as far as was observed"
    if row.k == 1:
        return f"one answer of {cheap.letter} reaches one of {dear.letter}{sure}; {_times(row.saving)}"
    picked = f"pass@{row.k} {row.score:.1%}, if something picks the right one"
    return f"{row.k} answers of {cheap.letter} ({picked}) reach one of {dear.letter}{sure}; {_times(row.saving)}"


def _times(saving: Estimate) -> str:
    """How much cheaper the cheap answers are together than the dear one; there may be so many that they are dearer."""
    if saving.value is None:
        return "for nothing"
    if saving.low == saving.high == 1:
        return "at the same price"
    if saving.value >= 1:
        return f"{_number(saving.value)} times cheaper ({_number(saving.low)} to {_number(saving.high)})"
    least, most = 1 / saving.high, 1 / saving.low if saving.low else inf
    return f"{_number(1 / saving.value)} times dearer ({_number(least)} to {_number(most)})"


def _number(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.3g}"


def _dollars(estimate: Estimate) -> str:
    if estimate.value is None:
        return f"nothing solved, at least {rounded(estimate.low)}" if isfinite(estimate.low) else "nothing solved"
    high = f"to {rounded(estimate.high)}" if isfinite(estimate.high) else "or more"
    return f"{rounded(estimate.value)} ({rounded(estimate.low)} {high})"
