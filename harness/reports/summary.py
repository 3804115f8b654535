"""Markdown for a CI's page: a table of runs, and what each gate says."""

from collections.abc import Sequence

from harness.pricing.dollars import rounded
from harness.records import Report
from harness.reports.gates import Judgement

HEADER = ("model", "suite", "problems", "score", "95 % interval", "coverage", "cost")
MARKS = {"passed": "passed", "failed": "**failed**", "open": "**undecided**"}


def step_summary(reports: Sequence[Report], judgements: Sequence[Judgement]) -> str:
    """GitHub-flavoured markdown that ends in a line break."""
    table = [_row(HEADER), _row(["---"] * len(HEADER)), *(_row(_cells(report)) for report in reports)]
    said = [f"- {MARKS[judgement.outcome]}: `{judgement.gate}`: {judgement.message}" for judgement in judgements]
    return "\n".join(["### harness", "", *table, "", *said, *([""] if said else [])])


def _cells(report: Report) -> list[str]:
    metrics = report.metrics
    score, interval = "-", "-"
    if "pass@1" in metrics:
        score = f"{metrics['pass@1']:.1%}"
        interval = f"{metrics['pass@1_low']:.1%} to {metrics['pass@1_high']:.1%}"
    if report.points:
        points = report.points
        score = f"{points.total:.4g} of {points.maximum:.4g} points"
        interval = f"{points.low:.4g} to {points.high:.4g}"
    cost = rounded(report.cost.total) if report.cost else "unknown"
    suite = f"{report.suite.name} v{report.suite.version}"
    return [report.model, suite, str(report.problems), score, interval, f"{report.coverage:.1%}", cost]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
