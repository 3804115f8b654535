"""Measured tokens per second: only busy time counts, and the server's own counters must say the same."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.pricing.throughput import busy_seconds, checks, measure, session_tokens
from harness.records import Usage
from tests.pricing.samples import NOON, sample

SPANS = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20)), min_size=1, max_size=12)


def test_requests_under_way_together_count_once() -> None:
    """Overlapping requests are one busy stretch, and the pause before the next is none."""
    samples = [sample(end_s=2.0, latency_s=2.0), sample(end_s=3.0, latency_s=2.0), sample(end_s=100.0, latency_s=0.5)]
    assert busy_seconds(samples) == Decimal("3.5")


@given(SPANS)
def test_busy_time_is_the_union(spans: list[tuple[int, int]]) -> None:
    """In whatever order they are, the busy seconds are those that lie in at least one request."""
    samples = [sample(end_s=start + length, latency_s=float(length)) for start, length in spans]
    seconds = {second for start, length in spans for second in range(start, start + length)}
    assert busy_seconds(samples) == len(seconds)


def test_throughput_is_tokens_over_busy_time() -> None:
    """Tokens in and out of all samples are divided by the busy seconds."""
    measured = measure([sample(end_s=4.0, latency_s=4.0), sample(end_s=4.0, latency_s=2.0)])
    assert measured is not None
    assert (measured.input_per_s, measured.output_per_s) == (500, 50)


@pytest.mark.parametrize("lacking", [{"usage": None}, {"created": None}])
def test_what_is_not_reported_is_not_measured(lacking: dict[str, Any]) -> None:
    """One sample without usage or time leaves the throughput unknown: it would come out too low."""
    assert measure([sample(), sample(index=1, **lacking)]) is None


def test_nothing_is_no_throughput() -> None:
    """No sample, or answers that took no time (replayed ones), have no tokens per second."""
    assert measure([]) is None
    assert measure([sample(latency_s=0.0)]) is None


def shared(count: int, **usage: int) -> list[Any]:
    """Samples of one request, its usage divided among them."""
    part = Usage(**usage, apportioned=True)
    return [sample("t/1", index, usage=part, request_id="r") for index in range(count)]


def session(prompt: float, output: float, samples: list[Any]) -> Any:
    """What run.json says of a session."""
    return {"server": {"prompt_tokens": prompt, "generation_tokens": output}, "usage": session_tokens(samples)}


def test_a_prompt_counts_once_a_sample_at_the_server() -> None:
    """Four samples of one request: usage has the prompt once, vLLM's counter four times, and the two agree."""
    found = checks([session(400.0, 80.0, shared(4, input=25, output=20))])
    assert [(check.prompt, check.output, check.agrees) for check in found] == [(400, 80, True)]


@pytest.mark.parametrize(("prompt", "output"), [(1030.0, 100.0), (1000.0, 102.0), (900.0, 100.0), (0.0, 0.0)])
def test_another_client_is_noticed(prompt: float, output: float) -> None:
    """Counters that differ from usage by more than a percent do not agree: the server did other work, or less."""
    assert [check.agrees for check in checks([session(prompt, output, [sample()])])] == [False]


def test_a_percent_is_tolerated() -> None:
    """A token at the edges of a request is no disagreement."""
    assert [check.agrees for check in checks([session(1009.0, 100.0, [sample()])])] == [True]


def test_what_one_side_did_not_count_is_not_compared() -> None:
    """A session without counters, or with samples without usage, is left out: there is nothing to agree with."""
    assert checks([{"usage": session_tokens([sample()])}, session(10.0, 5.0, [sample(usage=None)]), "odd"]) == []


def test_the_tail_of_a_clock_counts() -> None:
    """Busy time keeps microseconds, so that short runs on fast servers have a speed."""
    assert busy_seconds([sample(created=NOON + timedelta(microseconds=7), latency_s=0.000250)]) == Decimal("0.00025")
