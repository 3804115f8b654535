"""Tables on standard output: aligned, and plain where the output is not a terminal."""

import re
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.pricing.dollars import rounded
from harness.records import Report, UsageTotal

PIPE_WIDTH = 1000
"""Columns where standard output is no terminal: wide enough that nothing is cut or folded."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

PAIR_WIDTH = 200
"""The same for two texts side by side."""


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]], *, numbers_from: int = 1) -> None:
    """Print rows under their header; columns from `numbers_from` on are aligned to the right."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PIPE_WIDTH)
    table = Table(box=box.SIMPLE_HEAD if console.is_terminal else box.ASCII2)
    for place, name in enumerate(header):
        table.add_column(name, justify="right" if place >= numbers_from else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def printable(text: str) -> str:
    """Text of a model's or a program's, harmless to a terminal: control characters are spelled out."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def print_side_by_side(left: tuple[str, str], right: tuple[str, str]) -> None:
    """Two texts under their titles, each folded to half of the terminal."""
    console = Console(highlight=False)
    console = console if console.is_terminal else Console(highlight=False, width=PAIR_WIDTH)
    table = Table(box=box.SIMPLE_HEAD if console.is_terminal else box.ASCII2, expand=True)
    for title, _ in (left, right):
        table.add_column(Text(title), ratio=1, overflow="fold")
    table.add_row(Text(printable(left[1])), Text(printable(right[1])))
    console.print(table)


def print_reports(reports: Sequence[Report]) -> None:
    """The table that an eval ends with: quality with its interval, coverage, tokens and money."""
    most = max(max_k(report) for report in reports)
    stages = list(dict.fromkeys(stage for report in reports for stage in report.suite.stages))
    header = ["model", "suite", "problems", "samples"]
    scored = any(report.suite.points for report in reports)
    header += ["points", "of", "95 % interval"] if scored else []
    header += ["pass@1", "95 % interval"]
    header += [f"pass@1 {stage}" for stage in stages]
    header += [f"pass@{most}"] if most > 1 else []
    header += ["coverage", "tokens in", "tokens out", "cost", "run"]
    print_table(header, [_row(report, most, stages, scored=scored) for report in reports], numbers_from=2)


def _row(report: Report, most: int, stages: Sequence[str], *, scored: bool) -> list[str]:
    metrics = report.metrics
    row = [report.model, f"{report.suite.name} v{report.suite.version}", str(report.problems), str(report.samples)]
    row += _points(report) if scored else []
    if "pass@1" in metrics:
        row += [f"{metrics['pass@1']:.1%}", f"{metrics['pass@1_low']:.1%} - {metrics['pass@1_high']:.1%}"]
    else:
        row += ["-", "-"]
    others = [f"pass@1 {stage}" for stage in stages] + ([f"pass@{most}"] if most > 1 else [])
    row += [f"{metrics[name]:.1%}" if name in metrics else "-" for name in others]
    row.append(f"{report.coverage:.1%}")
    return [*row, *token_counts(report.usage), money(report), report.run_id]


def _points(report: Report) -> list[str]:
    points = report.points
    if points is None:
        return ["-", "-", "-"]
    return [f"{points.total:.4g}", f"{points.maximum:.4g}", f"{points.low:.4g} - {points.high:.4g}"]


def max_k(report: Report) -> int:
    """The largest k for which the report has a pass@k; 1 where it has none."""
    return max((int(name[5:]) for name in report.metrics if name[5:].isdigit()), default=1)


def money(report: Report) -> str:
    """The cost in dollars, or `unknown`: what is not known is never shown as zero."""
    return "unknown" if report.cost is None else rounded(report.cost.total)


def token_counts(usage: UsageTotal) -> list[str]:
    """Input and output tokens; at least so many where some samples have no usage, `-` where none has."""
    least = ">=" if usage.unreported else ""
    return [f"{least}{count:,}" if count or not least else "-" for count in (usage.input, usage.output)]
