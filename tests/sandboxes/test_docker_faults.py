"""Faults injected while jobs run: the same verdict as undisturbed, or no verdict at all; and nothing is left behind.

The runner is a stand-in that judges nothing and misbehaves on request (stand_in/runner.py); the engine is real.
"""

import asyncio
import gc
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from anyio import to_thread
from docker import APIClient

from harness.errors import MachineError, SandboxError
from harness.records import Job, Outcome, Verdict
from harness.sandboxes.docker import DockerSandbox
from harness.sandboxes.owner import PROCESS_LABEL, RUN_LABEL
from tests.faults.rig import wait_until
from tests.sandboxes.disturbance import disturbed

pytestmark = [pytest.mark.docker, pytest.mark.anyio]

MakeJob = Callable[..., Job]
Mine = Callable[[], list[str]]
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real policy with shorter waits."""
    monkeypatch.setattr("harness.sandboxes.cell._GRACE_S", 1.0)
    monkeypatch.setattr("harness.sandboxes.absence.BACK_S", 2.0)


@pytest.fixture
async def sandbox(stand_in: str, mine: Mine) -> AsyncIterator[DockerSandbox]:
    """One warm cell with the stand-in runner, which has done one job."""
    async with DockerSandbox(parallel=1, image=stand_in) as entered:
        yield entered


@pytest.mark.parametrize(
    "misdeed",
    [
        "wrong_nonce",
        "wrong_id",
        "truncated",
        "not_json",
        "no_verdict",
        "fault",
        "die",
        "twice",
        "silent",
        "close",
        "garbage",
    ],
)
async def test_a_bad_reply_is_asked_again(sandbox: DockerSandbox, job: MakeJob, misdeed: str) -> None:
    """A reply that is torn, strange or for another job leaves no verdict: a fresh container gives the right one."""
    for number in range(3):
        outcome = await sandbox.run(job(f"later:{misdeed}", number, wall_s=1.0))
        assert (outcome.id, outcome.verdict) == (f"test/{number}", Verdict.PASSED)


@pytest.mark.parametrize(("misdeed", "reason"), [("wrong_nonce", "bad_reply"), ("fault", "judge_died")])
async def test_a_runner_that_never_makes_sense_gives_no_verdict(
    sandbox: DockerSandbox, job: MakeJob, misdeed: str, reason: str
) -> None:
    """A fault of the sandbox that stays is reported as one: prevents a program from failing for it."""
    with pytest.raises(SandboxError) as caught:
        await sandbox.run(job(f"always:{misdeed}"))
    assert caught.value.reason == reason
    assert (await sandbox.run(job("ok"))).verdict is Verdict.PASSED


async def test_a_broken_check_is_not_tried_again(sandbox: DockerSandbox, job: MakeJob) -> None:
    """A suite's own mistake is reported as such, at once: prevents it from counting against every model."""
    with pytest.raises(SandboxError, match="no such name") as caught:
        await sandbox.run(job("always:broken"))
    assert caught.value.reason == "check_broken"


async def test_a_program_that_kills_its_container_gets_its_verdict(sandbox: DockerSandbox, job: MakeJob) -> None:
    """A program whose container dies each time is an error, with the container's last words."""
    outcome = await sandbox.run(job("always:die"))
    assert outcome.verdict is Verdict.ERROR
    assert "status 7" in outcome.detail
    assert "last words" in outcome.detail


async def test_a_program_that_fills_its_container_is_out_of_memory(sandbox: DockerSandbox, job: MakeJob) -> None:
    """A container that the kernel kills for memory each time means out_of_memory, not error."""
    outcome = await sandbox.run(job("always:grow", memory_mb=32, wall_s=60.0))
    assert outcome.verdict is Verdict.OUT_OF_MEMORY


