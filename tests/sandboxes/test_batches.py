"""Jobs handed over several at a time, by a pool that only notes what it was given and answers as told."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import cast

import anyio
import pytest

from harness.errors import SandboxError
from harness.records import Job, Outcome, Verdict
from harness.sandboxes.base import TOGETHER
from harness.sandboxes.batches import Batches
from harness.sandboxes.cell import Answer, CellError, Request, Tell, Untried
from harness.sandboxes.gate import Gate
from harness.sandboxes.pool import Pool

pytestmark = pytest.mark.anyio

MakeJob = Callable[..., Job]
DIED = CellError("container_died", "The container ended with status 9.", Verdict.ERROR)


def passed(request: Request) -> Answer:
    """The outcome of a right program."""
    return Outcome(id=request.job.id, verdict=Verdict.PASSED)


class Noting:
    """What `Batches` uses of a pool. `answer` is asked for each request of a batch: (request, place, size)."""

    def __init__(self, answer: Callable[[Request, int, int], Answer] = lambda request, *_: passed(request)) -> None:
        self.reuse = True
        self.batches: list[list[str]] = []
        self.fresh: list[bool] = []
        self.took_s = 0.001
        self._answer = answer

    async def run(self, requests: Sequence[Request], tell: Tell, *, fresh: bool = False) -> None:
        """Answer each, after a moment."""
        self.batches.append([request.job.program for request in requests])
        self.fresh.append(fresh)
        await anyio.sleep(self.took_s)
        for place, request in enumerate(requests):
            tell(request, self._answer(request, place, len(requests)))


@asynccontextmanager
async def batches(pool: Noting, parallel: int = 1) -> AsyncGenerator[Batches, None]:
    """Over that pool, with as many at work."""
    made = Batches(cast(Pool, pool), Gate())
    async with anyio.create_task_group() as workers:
        for _ in range(parallel):
            workers.start_soon(made.work)
        yield made
        workers.cancel_scope.cancel()


async def run_all(pool: Noting, jobs: Sequence[Job], parallel: int = 1) -> list[Outcome | Exception]:
    """What came of each job, all started at once; a job whose program is `fresh` asks for a fresh container."""
    found: dict[int, Outcome | Exception] = {}

    async def run(place: int, one: Job) -> None:
        try:
            found[place] = await made.run(one, fresh=one.program == "fresh")
        except (CellError, SandboxError) as error:
            found[place] = error

    async with batches(pool, parallel) as made, anyio.create_task_group() as tasks:
        for place, one in enumerate(jobs):
            tasks.start_soon(run, place, one)
    return [found[place] for place in range(len(jobs))]


def verdicts(found: Sequence[Outcome | Exception]) -> list[Verdict | None]:
    """None where there is an error."""
    return [one.verdict if isinstance(one, Outcome) else None for one in found]


async def test_jobs_that_come_together_go_together(job: MakeJob) -> None:
    """One message carries as many jobs as may go together, in their order, and each caller gets its own outcome."""
    pool, jobs = Noting(), [job(f"p{number}", number) for number in range(TOGETHER + 3)]
    found = await run_all(pool, jobs)
    assert [len(batch) for batch in pool.batches] == [TOGETHER, 3]
    assert [program for batch in pool.batches for program in batch] == [one.program for one in jobs]
    assert [one.id for one in found if isinstance(one, Outcome)] == [one.id for one in jobs]


async def test_free_cells_share_what_comes(job: MakeJob) -> None:
    """No cell stays idle while another takes several."""
    pool = Noting()
    await run_all(pool, [job(f"p{number}", number) for number in range(3)], parallel=3)
    assert [len(batch) for batch in pool.batches] == [1, 1, 1]


async def test_different_limits_do_not_go_together(job: MakeJob) -> None:
    """A cell is made for the limits of its first job: prevents out_of_memory in one made for smaller programs."""
    pool = Noting()
    await run_all(pool, [job(f"p{number}", number, memory_mb=64 << number % 2) for number in range(4)])
    assert [len(batch) for batch in pool.batches] == [1, 1, 1, 1]


async def test_what_is_large_goes_alone(job: MakeJob) -> None:
    """The engine passes a message on in one piece only where it is small."""
    pool = Noting()
    await run_all(pool, [job("x" * 20_000 + str(number), number) for number in range(3)])
    assert [len(batch) for batch in pool.batches] == [1, 1, 1]


async def test_what_is_too_large_is_said_to_whose_it_is(job: MakeJob) -> None:
    """A job that cannot be sent fails its own caller and nobody else."""
    pool, large = Noting(), job("x" * (65 << 20), 1)
    found = await run_all(pool, [job("p0", 0), large, job("p2", 2)])
    assert verdicts(found) == [Verdict.PASSED, None, Verdict.PASSED]
    assert isinstance(found[1], SandboxError)
    assert found[1].reason == "job_too_large"


async def test_what_is_given_back_goes_first_and_in_smaller_batches(job: MakeJob) -> None:
    """Jobs behind a long one are tried again at once, and of jobs that take long only one goes at a time."""

    def answer(request: Request, place: int, _: int) -> Answer:
        return passed(request) if place == 0 else Untried.GIVEN_BACK

    pool = Noting(answer)
    pool.took_s = 0.1
    found = await run_all(pool, [job(f"p{number}", number) for number in range(4)])
    assert verdicts(found) == [Verdict.PASSED] * 4
    assert pool.batches == [["p0", "p1", "p2", "p3"], ["p1"], ["p2"], ["p3"]]


async def test_the_culprit_is_found_among_the_suspects(job: MakeJob) -> None:
    """A false error prevented: when a cell breaks under several jobs each is tried alone, and only one is charged."""

    def answer(request: Request, _: int, size: int) -> Answer:
        if size > 1:
            return Untried.SUSPECT
        return DIED if request.job.program == "p2" else passed(request)

    pool = Noting(answer)
    found = await run_all(pool, [job(f"p{number}", number) for number in range(4)])
    assert verdicts(found) == [Verdict.PASSED, Verdict.PASSED, None, Verdict.PASSED]
    assert found[2] is DIED
    assert pool.batches[1:] == [["p0"], ["p1"], ["p2"], ["p3"]]


async def test_a_fresh_job_goes_alone(job: MakeJob) -> None:
    """Who asks for a container that has run nothing yet gets it for itself."""
    pool = Noting()
    await run_all(pool, [job(word, place) for place, word in enumerate(("p0", "p1", "fresh", "p3", "p4"))])
    assert pool.batches == [["p0", "p1"], ["fresh"], ["p3", "p4"]]
    assert pool.fresh == [False, True, False]


async def test_without_reuse_every_job_has_a_container(job: MakeJob) -> None:
    """Where namespaces are missing, no two samples share a container."""
    pool = Noting()
    pool.reuse = False
    await run_all(pool, [job(f"p{number}", number) for number in range(3)])
    assert pool.batches == [["p0"], ["p1"], ["p2"]]


async def test_a_caller_that_leaves_takes_nobody_along(job: MakeJob) -> None:
    """A job whose caller was cancelled before its turn is not run, and the others are."""
    pool = Noting()
    pool.took_s = 0.2
    async with batches(pool) as made, anyio.create_task_group() as tasks:
        tasks.start_soon(made.run, job("p0", 0))
        await anyio.sleep(0.05)
        tasks.start_soon(made.run, job("p1", 1))
        with anyio.move_on_after(0.05):
            await made.run(job("p2", 2))
        await made.run(job("p3", 3))
    assert pool.batches == [["p0"], ["p1", "p3"]]


async def test_what_goes_wrong_is_told_to_every_caller(job: MakeJob) -> None:
    """An engine that starts no container fails the jobs that wait for one, instead of leaving them to wait for ever."""

    class Away(Noting):
        async def run(self, requests: Sequence[Request], tell: Tell, *, fresh: bool = False) -> None:
            raise CellError("engine_away", "The Docker engine does not answer.")

    found = await run_all(Away(), [job(f"p{number}", number) for number in range(3)])
    assert [one.reason for one in found if isinstance(one, CellError)] == ["engine_away"] * 3
