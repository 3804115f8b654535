"""Several hosts as one sandbox: where jobs go, and what happens to those of a host that goes away."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from harness.errors import MachineError, SandboxError
from harness.records import Job, Limits, Outcome, PythonCheck, Verdict
from harness.sandboxes.fleet import Fleet, parts

pytestmark = pytest.mark.anyio

MakeJob = Callable[..., Job]


class Host:
    """A sandbox that passes every job, until it has done `lasts` of them: then it fails for `reason`."""

    def __init__(
        self, parallel: int = 1, lasts: int = 1000, *, reason: str = "engine_away", python: str = "3.11.2"
    ) -> None:
        self.parallel = parallel
        self.lasts = lasts
        self.reason = reason
        self.python = python
        self.done: list[str] = []
        self.busy = self.busiest = self.refused = 0
        self.entered = False

    async def __aenter__(self) -> Self:
        if self.reason == "no_image":
            raise MachineError("The image has not been built.", "Build it.")
        self.entered = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.entered = False

    def describe(self) -> dict[str, JsonValue]:
        """Only what the fleet compares."""
        return {"python": self.python}

    async def run(self, job: Job) -> Outcome:
        """Take a few turns of the loop, then pass or fail."""
        self.busy += 1
        self.busiest = max(self.busy, self.busiest)
        for _ in range(3):
            await anyio.lowlevel.checkpoint()
        self.busy -= 1
        if len(self.done) >= self.lasts:
            self.refused += 1
            raise SandboxError("broken", reason=self.reason)
        self.done.append(job.id)
        return Outcome(id=job.id, verdict=Verdict.PASSED)


async def judged(fleet: Fleet, jobs: list[Job]) -> list[str]:
    """The ids of the outcomes of `jobs`, run all at once."""
    ids: list[str] = []

    async def run(job: Job) -> None:
        ids.append((await fleet.run(job)).id)

    async with fleet, anyio.create_task_group() as tasks:
        for job in jobs:
            tasks.start_soon(run, job)
    return ids


async def test_work_is_spread_by_size(job: MakeJob) -> None:
    """Every host has as many jobs at once as it takes, never more, and run.json gets the facts of each."""
    small, large = Host(1), Host(3)
    fleet = Fleet({"small": small, "large": large})
    assert len(await judged(fleet, [job("x", number) for number in range(40)])) == 40
    assert (small.busiest, large.busiest) == (1, 3)
    assert fleet.parallel == 4
    assert fleet.describe() == {
        "sandbox": "fleet",
        "parallel": 4,
        "hosts": [{"host": "small", "python": "3.11.2"}, {"host": "large", "python": "3.11.2"}],
    }
    assert parts(fleet) == {"small": small, "large": large}
    assert parts(small) == {"": small}
    assert not small.entered
    assert not large.entered


@pytest.mark.parametrize("reason", ["engine_away", "engine_error", "not_ready"])
async def test_a_lost_host_loses_no_job(job: MakeJob, reason: str) -> None:
    """What a host cannot judge is judged by the others, it is asked no more, and the user is told once."""
    told: list[str] = []
    weak, strong = Host(2, lasts=3, reason=reason), Host(2)
    ids = await judged(Fleet({"weak": weak, "strong": strong}, told.append), [job("x", n) for n in range(30)])
    assert sorted(ids) == sorted(f"test/{number}" for number in range(30))
    assert len(weak.done) == 3
    assert weak.refused <= 2  # those that it had when it went
    assert told == ["weak is left out from now on: broken"]


async def test_no_host_left_is_no_verdict(job: MakeJob) -> None:
    """Only where every host is away is there a failure, and it says so: prevents an invented verdict."""
    async with Fleet({"a": Host(lasts=0), "b": Host(lasts=0)}) as fleet:
        with pytest.raises(SandboxError) as caught:
            await fleet.run(job("x"))
    assert caught.value.reason == "engine_away"


async def test_a_host_that_is_back_is_asked_where_no_other_is_left(job: MakeJob) -> None:
    """A host that was left out helps again where all others are away."""
    first, second = Host(lasts=0), Host(lasts=2)
    async with Fleet({"first": first, "second": second}) as fleet:
        await fleet.run(job("x", 0))
        first.lasts = 1000
        assert [(await fleet.run(job("x", number))).id for number in (1, 2, 3)] == ["test/1", "test/2", "test/3"]
    assert second.done == ["test/0", "test/1"]
    assert first.done == ["test/2", "test/3"]


async def test_a_fault_of_the_suite_is_not_tried_elsewhere(job: MakeJob) -> None:
    """A check that does not run is the same everywhere: no other host is bothered, none is left out."""
    broken, other = Host(2, lasts=0, reason="check_broken"), Host(1)
    async with Fleet({"broken": broken, "other": other}) as fleet:
        for _ in range(2):
            with pytest.raises(SandboxError):
                await fleet.run(job("x"))
    assert (broken.refused, other.done) == (2, [])


async def test_hosts_that_would_judge_differently_are_refused() -> None:
    """Two Pythons in one run would make verdicts depend on the host: it is refused before anything runs."""
    one, two = Host(python="3.11.2"), Host(python="3.12.1")
    with pytest.raises(MachineError, match=r"3\.11\.2 on one, 3\.12\.1 on two"):
        async with Fleet({"one": one, "two": two}):
            pytest.fail("entered")
    assert not one.entered
    assert not two.entered


async def test_a_host_that_does_not_start_is_named() -> None:
    """A host without the image is named in the error, and those entered before it are left again."""
    fine = Host()
    with pytest.raises(MachineError, match=r"^box: The image has not been built"):
        async with Fleet({"fine": fine, "box": Host(reason="no_image")}):
            pytest.fail("entered")
    assert not fine.entered


@given(
    hosts=st.lists(st.tuples(st.integers(1, 3), st.integers(0, 6)), max_size=3),
    count=st.integers(1, 20),
)
def test_one_host_is_enough(hosts: list[tuple[int, int]], count: int) -> None:
    """Whichever hosts go away and whenever, every job is judged exactly once while one host stays."""
    members = [Host(parallel, lasts) for parallel, lasts in hosts] + [Host(1)]
    fleet = Fleet({str(number): host for number, host in enumerate(members)})
    jobs = [Job(id=str(n), program="", check=CHECK, limits=Limits()) for n in range(count)]
    assert sorted(anyio.run(judged, fleet, jobs)) == sorted(one.id for one in jobs)
    assert sorted(done for host in members for done in host.done) == sorted(one.id for one in jobs)


CHECK = PythonCheck(functions=("solve",), test="")
