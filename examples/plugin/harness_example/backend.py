"""A "model" that looks up the examples in a docstring: what a solution is worth that has understood nothing.

It costs nothing and needs no endpoint. A backend that sends requests raises `ProviderError` for one that failed.
"""

from doctest import DocTestParser
from types import TracebackType
from typing import Self

from pydantic import JsonValue

from harness.errors import FatalProviderError
from harness.records import Completion, Model, Request


class DocstringBackend:
    """Answers with a function that knows the docstring's own examples by heart (harness.backends.base.Backend)."""

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
        """There is no endpoint, but a name that means nothing is refused before the run begins."""
        if self.model.served_name != "examples":
            raise FatalProviderError(f"{self.model.served_name} is not served.", "Ask for docstring/examples.")
        return {}

    async def facts(self) -> dict[str, JsonValue]:
        """There is no server that could tell more."""
        return {}

    async def complete(self, request: Request) -> tuple[Completion, ...]:
        """The same answer for every sample that is asked for."""
        text = f"```python\n{program(request.problem.prompt, request.problem.entry_point)}```\n"
        return (Completion(text=text, finish_reason="stop", model=self.model.name),) * len(request.indices)


def program(prompt: str, entry_point: str) -> str:
    """A function that returns what the examples of a prompt say, and None for all else."""
    examples = DocTestParser().get_examples(prompt.replace('"""', ""))
    known = [(one.source.strip(), one.want.strip()) for one in examples if one.source.startswith(f"{entry_point}(")]
    rows = "".join(f"    {source.removeprefix(entry_point)!r}: {want},\n" for source, want in known)
    return (
        f"KNOWN = {{\n{rows}}}\n\n\n"
        f"def {entry_point}(*args):\n"
        "    return KNOWN.get('(' + ', '.join(map(repr, args)) + ')')\n"
    )
