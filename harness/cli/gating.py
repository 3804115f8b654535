"""Gates on the command line: what they are, what they say, and the files that a CI reads."""

import os
from collections.abc import Sequence
from pathlib import Path

import typer

from harness.cli.reading import read_reports
from harness.errors import MachineError, UsageError
from harness.records import Report, SuiteInfo
from harness.reports.gates import Gates, Judgement, Threshold, baseline_of, judge
from harness.reports.junit import junit
from harness.reports.per_problem import METRIC, POINTS
from harness.reports.summary import step_summary
from harness.store import RunDirectory

BELOW_THRESHOLD = 3
INCOMPLETE = 4
WORSE_THAN_BASELINE = 6


def read_gates(fail_under: Sequence[str] | None, baseline: Path | None, max_drop: float | None) -> Gates:
    """The gates that the options ask for.

    Raises:
        UsageError: a threshold is malformed, or --max-drop has no baseline.
        UserError: the baseline cannot be read.
    """
    if max_drop is not None and baseline is None:
        raise UsageError("--max-drop needs a baseline.", "Name one with --baseline.")
    return Gates(
        thresholds=tuple(_threshold(text) for text in fail_under or ()),
        baseline=read_reports(baseline) if baseline is not None else (),
        max_drop=max_drop or 0.0,
    )


def require_metrics(gates: Gates, suite: SuiteInfo, model: str, n: int) -> None:
    """Refuse, before anything is spent, what a run of `n` samples of this suite could not be judged by.

    Raises:
        UsageError: a threshold's metric that the run will not have.
        UserError: a baseline that has no run of this suite.
    """
    for threshold in gates.thresholds:
        if threshold.metric == POINTS and suite.points:
            continue
        found = METRIC.fullmatch(threshold.metric)
        if found is None or (found[2] and found[2] not in suite.stages):
            known = ["pass@1", *(f"pass@1 {stage}" for stage in suite.stages), *([POINTS] if suite.points else [])]
            raise UsageError(f"--fail-under: {suite.name} has no {threshold.metric}.", f"It has {', '.join(known)}.")
        if int(found[1]) > n:
            raise UsageError(f"--fail-under: {threshold.metric} needs {found[1]} samples a problem.", f"-n {found[1]}.")
    if gates.baseline:
        baseline_of(suite, model, gates.baseline)


def require_writable(junit_file: Path | None) -> None:
    """Refuse a JUnit file that cannot be written before anything is spent: a CI's disk is gone when its job fails.

    Raises:
        MachineError: it is a folder, or its folder cannot be made or written.
    """
    if junit_file is None:
        return
    try:
        junit_file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MachineError(f"Cannot write {junit_file}: {error.strerror}.", "Choose another file.") from error
    there = junit_file if junit_file.exists() else junit_file.parent
    if junit_file.is_dir() or not os.access(there, os.W_OK):
        raise MachineError(f"Cannot write {junit_file}: it is a folder, or not yours.", "Choose another file.")


def apply_gates(gates: Gates, runs: Sequence[tuple[RunDirectory, Report]], junit_file: Path | None) -> int:
    """Judge the runs, say so on standard error, write what CI reads; the exit code of what failed, or 0.

    Raises:
        UserError: a run lacks a metric, or the baseline has no run of its suite.
        MachineError: a file cannot be written.
    """
    judgements = [judgement for _, report in runs for judgement in judge(report, gates)]
    for judgement in judgements:
        typer.echo(f"gate {judgement.outcome}: {judgement.gate}: {judgement.message}", err=True)
    if junit_file is not None:
        _write(junit_file, junit([(report, run.executions()) for run, report in runs], judgements))
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary and runs:
        _append(Path(summary), step_summary([report for _, report in runs], judgements))
    return _exit_code(judgements)


def _exit_code(judgements: Sequence[Judgement]) -> int:
    """A threshold goes before a baseline, what is certain before what the missing samples decide."""
    if any(judgement.outcome == "failed" and judgement.kind == "threshold" for judgement in judgements):
        return BELOW_THRESHOLD
    if any(judgement.outcome == "failed" for judgement in judgements):
        return WORSE_THAN_BASELINE
    return INCOMPLETE if any(judgement.outcome == "open" for judgement in judgements) else 0


def _threshold(text: str) -> Threshold:
    metric, equals, share = text.partition("=")
    try:
        least = float(share)
    except ValueError:
        least = -1.0
    if metric == POINTS and equals and least >= 0:
        return Threshold(metric, least)
    if not equals or not 0 <= least <= 1 or METRIC.fullmatch(metric) is None:
        raise UsageError(
            f"--fail-under {text}: not METRIC=SHARE.",
            "Write for example pass@1=0.8, with 0 <= SHARE <= 1, or points=140.",
        )
    return Threshold(metric, least)


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise MachineError(f"Cannot write {path}: {error.strerror}.", "Choose another file.") from error


def _append(path: Path, text: str) -> None:
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise MachineError(f"Cannot write {path} ($GITHUB_STEP_SUMMARY): {error.strerror}.") from error
