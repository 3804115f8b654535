"""What a sandbox is: something that runs one program against one check and says what happened."""

from types import TracebackType
from typing import Protocol, Self

from pydantic import JsonValue

from harness.records import Job, Outcome

TOGETHER = 16
"""For each job that runs at once, how many calls of `run` keep a sandbox busy: it may hand several over together."""


class Sandbox(Protocol):
    """Runs jobs in isolation; used as an async context manager that starts and removes whatever it needs."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @property
    def parallel(self) -> int:
        """How many jobs may run at once; further calls of `run` wait. Known once the sandbox is entered."""

    def describe(self) -> dict[str, JsonValue]:
        """What a run records of it: engine, image digest, isolation, limits of the container."""

    async def run(self, job: Job) -> Outcome:
        """Run one job; infrastructure faults have been retried already.

        Raises:
            SandboxError: the sandbox broke in a way that is not the program's doing; there is no verdict.
        """
