"""Does this machine judge a suite rightly? Every reference solution must pass, every known-bad program must not."""

from collections import Counter
from dataclasses import dataclass, field

import anyio

from harness.records import Job, Problem, Verdict
from harness.sandboxes.base import TOGETHER, Sandbox
from harness.suites import Suite


@dataclass
class SuiteCheck:
    """What came of it; `surprises` has a line for every program with another verdict than it must get."""

    references: int = 0
    references_passed: int = 0
    bad: int = 0
    bad_refused: int = 0
    modes: Counter[str] = field(default_factory=Counter)
    surprises: list[str] = field(default_factory=list)


async def check_suite(suite: Suite, sandbox: Sandbox) -> SuiteCheck:
    """Judge all references and known-bad programs of `suite`.

    Raises:
        SandboxError: the sandbox broke; nothing is known of the suite then.
    """
    result = SuiteCheck()
    limiter = anyio.CapacityLimiter(TOGETHER * sandbox.parallel)
    async with anyio.create_task_group() as group:
        for problem in suite.problems:
            for place, (program, verdict) in enumerate(_programs(problem)):
                await limiter.acquire_on_behalf_of((problem.task_id, place))
                group.start_soon(_judge, sandbox, limiter, problem, place, program, verdict, result)
    return result


def _programs(problem: Problem) -> list[tuple[str, Verdict]]:
    good = [(problem.reference, Verdict.PASSED)] if problem.reference is not None else []
    return good + [(bad.program, bad.verdict) for bad in problem.known_bad]


async def _judge(  # noqa: PLR0913, PLR0917 - one flat step
    sandbox: Sandbox,
    limiter: anyio.CapacityLimiter,
    problem: Problem,
    place: int,
    program: str,
    expected: Verdict,
    result: SuiteCheck,
) -> None:
    job = Job(id=f"{problem.task_id}!{place}", program=program, check=problem.check, limits=problem.limits)
    try:
        outcome = await sandbox.run(job)
    finally:
        limiter.release_on_behalf_of((problem.task_id, place))
    right = outcome.verdict is expected
    result.modes[outcome.mode] += 1
    if expected is Verdict.PASSED:
        result.references += 1
        result.references_passed += right
    else:
        result.bad += 1
        result.bad_refused += right
    if not right:
        what = "reference" if expected is Verdict.PASSED else f"known-bad program {place}"
        result.surprises.append(
            f"{problem.task_id}: the {what} got {outcome.verdict}, expected {expected}: {outcome.detail}"
        )
