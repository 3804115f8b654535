"""What the tests of backends share: a request, a model, and a policy that waits for nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from harness.backends.base import Backend
from harness.backends.retry import RetryPolicy
from harness.records import Completion, Message, Model, Problem, Prompt, PythonCheck, Request, Sampling

KEY = "sk-test-0123456789abcdef"
ENV = "HARNESS_TEST_KEY"


async def complete_all(backend: Backend, request: Request) -> list[Completion]:
    """All completions of a request, asking again for those that an answer left out, as the pipeline does."""
    completions: list[Completion] = []
    while len(completions) < len(request.indices):
        rest = request.model_copy(update={"indices": request.indices[len(completions) :]})
        completions += await backend.complete(rest)
    return completions


@pytest.fixture
def anyio_backend() -> str:
    """Only asyncio: openai's client is tested on it."""
    return "asyncio"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENV, KEY)


@pytest.fixture
def fast() -> RetryPolicy:
    """The real policy on a scale of milliseconds."""
    return RetryPolicy(attempts=3, base_s=0.001, cap_s=0.002, total_s=60.0)


@pytest.fixture
def model() -> Callable[..., Model]:
    """A model at a URL, with a key."""

    def make(url: str, **fields: Any) -> Model:
        defaults = {"name": "tiny", "backend": "openai", "served_name": "tiny", "api_key_env": ENV, "timeout_s": 30.0}
        return Model(**{**defaults, "base_url": url, **fields})

    return make


@pytest.fixture
def request_for() -> Callable[..., Request]:
    """A request for `n` samples of a small problem, in chat or completion mode."""

    def make(
        n: int = 1, *, mode: str = "chat", stop: tuple[str, ...] = (), reference: str | None = None, **sampling: Any
    ) -> Request:
        problem = Problem(
            task_id="smoke/1",
            prompt="Write f.",
            entry_point="f",
            check=PythonCheck(functions=("f",), test="assert f() == 1"),
            reference=reference,
        )
        prompt = (
            Prompt(mode="chat", messages=(Message(role="user", content="Write f."),), stop=stop)
            if mode == "chat"
            else Prompt(mode="completion", text="def f():", stop=stop)
        )
        return Request(problem=problem, prompt=prompt, sampling=Sampling(n=n, **sampling), indices=tuple(range(n)))

    return make
