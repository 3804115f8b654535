"""Measured tokens per second: from the usage of a run's samples, checked against the server's own counters.

A run is busy while at least one of its requests is under way: the union of the requests' times, so that neither the
pause between two sessions nor the judging after the last answer counts. vLLM counts a prompt once for each sample drawn
from it, usage once a request (`vllm:prompt_tokens_total` with n > 1), and the comparison allows for that.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal

from pydantic import Field, JsonValue

from harness.records import Record, Sample

TOLERANCE = Decimal("0.01")
"""Counters and usage agree when they differ by no more than this share."""


class Throughput(Record):
    """What a server did for a run: tokens by usage (each prompt once a request), in so many busy seconds."""

    input: int = Field(ge=0)
    output: int = Field(ge=0)
    seconds: Decimal = Field(gt=0)

    @property
    def input_per_s(self) -> Decimal:
        """Input tokens per busy second."""
        return self.input / self.seconds

    @property
    def output_per_s(self) -> Decimal:
        """Output tokens per busy second."""
        return self.output / self.seconds


class Check(Record):
    """One session's tokens, as usage says and as the server counted: `prompt` once a sample, and the output."""

    prompt: int
    output: int
    server_prompt: int
    server_output: int

    @property
    def agrees(self) -> bool:
        """Whether both counts are within `TOLERANCE` of usage."""
        return _near(self.prompt, self.server_prompt) and _near(self.output, self.server_output)

    def __str__(self) -> str:
        """Both counts, and what to make of them."""
        counted = f"{self.server_prompt:,} in and {self.server_output:,} out, usage {self.prompt:,} and {self.output:,}"
        return f"{counted}: " + ("they agree" if self.agrees else "THEY DIFFER; other clients, or retries, share it")


def measure(samples: Iterable[Sample]) -> Throughput | None:
    """The throughput of a run; None where a sample has no usage or no time, or none took any time."""
    drawn = list(samples)
    usages = [sample.usage for sample in drawn if sample.usage is not None]
    seconds = busy_seconds(drawn)
    if not drawn or len(usages) < len(drawn) or seconds is None or not seconds:
        return None
    return Throughput(input=sum(u.input for u in usages), output=sum(u.output for u in usages), seconds=seconds)


def busy_seconds(samples: Iterable[Sample]) -> Decimal | None:
    """Seconds in which at least one request was under way, to the microsecond; None where a sample has no time."""
    spans = []
    for sample in samples:
        if sample.created is None:
            return None
        spans.append((sample.created - timedelta(seconds=sample.latency_s), sample.created))
    busy, end = timedelta(), None
    for start, stop in sorted(spans):
        begin = start if end is None else max(start, end)
        busy += max(stop - begin, timedelta())
        end = stop if end is None else max(stop, end)
    return Decimal(busy // timedelta(microseconds=1)).scaleb(-6)


def session_tokens(samples: Iterable[Sample]) -> dict[str, JsonValue]:
    """The tokens of one session by usage, to be kept beside the server's counters: `prompt` counts once a sample."""
    requests: dict[tuple[str, str | None], list[Sample]] = {}
    alone: list[list[Sample]] = []
    for sample in samples:
        if sample.usage is not None and sample.usage.apportioned:
            requests.setdefault((sample.task_id, sample.request_id), []).append(sample)
        else:
            alone.append([sample])
    groups = [*requests.values(), *alone]
    return {
        "prompt": sum(len(group) * sum(_input(sample) for sample in group) for group in groups),
        "output": sum(sample.usage.output for group in groups for sample in group if sample.usage),
        "unreported": sum(sample.usage is None for group in groups for sample in group),
    }


def checks(sessions: Sequence[JsonValue]) -> list[Check]:
    """The comparison for every session in which both sides counted; `sessions` is `endpoint.sessions` of run.json."""
    found = []
    for session in sessions:
        match session:
            case {
                "usage": {"prompt": int(prompt), "output": int(output), "unreported": 0},
                "server": {"prompt_tokens": float() | int() as given, "generation_tokens": float() | int() as made},
            }:
                found.append(Check(prompt=prompt, output=output, server_prompt=round(given), server_output=round(made)))
    return found


def _input(sample: Sample) -> int:
    return sample.usage.input if sample.usage is not None else 0


def _near(expected: int, counted: int) -> bool:
    return abs(expected - counted) <= TOLERANCE * max(expected, counted)
