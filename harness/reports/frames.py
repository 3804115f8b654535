"""Runs as pandas frames: a row a sample, and a row a run."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from harness.answer import Answer
from harness.records import Report, Verdict

Frame = pd.DataFrame

SAMPLE_COLUMNS = {
    "task_id": "string",
    "index": "int64",
    "verdict": "string",
    "passed": "boolean",
    "failure": "string",
    "detail": "string",
    "completion": "string",
    "program": "string",
    "method": "string",
    "mode": "string",
    "stages": "string",
    "cpu_s": "float64",
    "wall_s": "float64",
    "input_tokens": "Int64",
    "output_tokens": "Int64",
    "cached_tokens": "Int64",
    "reasoning_tokens": "Int64",
    "finish_reason": "string",
    "model": "string",
    "created": "datetime64[ns, UTC]",
}
"""The columns of `sample_frame` and their types; what is not known is missing, never zero."""


def sample_frame(answers: Iterable[Answer]) -> Frame:
    """A row for each sample in the run's order, with the columns of `SAMPLE_COLUMNS`.

    `passed` is missing where a sample has no verdict; `stages` are joined by commas; `completion` is the answer's text.
    """
    frame = pd.DataFrame(_rows(answers), columns=list(SAMPLE_COLUMNS))
    return frame.astype({name: kind for name, kind in SAMPLE_COLUMNS.items() if name != "created"}).assign(
        created=pd.to_datetime(frame["created"], utc=True)
    )


def report_frame(reports: Iterable[Report]) -> Frame:
    """A row for each report, by run id: model, suite, coverage, every metric with its interval, tokens and cost."""
    rows = [_report_row(report) for report in reports]
    return pd.DataFrame(rows).set_index("run_id") if rows else pd.DataFrame()


def write_parquet(answers: Iterable[Answer], path: Path) -> None:
    """`sample_frame` as a parquet file."""
    sample_frame(answers).to_parquet(path, index=False)


def _rows(answers: Iterable[Answer]) -> Iterator[dict[str, Any]]:
    for answer in answers:
        sample, execution, usage = answer.sample, answer.execution, answer.sample.usage
        row: dict[str, Any] = {
            "task_id": sample.task_id,
            "index": sample.index,
            "completion": sample.completion if sample.completion is not None else sample.solution,
            "program": answer.program.source,
            "method": answer.program.method,
            "finish_reason": sample.finish_reason,
            "model": sample.model,
            "created": sample.created,
        }
        if usage is not None:
            row |= {f"{name}_tokens": count for name, count in usage.model_dump(exclude={"apportioned"}).items()}
        if execution is not None:
            row |= execution.model_dump(include={"detail", "mode", "cpu_s", "wall_s"})
            row |= {"verdict": execution.verdict, "stages": ",".join(execution.stages)}
            row["passed"] = None if execution.verdict is None else execution.verdict is Verdict.PASSED
            row["failure"] = execution.failure and f"{execution.failure.kind}: {execution.failure.message}"
        yield row


def _report_row(report: Report) -> dict[str, Any]:
    return {
        "run_id": report.run_id,
        "model": report.model,
        "suite": report.suite.name,
        "suite_version": report.suite.version,
        "problems": report.problems,
        "samples": report.samples,
        "coverage": report.coverage,
        **report.metrics,
        "input_tokens": None if report.usage.unreported else report.usage.input,
        "output_tokens": None if report.usage.unreported else report.usage.output,
        "cost": None if report.cost is None else float(report.cost.total),
    }
