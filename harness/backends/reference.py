"""The suite's own solutions as answers: checks machine and suite, and costs nothing. Registered as `reference`."""

from types import TracebackType
from typing import Self

from pydantic import JsonValue

from harness.errors import ProviderError
from harness.records import Completion, Model, Request


class ReferenceBackend:
    """Answers with `problem.reference`, a whole program, as one fenced block."""

    samples_per_request = 1000
    free = True

    def __init__(self, model: Model) -> None:
        self.model = model

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    async def check(self) -> dict[str, JsonValue]:
        """There is no endpoint."""
        return {}

    async def facts(self) -> dict[str, JsonValue]:
        """There is no server."""
        return {}

    async def complete(self, request: Request) -> tuple[Completion, ...]:
        """The reference, once for each index, with a fence that the program does not contain.

        Raises:
            ProviderError: the problem has no reference solution (`no_reference`).
        """
        program = request.problem.reference
        if program is None:
            raise ProviderError(
                f"{request.problem.task_id} has no reference solution.",
                "The model `reference` can only answer suites that ship solutions.",
                reason="no_reference",
            )
        return (Completion(text=fenced(program), finish_reason="stop", model="reference"),) * len(request.indices)


def fenced(program: str) -> str:
    """`program` as a Markdown block whose fence is longer than any run of backticks in it (CommonMark 4.5)."""
    fence = "```"
    while fence in program:
        fence += "`"
    return f"{fence}python\n{program.rstrip(chr(10))}\n{fence}\n"
