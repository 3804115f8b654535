"""What the choice of extractor does to a run: each answer under ours and under its rivals, judged side by side.

Ours keeps the verdicts that the run has; another extractor's program is run only where no extractor found the same one
before. A sandbox fault leaves a program without a verdict: it counts neither as gained nor as lost.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import anyio

from harness.answer import Answer
from harness.errors import SandboxError
from harness.pipeline.answers import answers_of, stop_of
from harness.records import Job, Problem, Program, Verdict
from harness.sandboxes.base import TOGETHER, Sandbox
from harness.store import RunDirectory
from harness.suites import Suite
from harness.suites.extraction.rivals import RIVALS, extract_as

OURS = "ours"
EXTRACTORS = (OURS, *RIVALS)


@dataclass(frozen=True)
class Audited:
    """One answer: what each extractor found in it, and the verdict of that; None where there is none."""

    answer: Answer
    programs: dict[str, Program]
    verdicts: dict[str, Verdict | None]

    @property
    def differs(self) -> bool:
        """Whether some extractor passes and another does not."""
        return len({verdict is Verdict.PASSED for verdict in self.verdicts.values() if verdict is not None}) > 1


@dataclass(frozen=True)
class Tally:
    """Of one extractor: samples passed, and those that only it or only ours passed."""

    passed: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass
class Audit:
    """All answers of a run; `skipped` counts samples that are programs already: nothing is extracted from them."""

    answers: list[Audited] = field(default_factory=list)
    skipped: int = 0

    def tally(self, extractor: str) -> Tally:
        """What an extractor would have made of the run; gained and lost name samples as `task_id#index`."""
        named = [(f"{one.answer.sample.task_id}#{one.answer.sample.index}", one.verdicts) for one in self.answers]
        both = [(name, v[extractor], v[OURS]) for name, v in named if v[extractor] and v[OURS]]
        return Tally(
            passed=sum(verdicts[extractor] is Verdict.PASSED for _, verdicts in named),
            gained=tuple(name for name, its, ours in both if its is Verdict.PASSED and ours is not Verdict.PASSED),
            lost=tuple(name for name, its, ours in both if its is not Verdict.PASSED and ours is Verdict.PASSED),
        )


async def audit_run(run: RunDirectory, suite: Suite, sandbox: Sandbox) -> Audit:
    """Judge what each extractor finds in the recorded answers of `run`.

    Raises:
        UserError: the suite is not the one of the run.
    """
    audit = Audit()
    answers = [answer for answer in answers_of(run, suite) if answer.sample.raw]
    audit.skipped = sum(1 for _ in run.samples()) - len(answers)
    found: dict[int, Audited] = {}
    stop, mode, waiting = stop_of(run.info(), suite), run.info().prompt_mode, enumerate(answers)

    async def work() -> None:
        for place, answer in waiting:
            text = answer.sample.completion or ""
            rivals = {name: extract_as(name, text, answer.problem, mode, stop) for name in RIVALS}
            programs = {OURS: answer.program} | rivals
            found[place] = Audited(answer, programs, await _verdicts(answer, programs, sandbox))

    async with anyio.create_task_group() as group:
        for _ in range(TOGETHER * sandbox.parallel):
            group.start_soon(work)
    audit.answers = [found[place] for place in range(len(answers))]
    return audit


async def _verdicts(answer: Answer, programs: dict[str, Program], sandbox: Sandbox) -> dict[str, Verdict | None]:
    known: dict[str | None, Verdict | None] = {None: Verdict.NO_CODE}
    if answer.execution is not None and answer.execution.verdict is not None:
        known[programs[OURS].source] = answer.execution.verdict
    for place, source in enumerate(_sources(programs.values())):
        if source not in known:
            job_id = f"{answer.sample.task_id}#{answer.sample.index}!{place}"
            known[source] = await _judge(sandbox, job_id, source, answer.problem)
    return {name: known[program.source] for name, program in programs.items()}


def _sources(programs: Iterable[Program]) -> Iterator[str]:
    return (program.source for program in programs if program.source is not None)


async def _judge(sandbox: Sandbox, job_id: str, source: str, problem: Problem) -> Verdict | None:
    try:
        outcome = await sandbox.run(Job(id=job_id, program=source, check=problem.check, limits=problem.limits))
    except SandboxError:
        return None
    return outcome.verdict
