"""What `harness runs show RUN TASK` prints: each answer to a problem as a good test runner would tell it."""

from dataclasses import asdict

import typer
from pydantic_core import to_json

from harness.answer import Answer
from harness.cli.data import suite_of
from harness.cli.tables import printable
from harness.errors import HarnessError, UserError
from harness.pipeline.answers import answers_of
from harness.records import Execution, PointsRule, Prompt, RunInfo, Sample, Verdict
from harness.reports.failing import Failing, failing_of
from harness.reports.measures import answer_table, points_in_words
from harness.store import RunDirectory


def show_problem(
    run: RunDirectory, problem: str, index: int | None, data: list[str] | None, *, as_json: bool = False
) -> None:
    """Print the answers to one problem, or one of them: prompt, answer, program, what failed and its output.

    Without the suite's data, prompt and program are left out and a note on standard error says why.

    Raises:
        UserError: the run has no such problem or sample.
    """
    info = run.info()
    task_id = task_in(info, problem)
    executions = {one.index: one for one in run.executions() if one.task_id == task_id}
    samples = {
        sample.index: sample for sample in run.samples() if sample.task_id == task_id and index in (None, sample.index)
    }
    if not samples:
        asked = task_id if index is None else f"{task_id}, index {index}"
        raise UserError(f"{info.run_id} has no sample of {asked}.", f"`harness resume {info.run_id}` may bring it.")
    answers = _answers(run, task_id, data)
    if as_json:
        typer.echo(to_json([_plain(s, executions.get(i), answers.get(i)) for i, s in samples.items()], indent=2))
        return
    for number, sample in samples.items():
        _show(sample, executions.get(number), answers.get(number), info.suite.points)


def task_in(info: RunInfo, problem: str) -> str:
    """The run's own id of a problem, by its whole name or by what follows the slash.

    Raises:
        UserError: the run has no such problem.
    """
    known = {task_id.rpartition("/")[2]: task_id for task_id in info.task_ids} | {t: t for t in info.task_ids}
    found = known.get(problem) or known.get(problem.rpartition("/")[2])
    if found is None:
        raise UserError(f"{info.run_id} has no problem {problem!r}.", f"Its ids look like {info.task_ids[0]}.")
    return found


def word_of(execution: Execution | None, rule: PointsRule | None = None) -> str:
    """What became of a sample, in a word or a few, with its points where the suite has a rule for them."""
    if execution is None:
        return "not judged"
    if execution.failure is not None:
        return f"unscored ({execution.failure.kind}: {execution.failure.reason})"
    if rule is not None:
        return f"{execution.verdict}, {points_in_words(execution, rule)}"
    if execution.verdict is Verdict.PASSED or not execution.stages:
        return str(execution.verdict)
    return f"{execution.verdict} ({', '.join(execution.stages)} passed)"


def _answers(run: RunDirectory, task_id: str, data: list[str] | None) -> dict[int, Answer]:
    try:
        return {answer.sample.index: answer for answer in answers_of(run, suite_of(run.info(), data), task_id)}
    except HarnessError as error:
        typer.echo(f"harness: without prompt and program: {error}", err=True)
        return {}


def _show(sample: Sample, execution: Execution | None, answer: Answer | None, rule: PointsRule | None) -> None:
    failing = failing_of(execution.detail) if execution and execution.detail else None
    typer.echo(f"=== {sample.task_id} sample {sample.index}: {word_of(execution, rule)} ===")
    parts = {
        "prompt": _prompt(answer.prompt) if answer and answer.prompt else None,
        "problem": answer.problem.prompt if answer and answer.prompt is None else None,
        "reasoning": sample.reasoning,
        "answer": sample.completion if sample.completion is not None else sample.solution,
        "program": _numbered(answer.program.source, failing.line if failing else 0) if answer else None,
        "extraction": f"{execution.method}: {'; '.join(execution.notes) or 'as it is'}" if execution else None,
        "what failed": _told(failing) if failing else None,
        "measured": _measured(execution, rule) if execution and execution.measures else None,
        "output": execution.output if execution else None,
        "failure": execution.failure.message if execution and execution.failure else None,
        "spent": _spent(sample, execution),
    }
    for title, text in parts.items():
        if text:
            typer.echo(f"--- {title}\n{printable(text).rstrip()}")


def _prompt(prompt: Prompt) -> str:
    return prompt.text or "\n".join(f"[{turn.role}]\n{turn.content}" for turn in prompt.messages)


def _numbered(source: str | None, raised: int) -> str | None:
    """The program with its line numbers; `>` marks the line that raised."""
    if source is None:
        return None
    lines = enumerate(source.rstrip().split("\n"), 1)
    return "\n".join(f"{'>' if number == raised else ' '}{number:4d}  {line}".rstrip() for number, line in lines)


def _told(failing: Failing) -> str:
    rows = (
        ("call", failing.call),
        ("expected", failing.expected),
        ("got", failing.got),
        ("check", failing.check),
        ("error", failing.error),
    )
    return "\n".join(f"{name:9} {text}" for name, text in rows if text)


def _measured(execution: Execution, rule: PointsRule | None) -> str:
    return "\n".join(
        f"{name:20} {value:>5}  {points}".rstrip() for name, value, points in answer_table(execution, rule)
    )


def _spent(sample: Sample, execution: Execution | None) -> str:
    spent = [f"{execution.cpu_s:.2f} s CPU, {execution.wall_s:.2f} s in all"] if execution and execution.wall_s else []
    if sample.usage is not None:
        spent.append(f"{sample.usage.input:,} tokens in, {sample.usage.output:,} out")
    return "; ".join(spent)


def _plain(sample: Sample, execution: Execution | None, answer: Answer | None) -> dict[str, object]:
    return {
        "sample": sample,
        "prompt": answer.prompt if answer else None,
        "program": answer.program if answer else None,
        "execution": execution,
        "failing": asdict(failing_of(execution.detail)) if execution and execution.detail else None,
    }