@pytest.mark.parametrize("parallel", [1, 3])
async def test_neighbours_of_a_killer_keep_their_verdicts(
    stand_in: str, mine: Mine, job: MakeJob, parallel: int
) -> None:
    """Programs that kill their containers change nothing for those beside them or handed over with them."""
    outcomes: dict[str, Outcome] = {}

    async def run(one: Job) -> None:
        outcomes[one.id] = await sandbox.run(one)

    async with DockerSandbox(parallel=parallel, image=stand_in) as sandbox, anyio.create_task_group() as tasks:
        for number in range(12):
            tasks.start_soon(run, job("always:die" if number % 4 == 0 else "always:sleep 0.05", number))
    assert len(outcomes) == 12
    for number in range(12):
        expected = Verdict.ERROR if number % 4 == 0 else Verdict.PASSED
        assert outcomes[f"test/{number}"].verdict is expected


async def test_a_lone_stall_is_no_timeout(sandbox: DockerSandbox, job: MakeJob) -> None:
    """A timeout of an idle program that does not come again alone is none: prevents a stalled machine's timeout."""
    assert (await sandbox.run(job("ok"))).verdict is Verdict.PASSED
    assert (await sandbox.run(job("second:stall"))).verdict is Verdict.PASSED
    assert (await sandbox.run(job("always:stall"))).verdict is Verdict.TIMEOUT


async def test_a_lone_lack_of_memory_is_none(sandbox: DockerSandbox, job: MakeJob) -> None:
    """Memory that does not run out again, alone and in a fresh container, was not the program's to lack."""
    assert (await sandbox.run(job("ok"))).verdict is Verdict.PASSED
    assert (await sandbox.run(job("later:lack"))).verdict is Verdict.PASSED
    assert (await sandbox.run(job("always:lack"))).verdict is Verdict.OUT_OF_MEMORY


@pytest.mark.parametrize("blow", ["kill", "remove"])
async def test_a_lost_container_is_replaced(
    sandbox: DockerSandbox, job: MakeJob, mine: Mine, engine: APIClient, blow: str
) -> None:
    """A container that somebody kills or removes in the middle of a job costs nothing but time."""

    def strike() -> None:
        (container,) = mine()
        if blow == "kill":
            engine.kill(container)
        else:
            engine.remove_container(container, force=True)

    assert (await disturbed(sandbox, job("always:sleep 0.6"), strike, after_s=0.3)).verdict is Verdict.PASSED


async def test_dead_idle_containers_are_charged_to_nobody(
    stand_in: str, mine: Mine, job: MakeJob, engine: APIClient
) -> None:
    """A program that comes upon one dead idle container after another passes: prevents an error it did not make."""
    async with DockerSandbox(parallel=4, image=stand_in) as sandbox:
        async with anyio.create_task_group() as tasks:
            for number in range(4):
                tasks.start_soon(sandbox.run, job("always:sleep 0.5", number))
        assert len(mine()) == 4
        for container in mine():
            engine.kill(container)
        assert (await sandbox.run(job("ok", 4))).verdict is Verdict.PASSED


async def test_a_paused_container_is_waited_for(
    sandbox: DockerSandbox, job: MakeJob, mine: Mine, engine: APIClient
) -> None:
    """A container that stands still for a while is no timeout of the program's."""

    def hold() -> None:
        (container,) = mine()
        engine.pause(container)
        anyio.run(anyio.sleep, 2)
        engine.unpause(container)

    assert (await disturbed(sandbox, job("always:sleep 0.5", wall_s=5.0), hold, after_s=0.3)).verdict is Verdict.PASSED
    assert len(mine()) == 1


async def test_a_container_paused_for_good_is_replaced(
    sandbox: DockerSandbox, job: MakeJob, mine: Mine, engine: APIClient
) -> None:
    """A container that never wakes up is given up after the job's wall time, and removed all the same."""
    outcome = await disturbed(
        sandbox, job("always:sleep 0.6", wall_s=1.0), lambda: engine.pause(mine()[0]), after_s=0.3
    )
    assert outcome.verdict is Verdict.PASSED
    assert len(mine()) == 1


