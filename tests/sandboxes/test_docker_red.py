"""Our own attack cases in warm containers: each in turn with a right program, so that a changed neighbour shows.

`red_cases.jsonl` has one case a line: what it tries (forge, escape, resource) or that it is odd but right (benign), the
program, its test and the verdicts that it may get. A case that looks around (escape) passes when it found nothing.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from harness.records import Job, Limits, PythonCheck, Verdict
from harness.sandboxes.docker import DockerSandbox
from harness.sandboxes.image import ImageInfo

CASES = Path(__file__).with_name("red_cases.jsonl")
LIMITS = {"cpu_s": 3.0, "wall_s": 8.0, "memory_mb": 512, "processes": 32, "file_mb": 16, "output_mb": 4}
GOOD = {"name": "good", "program": "def solve(a, b):\n    return a + b\n", "test": "assert solve(2, 3) == 5\n"}

pytestmark = [pytest.mark.docker, pytest.mark.anyio]


def job(case: dict[str, Any]) -> Job:
    """The case as a sandbox takes it."""
    check = PythonCheck(
        setup=case.get("setup", ""),
        functions=tuple(case.get("functions", ["solve"])),
        classes=tuple(case.get("classes", [])),
        test=case["test"],
    )
    return Job(
        id=f"red/{case['name']}", program=case["program"], check=check, limits=Limits(**LIMITS | case.get("limits", {}))
    )


async def tried(cases: Iterator[dict[str, Any]], sandbox: DockerSandbox, wrong: list[str]) -> None:
    """Run cases, each before a right program, until none is left; what was wrong goes to `wrong`."""
    for case in cases:
        outcome = await sandbox.run(job(case))
        if outcome.verdict not in case["accept"]:
            wrong.append(f"{case['category']} {case['name']}: {outcome.verdict}: {outcome.detail} {outcome.output}")
        if (after := await sandbox.run(job(GOOD))).verdict is not Verdict.PASSED:
            wrong.append(f"the neighbour of {case['name']}: {after.verdict}: {after.detail}")


async def test_every_case_of_ours_has_its_verdict(sandbox_image: ImageInfo) -> None:
    """False passes, false fails, escapes and changed neighbours prevented: every case gets a verdict it may get."""
    waiting = iter([json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()])
    wrong: list[str] = []
    async with DockerSandbox(parallel=2, image=sandbox_image.tag) as sandbox, anyio.create_task_group() as workers:
        for _ in range(2):
            workers.start_soon(tried, waiting, sandbox, wrong)
    assert wrong == []
