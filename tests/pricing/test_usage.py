"""Tokens: what counts as reported, what is nonsense, and that shares add up."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.pricing.usage import apportion, read_usage, split
from harness.records import Usage


def reported(given: Any = 10, output: Any = 5, **more: Any) -> dict[str, Any]:
    """Usage in OpenAI's shape."""
    return {"prompt_tokens": given, "completion_tokens": output, **more}


def test_parts_are_parts() -> None:
    """Cached input and reasoning are read as parts of input and output."""
    details = {"prompt_tokens_details": {"cached_tokens": 4}, "completion_tokens_details": {"reasoning_tokens": 3}}
    usage = read_usage(reported(total_tokens=15, **details), answered=True)
    assert usage == Usage(input=10, output=5, cached=4, reasoning=3)


@pytest.mark.parametrize(
    "nonsense",
    [
        None, [], "10", {}, reported(None), reported(output=None), reported(-1), reported(output=-5), reported("10"),
        reported(True), reported(1.5), reported(float("inf")), reported(10**12), reported(0, 0), reported(10, 0),
    ],
)  # fmt: skip
def test_nonsense_is_no_usage(nonsense: Any) -> None:
    """Usage that is absent or impossible is unknown, so that no cost is computed from it."""
    assert read_usage(nonsense, answered=True) is None


def test_an_empty_answer_may_cost_no_output() -> None:
    """No tokens for no text is a fact, not nonsense."""
    assert read_usage(reported(10, 0), answered=False) == Usage(input=10, output=0)


@pytest.mark.parametrize("details", [None, {}, {"cached_tokens": None}, {"cached_tokens": -3}, {"cached_tokens": 99}])
def test_impossible_parts_are_left_out(details: Any) -> None:
    """A part that is larger than its whole, or no number, counts as none."""
    assert read_usage(reported(prompt_tokens_details=details), answered=True) == Usage(input=10, output=5)


@pytest.mark.parametrize("details", [{}, {"completion_tokens_details": {"reasoning_tokens": 200}}])
def test_reasoning_outside_of_the_output_is_added(details: Any) -> None:
    """Where only the total holds the reasoning, output includes it all the same: it is billed as output."""
    usage = read_usage(reported(total_tokens=215, **details), answered=True)
    assert usage == Usage(input=10, output=205, reasoning=200)


@given(st.integers(0, 10**6), st.lists(st.integers(1, 1000), min_size=1, max_size=64))
def test_a_split_is_exact(total: int, weights: list[int]) -> None:
    """Shares are whole numbers of at least zero, add up, and are at most one off the proportion."""
    shares = split(total, weights)
    assert sum(shares) == total
    assert all(abs(share - total * weight / sum(weights)) <= 1 for share, weight in zip(shares, weights, strict=True))


@given(st.lists(st.text(max_size=50), min_size=1, max_size=40), st.integers(0, 10**5), st.integers(0, 10**5), st.data())
def test_apportioned_usage_adds_up(texts: list[str], given: int, output: int, data: st.DataObject) -> None:
    """However it is divided, every sum is the request's, and no part exceeds its whole."""
    whole = Usage(
        input=given,
        output=output,
        cached=data.draw(st.integers(0, given)),
        reasoning=data.draw(st.integers(0, output)),
    )
    parts = [part for part in apportion(whole, texts) if part is not None]
    for field in ("input", "output", "cached", "reasoning"):
        assert sum(getattr(part, field) for part in parts) == getattr(whole, field)
    assert all(part.cached <= part.input and part.reasoning <= part.output for part in parts)
    assert all(part.apportioned is (len(texts) > 1) for part in parts)


def test_unknown_usage_is_unknown_for_each() -> None:
    """Nothing is divided where nothing was reported."""
    assert apportion(None, ["a", "b"]) == [None, None]
