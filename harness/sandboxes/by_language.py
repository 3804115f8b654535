"""One sandbox for programs in several languages: each job goes to the sandbox of its language."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from pydantic import JsonValue

from harness.errors import SandboxError
from harness.records import Job, Outcome
from harness.sandboxes.base import Sandbox

PYTHON = "python"


def languages_in(text: str) -> tuple[str, ...]:
    """The languages that a suite names, with commas between several."""
    return tuple(part.strip() for part in text.split(","))


class ByLanguage:
    """A `Sandbox` over others, by language. All are started with it, so that what is missing shows at once."""

    def __init__(self, sandboxes: Mapping[str, Sandbox]) -> None:
        self.sandboxes = dict(sandboxes)
        self._stack = AsyncExitStack()

    @property
    def parallel(self) -> int:
        """How many jobs may run at once: as many as the largest of them takes; they share the machine."""
        return max(sandbox.parallel for sandbox in self.sandboxes.values())

    def describe(self) -> dict[str, JsonValue]:
        """What each says of itself, by language."""
        return {language: sandbox.describe() for language, sandbox in self.sandboxes.items()}

    async def __aenter__(self) -> Self:
        """Start all of them; MachineError where one does not start."""
        async with AsyncExitStack() as stack:
            for sandbox in self.sandboxes.values():
                await stack.enter_async_context(sandbox)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove all of them."""
        await self._stack.__aexit__(kind, error, trace)

    async def run(self, job: Job) -> Outcome:
        """Run one job in the sandbox of its language.

        Raises:
            SandboxError: that sandbox broke, or there is none for this language.
        """
        language = getattr(job.check, "language", PYTHON)
        if language not in self.sandboxes:
            known = ", ".join(self.sandboxes)
            raise SandboxError(f"{job.id}: no sandbox for {language}.", f"There is one for {known}.", reason="language")
        return await self.sandboxes[language].run(job)
