"""Two engines share the work, and one of them dies in the middle of it as a machine dies: nothing of it is left.

The second engine runs in PID and mount namespaces of its own, so that one kill takes it, its containers and its mounts;
and in a network namespace, as a dockerd without a bridge takes docker0 away from the machine's own engine.
"""

import gc
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import anyio
import pytest

from harness.errors import MachineError
from harness.records import Job, Verdict
from harness.sandboxes.docker import DockerSandbox
from harness.sandboxes.engine import connect
from harness.sandboxes.fleet import Fleet
from harness.sandboxes.image import ImageInfo, copy_image, find_image

pytestmark = [
    pytest.mark.docker,
    pytest.mark.anyio,
    pytest.mark.skipif(
        os.geteuid() != 0 or not (shutil.which("dockerd") and shutil.which("unshare")),
        reason="a second engine needs root, dockerd and unshare",
    ),
]

GOOD = "def solve(a, b):\n    sum(range(300_000))\n    return a + b\n"
BAD = "def solve(a, b):\n    sum(range(300_000))\n    return a - b\n"


class SecondEngine:
    """A dockerd of our own; `kill` is what a power cut is to its machine."""

    def __init__(self, folder: Path) -> None:
        self.url = f"unix://{folder}/engine.sock"
        command = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "dockerd"]
        command += [f"--data-root={folder}/data", f"--exec-root={folder}/exec", f"--pidfile={folder}/pid"]
        command += ["-H", self.url, "--bridge=none", "--iptables=false", "--ip-forward=false", "--ip-masq=false"]
        self.cgroups = f"harness-test-{os.getpid()}"
        command += [f"--cgroup-parent=/{self.cgroups}"]
        with (folder / "log").open("w") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)

    def wait(self) -> None:
        """Until it answers."""
        for _ in range(150):
            try:
                connect(self.url).close()
                return
            except MachineError:
                time.sleep(0.2)
        pytest.fail("the second engine did not start")

    def kill(self) -> None:
        """With everything in it."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def tidy(self) -> None:
        """The empty control groups that a killed engine leaves."""
        for folder in sorted(Path("/sys/fs/cgroup").glob(f"**/{self.cgroups}/**/"), reverse=True):
            with suppress(OSError):  # of a process that is still dying
                folder.rmdir()


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecondEngine]:
    """The second engine, without any image."""
    engine = SecondEngine(tmp_path_factory.mktemp("engine"))
    try:
        engine.wait()
        yield engine
    finally:
        engine.kill()
        engine.tidy()


@pytest.fixture
def _collected() -> Iterator[None]:
    """The docker package does not close a Unix socket that refuses it: what is left goes here, not in another test."""
    yield
    gc.collect()


def fleet(image: ImageInfo, second: SecondEngine, told: list[str]) -> Fleet:
    """The machine's engine and the second one, two places each."""
    hosts = {host or "": DockerSandbox(parallel=2, image=image.tag, host=host) for host in (None, second.url)}
    return Fleet(hosts, told.append)


async def verdicts(fleet: Fleet, jobs: list[Job], during: Callable[[int], None]) -> list[Verdict]:
    """The verdicts of `jobs` in their order; `during` hears how many there are after each."""
    found: dict[str, Verdict] = {}

    async def run(one: Job) -> None:
        found[one.id] = (await fleet.run(one)).verdict
        during(len(found))

    async with anyio.create_task_group() as tasks:
        for one in jobs:
            tasks.start_soon(run, one)
    return [found[one.id] for one in jobs]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("_collected")
async def test_a_host_that_dies_changes_no_verdict(
    sandbox_image: ImageInfo,
    second: SecondEngine,
    job: Callable[..., Job],
    mine: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A host that lacks the image is named; with it, it shares the work; killed, its jobs get the same verdicts."""
    monkeypatch.setattr("harness.sandboxes.absence.BACK_S", 1.0)
    with pytest.raises(MachineError, match=r"engine\.sock: The engine has no image"):
        async with fleet(sandbox_image, second, []):
            pytest.fail("entered")
    copied = copy_image(sandbox_image, None, second.url)
    assert (copied.id, find_image(sandbox_image.tag, host=second.url)) == (sandbox_image.id, sandbox_image)
    jobs = [job(BAD if number % 5 == 0 else GOOD, number) for number in range(300)]
    expected = [Verdict.FAILED if number % 5 == 0 else Verdict.PASSED for number in range(300)]
    told: list[str] = []
    async with fleet(sandbox_image, second, told) as both:
        assert await verdicts(both, jobs, lambda count: None) == expected
        assert told == []
        assert await verdicts(both, jobs, lambda count: second.kill() if count == 60 else None) == expected
        assert len(told) == 1
        assert "is left out" in told[0]
    assert mine() == []
