"""A recorded run, answer by answer: sample, program and execution side by side; nothing is asked or executed."""

from collections.abc import Iterator

from harness.answer import Answer
from harness.errors import UserError
from harness.pipeline.program import program_of
from harness.records import RunInfo
from harness.store import RunDirectory
from harness.suites import Suite


def answers_of(run: RunDirectory, suite: Suite, task_id: str | None = None) -> Iterator[Answer]:
    """The answers of a run, or those to one problem, in the order of its samples; programs are extracted anew.

    Raises:
        UserError: the suite is not the one of the run (another fingerprint).
    """
    info = run.info()
    if info.suite.fingerprint != suite.info.fingerprint:
        raise UserError(
            f"The suite {info.suite.name} has changed since {info.run_id} was made: its fingerprint is "
            f"{suite.info.fingerprint}, the run's is {info.suite.fingerprint}.",
            "Name the data that it was made with (--data PATH).",
        )
    executions = run.last_executions(task_id)
    preset = suite.preset(info.preset, info.prompt_mode) if info.kind == "eval" else None
    for sample in run.samples():
        if task_id in (None, sample.task_id):
            problem = suite.problem(sample.task_id)
            prompt = suite.prompt(problem, preset) if preset else None
            program = program_of(sample, problem, info.prompt_mode, stop_of(info, suite))
            yield Answer(problem, prompt, sample, program, executions.get((sample.task_id, sample.index)))


def stop_of(info: RunInfo, suite: Suite) -> tuple[str, ...]:
    """The stop sequences that a run's answers were drawn with; none for somebody else's samples."""
    return suite.preset(info.preset, info.prompt_mode).stop if info.kind == "eval" else ()