class Relay:
    """The engine's socket under another path (or a TCP port), which can be taken away and given back."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def up(self) -> None:
        """Relay from now on."""
        if self.path:
            self._server = await asyncio.start_unix_server(self._serve, self.path)
        else:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    @property
    def url(self) -> str:
        """What DOCKER_HOST is to say."""
        assert self._server
        return f"unix://{self.path}" if self.path else "tcp://{}:{}".format(*self._server.sockets[0].getsockname())

    async def down(self) -> None:
        """Cut every connection, and accept no other."""
        assert self._server
        self._server.close()
        for writer in set(self._writers):
            writer.close()
        if self.path:
            self.path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection("/var/run/docker.sock")
        self._writers |= {writer, far_writer}
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._pump, reader, far_writer)
                tasks.start_soon(self._pump, far_reader, writer)
        finally:
            self._writers -= {writer, far_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def relayed(path: Path | None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Relay]:
    """The engine behind a relay."""
    relay = Relay(path)
    await relay.up()
    with monkeypatch.context() as patch:
        patch.setenv("DOCKER_HOST", relay.url)
        yield relay
    await relay.down()


# The docker package does not close a Unix socket that refuses it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("mine")
@pytest.mark.parametrize("returns", [True, False])
async def test_an_absent_engine_is_no_verdict(
    stand_in: str, job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, returns: bool
) -> None:
    """An engine that goes away is waited for, and if it stays away there is no verdict: prevents an invented one."""
    outcome: Outcome | SandboxError | None = None

    async def run() -> None:
        nonlocal outcome
        try:
            outcome = await sandbox.run(job("always:sleep 0.6"))
        except SandboxError as error:
            outcome = error

    async with (
        relayed(tmp_path / "engine.sock", monkeypatch) as relay,
        DockerSandbox(parallel=1, image=stand_in) as sandbox,
    ):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run)
            await anyio.sleep(0.3)
            await relay.down()
            if returns:
                await anyio.sleep(1)
                await relay.up()
        if returns:
            assert isinstance(outcome, Outcome)
            assert outcome.verdict is Verdict.PASSED
        else:
            assert isinstance(outcome, SandboxError)
            assert outcome.reason == "engine_away"
            await relay.up()
    outcome = None
    gc.collect()


@pytest.mark.usefixtures("mine")
async def test_an_engine_over_tcp(stand_in: str, job: MakeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    """DOCKER_HOST may name an engine at a TCP port; faults are survived there as well."""
    async with relayed(None, monkeypatch), DockerSandbox(parallel=1, image=stand_in) as sandbox:
        for number, program in enumerate(("ok", "later:die", "ok")):
            assert (await sandbox.run(job(program, number))).verdict is Verdict.PASSED


@pytest.mark.parametrize("after_s", [0.0, 0.02, 0.1, 0.3, 1.0])
async def test_cancelling_leaves_nothing(stand_in: str, mine: Mine, job: MakeJob, after_s: float) -> None:
    """A run that is cancelled at any moment, also while containers start, removes them all."""
    with anyio.move_on_after(after_s):
        async with DockerSandbox(parallel=3, image=stand_in) as sandbox, anyio.create_task_group() as tasks:
            for number in range(6):
                tasks.start_soon(sandbox.run, job("always:sleep 5", number))
    assert mine() == []


@pytest.mark.parametrize("after_s", [0.02, 0.15, 0.6])
def test_interrupting_leaves_nothing(stand_in: str, engine: APIClient, after_s: float, tmp_path: Path) -> None:
    """Ctrl-C at any moment leaves no container."""
    host = start_host(stand_in, tmp_path)
    anyio.run(anyio.sleep, after_s)
    host.send_signal(signal.SIGINT)
    host.wait(30)
    assert containers_of(engine, host.pid) == []


async def test_sigkill_is_swept_by_the_next_start(stand_in: str, mine: Mine, engine: APIClient, tmp_path: Path) -> None:
    """What a killed process leaves, the next start removes; what a living one uses, it does not."""
    dead, living = start_host(stand_in, tmp_path / "dead"), start_host(stand_in, tmp_path / "living")
    try:
        await to_thread.run_sync(wait_for, lambda: len(containers_of(engine, dead.pid)) == 2)
        await to_thread.run_sync(wait_for, lambda: len(containers_of(engine, living.pid)) == 2)
        dead.kill()
        dead.wait(10)
        async with DockerSandbox(parallel=1, image=stand_in):
            assert containers_of(engine, dead.pid) == []
            assert len(containers_of(engine, living.pid)) == 2
    finally:
        living.send_signal(signal.SIGINT)
        living.wait(30)
        dead.kill()
    assert containers_of(engine, living.pid) == []


async def test_a_container_for_every_job(stand_in: str, mine: Mine, job: MakeJob) -> None:
    """With isolation `container` every job is the first and only one of its container, which is gone afterwards."""
    async with DockerSandbox(parallel=1, image=stand_in, isolation="container") as sandbox:
        assert [(await sandbox.run(job("always:count", number))).detail for number in range(3)] == ["1", "1", "1"]
        await to_thread.run_sync(wait_until, lambda: mine() == [])


async def test_a_warm_cell_is_used_again_where_it_is_large_enough(
    sandbox: DockerSandbox, job: MakeJob, mine: Mine
) -> None:
    """Jobs share a warm container; one that may use more memory than it has gets a larger one."""
    counts = [(await sandbox.run(job("always:count", memory_mb=size))).detail for size in (64, 32, 4096, 64)]
    assert counts == ["1", "2", "1", "2"]
    assert len(mine()) == 1


async def test_no_more_cells_than_asked_for(stand_in: str, mine: Mine, job: MakeJob) -> None:
    """However many jobs wait, there are at most `parallel` containers."""
    async with DockerSandbox(parallel=2, image=stand_in) as sandbox:
        async with anyio.create_task_group() as tasks:
            for number in range(10):
                tasks.start_soon(sandbox.run, job("always:sleep 0.05", number))
        assert len(mine()) <= 2


async def test_lone_surrogates_in_the_output_are_no_fault(sandbox: DockerSandbox, job: MakeJob) -> None:
    """A program that prints half a character keeps its verdict."""
    outcome = await sandbox.run(job("always:surrogate"))
    assert (outcome.verdict, outcome.output) == (Verdict.PASSED, "?")


async def test_an_image_that_is_no_sandbox_is_refused(sandbox_image: object, mine: Mine) -> None:
    """An image without our runner does not start, and the error holds the engine's or the container's words."""
    base = getattr(sandbox_image, "base")  # noqa: B009
    with pytest.raises(MachineError, match="runner"):
        async with DockerSandbox(image=base):
            pytest.fail("started")


HOST_PROGRAM = """
import sys, anyio
from harness.records import Job, Limits, PythonCheck
from harness.sandboxes.docker import DockerSandbox

