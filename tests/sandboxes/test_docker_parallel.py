"""The same samples get the same verdicts however many are judged at once."""

from typing import Any

import anyio
import pytest

from harness.records import Job, Verdict
from harness.sandboxes.docker import DockerSandbox
from harness.sandboxes.image import ImageInfo
from harness.suites import load_suite

pytestmark = [pytest.mark.docker, pytest.mark.anyio, pytest.mark.usefixtures("mine")]


def jobs() -> list[tuple[Job, Verdict]]:
    """Every reference and every known-bad program of the smoke suite, with the verdict that it must get."""
    made = []
    for problem in load_suite("smoke").problems:
        rest: dict[str, Any] = {"check": problem.check, "limits": problem.limits}
        made.append((Job(id=problem.task_id, program=problem.reference or "", **rest), Verdict.PASSED))
        made += [
            (Job(id=f"{problem.task_id}#{number}", program=bad.program, **rest), bad.verdict)
            for number, bad in enumerate(problem.known_bad)
        ]
    return made


@pytest.mark.parametrize("parallel", [1, 2, 4, 16])
async def test_verdicts_do_not_depend_on_parallelism(sandbox_image: ImageInfo, parallel: int) -> None:
    """False verdict prevented: a right program that times out, or a hog that passes, because others ran beside it."""
    wrong: list[str] = []

    async def judge(sandbox: DockerSandbox, job: Job, expected: Verdict) -> None:
        outcome = await sandbox.run(job)
        if outcome.verdict is not expected:
            wrong.append(f"{job.id}: {outcome.verdict}, expected {expected}: {outcome.detail}")

    async with DockerSandbox(parallel=parallel, image=sandbox_image.tag) as sandbox, anyio.create_task_group() as tasks:
        for job, expected in jobs():
            tasks.start_soon(judge, sandbox, job, expected)
    assert wrong == []
