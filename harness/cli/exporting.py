"""What `harness export` writes."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import typer

from harness.answer import Answer
from harness.cli.data import suite_of
from harness.errors import MachineError, UsageError
from harness.formats.every_eval_samples import to_every_eval_samples
from harness.formats.to_every_eval import every_eval_path, samples_beside, to_every_eval
from harness.formats.to_inspect import to_inspect
from harness.formats.to_samples import to_evalplus, to_human_eval
from harness.pipeline.answers import answers_of
from harness.pipeline.run import make_report
from harness.records import RunInfo
from harness.store import RunDirectory
from harness.suites import Suite

SUFFIXES = {
    "human-eval": "jsonl",
    "evalplus": "jsonl",
    "inspect": "json",
    "every-eval-ever": "json",
    "parquet": "parquet",
}


def export(root: Path, name: str, to: str, output: Path | None, data: list[str] | None) -> None:
    """Write a run, finished or not, in another format.

    Raises:
        UsageError: no such format.
        UserError: no such run, or its suite is not to be had in the same content.
        MachineError: the file cannot be written.
    """
    if to not in SUFFIXES:
        raise UsageError(f"--to {to}: expected one of {', '.join(SUFFIXES)}.")
    run = RunDirectory.find(root, name)
    path = output or _default(run.info(), to)
    _export(run, suite_of(run.info(), data), to, path)
    typer.echo(path)


def _default(info: RunInfo, to: str) -> Path:
    return every_eval_path(info) if to == "every-eval-ever" else Path(f"{info.run_id}-{to}.{SUFFIXES[to]}")


def _export(run: RunDirectory, suite: Suite, to: str, path: Path) -> None:
    answers = answers_of(run, suite)
    if to == "every-eval-ever":
        _every_eval(run, answers, path)
    elif to == "inspect":
        _write(path, to_inspect(run.info(), make_report(run, run.info()), answers))
    elif to == "parquet":
        from harness.reports.frames import write_parquet

        _guarded(path, lambda: write_parquet(answers, path))
    else:
        _write(path, _LINES[to](answers))


def _every_eval(run: RunDirectory, answers: Iterable[Answer], path: Path) -> None:
    """The record, and its samples beside it where any has a verdict."""
    info, report, rows = run.info(), make_report(run, run.info()), 0

    def counted() -> Iterator[str]:
        nonlocal rows
        for line in to_every_eval_samples(info, report, answers):
            rows += 1
            yield line

    beside = samples_beside(path)
    _write(beside, counted())
    if not rows:
        beside.unlink()
    _write(path, [to_every_eval(info, report, datetime.now(UTC), rows)])


_LINES: dict[str, Callable[[Iterable[Answer]], Iterable[str]]] = {"human-eval": to_human_eval, "evalplus": to_evalplus}


def _write(path: Path, pieces: Iterable[str]) -> None:
    def write() -> None:
        with path.open("w", encoding="utf-8") as file:
            file.writelines(pieces)

    _guarded(path, write)


def _guarded(path: Path, write: Callable[[], None]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write()
    except OSError as error:
        raise MachineError(f"Cannot write {path}: {error.strerror}.", "Name another file with --output.") from error