async def main():
    check = PythonCheck(functions=("solve",), test="")
    async with DockerSandbox(parallel=2, image=sys.argv[1]) as sandbox, anyio.create_task_group() as tasks:
        for number in range(2):
            job = Job(id=str(number), program="always:sleep 60", check=check, limits=Limits(wall_s=100))
            tasks.start_soon(sandbox.run, job)

print("go", flush=True)
anyio.run(main)
"""


def start_host(image: str, folder: Path) -> subprocess.Popen[str]:
    """Another process with a sandbox of its own and two endless jobs."""
    folder.mkdir(exist_ok=True)
    program = folder / "host.py"
    program.write_text(HOST_PROGRAM)
    with (folder / "errors").open("w") as errors:
        host = subprocess.Popen(
            [sys.executable, str(program), image],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
    assert host.stdout
    with host.stdout:
        assert host.stdout.readline() == "go\n"
    return host


def containers_of(engine: APIClient, pid: int) -> list[str]:
    """The containers that a process made."""
    found = engine.containers(all=True, filters={"label": RUN_LABEL})
    return [one["Id"] for one in found if one["Labels"][PROCESS_LABEL].split()[0] == str(pid)]


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait a bounded time until it holds."""
    for _ in range(100):
        if condition():
            return
        anyio.run(anyio.sleep, 0.1)
    pytest.fail("did not happen in time")
