"""What `harness score` does once its options are read."""

from dataclasses import replace
from pathlib import Path

from harness.cli.data import DataChoice, load_suites
from harness.cli.session import Options, Session, log_to, make_sandbox, run_session
from harness.errors import UserError
from harness.pipeline.plan import plan_score
from harness.pipeline.run import RunPipeline
from harness.pipeline.score import take_over
from harness.store import RunDirectory
from harness.suites import Suite, load_definition

MOST_NAMED = 5


def score(path: Path, suite_name: str, label: str, data: DataChoice, options: Options, *, partial: bool) -> None:
    """Judge the samples of a file.

    Raises:
        UserError: the file is malformed, or does not belong to the suite.
        MachineError: no sandbox.
    """

    async def body(session: Session) -> None:
        async with make_sandbox(options) as sandbox:
            run, suite = _take_over(path, suite_name, label, data, options, partial=partial)
            with run.writing() as writer:
                writer.update_info(run.info().model_copy(update={"sandbox": sandbox.describe()}))
            with log_to(run, options.verbose):
                outcome = await RunPipeline(run, suite, None, sandbox, session.show, session.stop).complete()
        session.finished(run, outcome)
        _tell_missing(session, run)

    run_session(options, body)


def _take_over(
    path: Path, suite_name: str, label: str, data: DataChoice, options: Options, *, partial: bool
) -> tuple[RunDirectory, Suite]:
    """The run that holds the file's samples; a file that goes beyond the default split is read with the whole suite."""
    [(suite, local)] = load_suites([suite_name], data)
    try:
        return take_over(path, suite, plan_score(path, suite, label, local), options.results, partial=partial), suite
    except UserError:
        if data.split is not None or "all" not in load_definition(suite_name).splits:
            raise
    [(suite, local)] = load_suites([suite_name], replace(data, split="all"))
    return take_over(path, suite, plan_score(path, suite, label, local), options.results, partial=partial), suite


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
