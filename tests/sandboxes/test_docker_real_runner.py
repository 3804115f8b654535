"""Faults injected into a container with the real runner, while a slow program that is right runs in it."""

import os
import signal
from collections.abc import AsyncIterator, Callable

import anyio
import pytest
from docker import APIClient

from harness.records import Job, Verdict
from harness.sandboxes.docker import DockerSandbox
from harness.sandboxes.image import ImageInfo
from tests.processes import processes_of
from tests.sandboxes.disturbance import disturbed

pytestmark = [pytest.mark.docker, pytest.mark.anyio]

SLOW = "import time\n\n\ndef solve(a, b):\n    time.sleep(1.5)\n    x = bytearray(100_000_000)\n    return a + b\n"
GOOD = "def solve(a, b):\n    return a + b\n"
HUNGRY = "def solve(a, b):\n    x = bytearray(100_000_000)\n    return a + b\n"
LOOP = "def solve(a, b):\n    while True:\n        pass\n"


@pytest.fixture
async def sandbox(mine: Callable[[], list[str]], sandbox_image: ImageInfo) -> AsyncIterator[DockerSandbox]:
    """One warm cell."""
    async with DockerSandbox(parallel=1, image=sandbox_image.tag) as entered:
        yield entered


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may kill another user's processes")
@pytest.mark.parametrize("index", range(5))
async def test_a_killed_part_of_the_sandbox_is_no_verdict(
    sandbox: DockerSandbox,
    job: Callable[..., Job],
    mine: Callable[[], list[str]],
    engine: APIClient,
    index: int,
) -> None:
    """Runner, judge or helper killed from outside: the sample is run again and passes, it never fails for it."""

    def kill() -> None:
        (container,) = mine()
        numbers = {process.pid: process.parent for process in processes_of(engine, container).values()}
        parents = set(numbers.values())
        # The leaf with the longest line of parents is the program; killing that is what a program may do itself.
        trusted = sorted(pid for pid in numbers if pid in parents or _depth(pid, numbers) < _deepest(numbers))
        os.kill(trusted[min(index, len(trusted) - 1)], signal.SIGKILL)

    outcome = await disturbed(sandbox, job(SLOW, memory_mb=512), kill, after_s=0.8)
    assert outcome.verdict is Verdict.PASSED, outcome


async def test_memory_cut_from_outside_is_no_verdict(
    sandbox: DockerSandbox, job: Callable[..., Job], mine: Callable[[], list[str]], engine: APIClient
) -> None:
    """A container whose memory somebody lowers while it runs does not make the program out_of_memory."""

    def cut() -> None:
        engine.update_container(mine()[0], mem_limit=60 * 2**20)

    outcome = await disturbed(sandbox, job(SLOW, memory_mb=512), cut, after_s=0.8)
    assert outcome.verdict is Verdict.PASSED, outcome


async def test_no_job_waits_behind_a_long_one(
    mine: Callable[[], list[str]], sandbox_image: ImageInfo, job: Callable[..., Job]
) -> None:
    """Jobs that were handed over together with one that loops are done elsewhere long before that one is."""
    ended: list[str] = []

    async def run(one: Job) -> None:
        outcome = await sandbox.run(one)
        assert outcome.verdict is (Verdict.TIMEOUT if one.program == LOOP else Verdict.PASSED), outcome
        ended.append(one.id)

    async with DockerSandbox(parallel=3, image=sandbox_image.tag) as sandbox:
        await run(job(GOOD, 100))
        async with anyio.create_task_group() as tasks:
            for number in range(30):
                tasks.start_soon(run, job(LOOP if number in (0, 10) else GOOD, number, cpu_s=2.0))
    assert set(ended[-2:]) == {"test/0", "test/10"}


async def test_memory_cut_under_several_jobs_is_no_verdict(
    sandbox: DockerSandbox, job: Callable[..., Job], mine: Callable[[], list[str]], engine: APIClient
) -> None:
    """Of jobs that were handed over together none is out_of_memory because somebody lowered the container's memory."""
    found: list[Verdict] = []

    async def run(one: Job) -> None:
        found.append((await sandbox.run(one)).verdict)

    await run(job(GOOD, memory_mb=512))
    engine.update_container(mine()[0], mem_limit=60 * 2**20)
    async with anyio.create_task_group() as tasks:
        for number in range(4):
            tasks.start_soon(run, job(HUNGRY, number, memory_mb=512))
    assert found == [Verdict.PASSED] * 5


def _depth(pid: int, parents: dict[int, int]) -> int:
    depth = 0
    while pid in parents:
        pid, depth = parents[pid], depth + 1
    return depth


def _deepest(parents: dict[int, int]) -> int:
    return max(_depth(pid, parents) for pid in parents)
