"""What a request can be billed at most, and what is counted for one that fails."""

import json
from collections.abc import Callable
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.backends.adapt import without
from harness.backends.metering import NOTHING, TEMPLATE, most_tokens
from harness.backends.openai import OpenAIBackend
from harness.backends.retry import RetryPolicy
from harness.errors import BudgetError, ProviderError
from harness.records import Model, Request, Usage

from .provider import Behaviour, Provider, Reply, answer, choices, status

TEXT = st.text(st.characters(codec="utf-8"), max_size=200)


class Book:
    """A meter that writes down what it is told, and has room for `room` requests."""

    def __init__(self, room: int = 100) -> None:
        self.room = room
        self.reserved: list[Usage | None] = []
        self.settled: list[Usage | None] = []

    async def reserve(self, most: Usage | None) -> int:
        """Room, or none."""
        if len(self.reserved) == self.room:
            raise BudgetError("no room")
        self.reserved.append(most)
        return len(self.reserved) - 1

    def settle(self, request: int, usage: Usage | None) -> None:
        """Write it down."""
        assert request < len(self.reserved)
        self.settled.append(usage)


@given(st.lists(TEXT, min_size=1, max_size=5), st.integers(1, 8), st.integers(1, 5000))
def test_no_prompt_has_more_tokens_than_its_bound(texts: list[str], count: int, length: int) -> None:
    """The bound is at least the bytes of all messages and a chat template, once for each choice."""
    messages = [{"role": "user", "content": text} for text in texts]
    most = most_tokens({"model": "tiny", "messages": messages, "max_tokens": length, "n": count}, None)
    assert most is not None
    assert most.input >= count * (sum(len(text.encode()) for text in texts) + TEMPLATE)
    assert most.output == count * length


@pytest.mark.parametrize(
    ("body", "max_output", "output"),
    [
        ({"max_tokens": 100}, None, 100),
        ({"max_completion_tokens": 100}, None, 100),
        ({"max_tokens": 100, "max_completion_tokens": 300}, None, 300),
        ({"max_tokens": 100, "n": 3}, None, 300),
        ({"max_tokens": 100, "n": 2, "best_of": 4}, None, 400),
        ({"max_tokens": 100}, 5000, 5000),
        ({"max_tokens": 100, "n": 2}, 5000, 10000),
    ],
)
def test_an_answer_is_bounded_by_what_is_asked_for(body: dict[str, Any], max_output: int | None, output: int) -> None:
    """The bound counts every choice, whatever the parameter is called, and what the entry says is billed beyond it."""
    most = most_tokens({"model": "tiny", "prompt": "x", **body}, max_output)
    assert most is not None
    assert most.output == output


def test_an_answer_that_nothing_bounds_has_no_bound() -> None:
    """Without max_tokens there is no bound, also where an entry says how much goes beyond it."""
    assert most_tokens({"model": "tiny", "prompt": "x"}, 5000) is None
    assert most_tokens(without({"prompt": "x", "max_tokens": 9}, "max_tokens"), None) is not None


def exchanged(book: Book, model: Model, request: Request, policy: RetryPolicy) -> BaseException | None:
    """One request with all its tries; how it ended."""

    async def ask() -> BaseException | None:
        async with OpenAIBackend(model, policy=policy) as backend:
            backend.meter = book
            try:
                await backend.complete(request)
            except (ProviderError, BudgetError) as error:
                return error
        return None

    return anyio.run(ask)


TORN = Reply(body=b'{"choices": [', reset_after=5)
TRIED = 3


@pytest.mark.parametrize(
    ("behaviour", "counted"),
    [
        (status(429), [NOTHING] * TRIED),
        (status(401), [NOTHING]),
        (status(402), [NOTHING]),
        (status(429, {"message": "empty", "code": "insufficient_quota"}), [NOTHING]),
        (status(400, {"message": "filtered", "code": "content_filter"}), ["prompt"]),
        (status(413), ["prompt"]),
        (status(500), [None] * TRIED),
        (status(503), [None] * TRIED),
        (status(408), [None] * TRIED),
        (lambda _: TORN, [None] * TRIED),
        (lambda _: Reply(body=b"<html>"), [None] * TRIED),
        (choices(), [None] * TRIED),
        (answer(error={"code": 429, "message": "upstream"}), [None] * TRIED),
        (answer(usage=None), [None]),
        (answer(model="another-model"), [Usage(input=10, output=5)]),
        (answer(), [Usage(input=10, output=5)]),
    ],
)
def test_every_try_is_counted_for_what_it_may_have_cost(
    behaviour: Behaviour,
    counted: list[Usage | str | None],
    model: Callable[..., Model],
    request_for: Callable[..., Request],
    fast: RetryPolicy,
) -> None:
    """A try that was refused unread costs nothing, a refused prompt its input, anything else all it may have cost."""
    book = Book()
    with Provider(then=behaviour) as provider:
        exchanged(book, model(provider.url), request_for(), fast)
        assert len(provider.posts) == len(book.reserved)
    prompts = [Usage(input=most.input, output=0) if most else None for most in book.reserved]
    assert book.settled == [prompts[at] if usage == "prompt" else usage for at, usage in enumerate(counted)]


def test_a_try_that_never_left_costs_nothing(
    model: Callable[..., Model], request_for: Callable[..., Request], fast: RetryPolicy
) -> None:
    """Where no connection can be made, nothing can have been billed."""
    with Provider() as provider:
        gone = provider.url
    book = Book()
    exchanged(book, model(gone), request_for(), fast)
    assert book.settled == [NOTHING] * TRIED


def test_without_room_no_try_is_sent(
    model: Callable[..., Model], request_for: Callable[..., Request], fast: RetryPolicy
) -> None:
    """A second try needs room of its own: after a 500 that may have been billed, none is sent beyond the budget."""
    book = Book(room=1)
    with Provider(then=status(500)) as provider:
        error = exchanged(book, model(provider.url), request_for(), fast)
        assert len(provider.posts) == 1
    assert isinstance(error, BudgetError)


def test_a_request_that_is_dropped_counts_in_full(
    model: Callable[..., Model], request_for: Callable[..., Request], fast: RetryPolicy
) -> None:
    """A request that is cancelled under way is settled, and its usage stays unknown."""
    book = Book()

    async def ask(url: str) -> None:
        with anyio.move_on_after(0.2):
            async with OpenAIBackend(model(url), policy=fast) as backend:
                backend.meter = book
                await backend.complete(request_for())

    with Provider(then=lambda _: Reply(hang=True)) as provider:
        anyio.run(ask, provider.url)
    assert len(book.reserved) == 1
    assert book.settled == [None]


def test_what_a_refused_parameter_leaves_is_bounded_anew(
    model: Callable[..., Model], request_for: Callable[..., Request], fast: RetryPolicy
) -> None:
    """A request that is adapted is a new request: it is reserved for again, with the length that it then asks for."""
    refusal = {"message": "Unsupported parameter: 'max_tokens' is not supported", "param": "max_tokens"}
    book = Book()
    with Provider(status(400, refusal)) as provider:
        exchanged(book, model(provider.url), request_for(max_tokens=77), fast)
        sent = [json.dumps(post.body) for post in provider.posts]
    assert "max_completion_tokens" in sent[1]
    assert [most.output for most in book.reserved if most] == [77, 77]
    assert book.settled[1] == Usage(input=10, output=5)
