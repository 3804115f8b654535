"""A small suite and a sandbox that needs no engine, for tests of the stream itself; verdicts are Docker's business."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import anyio
import pytest

from harness.errors import SandboxError
from harness.records import Job, Outcome, Verdict
from harness.suites import Suite, load_suite


class TextSandbox:
    """Judges by the program's text: `return` passes, anything else fails; `breaks` names jobs that break it."""

    def __init__(self, parallel: int = 2, breaks: frozenset[str] = frozenset()) -> None:
        self.parallel = parallel
        self.breaks = breaks
        self.ran: list[str] = []
        self.running = self.most_running = 0
        self._slots = anyio.Semaphore(parallel)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    def describe(self) -> dict[str, Any]:
        """Nothing to say."""
        return {"engine": "none"}

    async def run(self, job: Job) -> Outcome:
        """One checkpoint, then the verdict."""
        async with self._slots:
            self.running += 1
            self.most_running = max(self.most_running, self.running)
            await anyio.sleep(0.001)
            self.running -= 1
        self.ran.append(job.id)
        if job.id in self.breaks:
            raise SandboxError("The container was killed.", reason="container_killed")
        return Outcome(id=job.id, verdict=Verdict.PASSED if "return" in job.program else Verdict.FAILED)


@pytest.fixture(scope="session")
def smoke() -> Suite:
    """Our own suite."""
    return load_suite("smoke")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where runs lie."""
    return tmp_path / "results"
