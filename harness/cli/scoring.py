"""What `harness score` does once its options are read."""

from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import JsonValue

from harness.cli.data import DataChoice, load_suites
from harness.cli.logs import log_to
from harness.cli.session import Options, Session, run_session, scoring_sandbox
from harness.errors import UserError
from harness.formats.samples import values_of
from harness.pipeline.plan import plan_score
from harness.pipeline.run import RunPipeline
from harness.pipeline.score import Rows, take_over
from harness.sandboxes.base import Sandbox
from harness.store import RunDirectory
from harness.suites import Suite, load_definition

MOST_NAMED = 5


@dataclass(frozen=True)
class SampleFile:
    """A file to score: whose samples, in which sandbox, into which results folder, and how it is read."""

    path: Path
    label: str
    sandbox: dict[str, JsonValue]
    results: Path
    rows: Rows

    def taken_over(self, suite_name: str, data: DataChoice) -> tuple[RunDirectory, Suite]:
        """A new run that holds the samples, and the suite that they belong to; UserError where they do not."""
        [(suite, local)] = load_suites([suite_name], data)
        info = plan_score(self.path, suite, self.label, local).model_copy(update={"sandbox": self.sandbox})
        return take_over(self.path, suite, info, self.results, self.rows), suite


@dataclass(frozen=True)
class Scored:
    """What is to be scored. With `each`, a column of the file, one run for every value there, named by it."""

    path: Path
    suite: str
    label: str
    data: DataChoice
    rows: Rows
    each: str | None = None

    def parts(self) -> list[tuple[str, Rows]]:
        """Label and rows of every run; UserError where no row has the column."""
        if self.each is None:
            return [(self.label, self.rows)]
        return [(value, replace(self.rows, only=(self.each, value))) for value in values_of(self.path, self.each)]


def score(wanted: Scored, options: Options) -> None:
    """Judge the samples of a file.

    Raises:
        UserError: the file is malformed, or does not belong to the suite.
        MachineError: no sandbox.
    """
    parts, language = wanted.parts(), load_definition(wanted.suite).language

    async def body(session: Session) -> None:
        async with scoring_sandbox(options, language) as sandbox:
            for label, rows in parts:
                if not session.stop.is_set():
                    sample_file = SampleFile(wanted.path, label, sandbox.describe(), options.results, rows)
                    await _score(session, sample_file, wanted, sandbox)

    run_session(options, body)


async def _score(session: Session, sample_file: SampleFile, wanted: Scored, sandbox: Sandbox) -> None:
    run, suite = _take_over(sample_file, wanted.suite, wanted.data)
    with log_to(run, session.options.verbose):
        outcome = await RunPipeline(run, suite, None, sandbox, session.show, session.stop).complete()
    session.finished(run, outcome)
    if not outcome.complete:
        _tell_missing(session, run)


def _take_over(sample_file: SampleFile, suite_name: str, data: DataChoice) -> tuple[RunDirectory, Suite]:
    """The run that holds the file's samples; a file that goes beyond the default split is read with the whole suite."""
    try:
        return sample_file.taken_over(suite_name, data)
    except UserError:
        if data.split is not None or "all" not in load_definition(suite_name).splits:
            raise
    return sample_file.taken_over(suite_name, replace(data, split="all"))


def _tell_missing(session: Session, run: RunDirectory) -> None:
    info = run.info()
    have = {sample.task_id for sample in run.samples()}
    lacking = [task_id for task_id in info.task_ids if task_id not in have]
    if lacking:
        named = ", ".join(lacking[:MOST_NAMED]) + (", ..." if len(lacking) > MOST_NAMED else "")
        session.note(
            f"{info.samples_file} has no sample for {len(lacking)} of {len(info.task_ids)} problems ({named}). "
            "They are unscored, not failed; --partial takes the file for the whole."
        )
