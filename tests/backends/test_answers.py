"""Reading answers and faults: whatever JSON a server sends, it is completions or a known error."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.backends.adapt import refused_parameter, with_room
from harness.backends.answers import read_body, read_completions
from harness.backends.client import Client
from harness.backends.faults import Rejected, one_line, read_fault, to_error
from harness.backends.openai import OpenAIBackend
from harness.backends.retry import RetryPolicy
from harness.errors import ProviderError, TransientProviderError
from harness.records import Model, PromptMode, Request

FIELDS = ["choices", "message", "content", "text", "index", "error", "code", "usage", "prompt_tokens", "model", "type"]
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from([429, "text"])
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(FIELDS), JSON), st.sampled_from(["chat", "completion"]), st.integers(1, 4))
def test_any_json_is_completions_or_a_known_error(data: dict[str, Any], mode: PromptMode, count: int) -> None:
    """No shape of an answer escapes as a crash, and none yields more completions than asked for."""
    with suppress(TransientProviderError, Rejected):
        assert 1 <= len(read_completions(data, mode, count)) <= count


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_an_object_or_malformed(body: bytes) -> None:
    """A body is a JSON object or a fault that is worth another try."""
    with suppress(TransientProviderError):
        assert isinstance(read_body(body), dict)


@given(st.integers(300, 599), JSON, st.text(max_size=50), st.dictionaries(st.just("retry-after"), st.text(max_size=9)))
def test_any_fault_is_an_explained_error(status: int, error: Any, text: str, headers: dict[str, str]) -> None:
    """Every error answer, of any shape, becomes an error with a reason and a short message, or asks for an adaption."""
    fault = read_fault(status, error, headers, text)
    found = to_error(fault, name="tiny", env="KEY")
    assert found.reason
    assert len(found.message) < 400
    body = {"max_tokens": 50, "temperature": 0}
    assert refused_parameter(fault, body) in (None, "max_tokens", "temperature")
    assert with_room(fault, body) is None or with_room(fault, body) != body


@pytest.mark.parametrize("text", ["<" * 10**6, "< a" * 10**5, "a" * 10**6])
def test_hostile_markup_is_read_in_no_time(text: str) -> None:
    """Taking markup out of an error page is bounded, however long and broken it is."""
    assert len(one_line(text)) <= 4000


@pytest.mark.anyio
async def test_a_prompt_that_is_no_text_is_an_error(
    model: Callable[..., Model], request_for: Callable[..., Request], fast: RetryPolicy
) -> None:
    """A prompt with half a surrogate pair cannot be sent: the sample's failure, not a crash of the run."""
    wanted = request_for(mode="completion")
    broken = wanted.model_copy(update={"prompt": wanted.prompt.model_copy(update={"text": "\ud800"})})
    async with OpenAIBackend(model("http://127.0.0.1:9/v1"), policy=fast) as backend:
        with pytest.raises(ProviderError, match="cannot be sent"):
            await backend.complete(broken)


def test_a_client_does_not_show_its_key() -> None:
    """Printing a client, as a debugger or a crash report does, shows no key."""
    assert "sk-secret" not in repr(Client("http://127.0.0.1:9/v1", "sk-secret", 1.0))
