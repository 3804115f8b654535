"""Samples with known usage and times, for tests of money."""

from datetime import UTC, datetime, timedelta
from typing import Any

from harness.records import Sample, Usage

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


def sample(task_id: str = "t/0", index: int = 0, *, end_s: float = 0.0, **fields: Any) -> Sample:
    """A sample that was drawn `end_s` seconds after noon; 1000 tokens in, 100 out, one second long, unless told."""
    given = {"usage": Usage(input=1000, output=100), "latency_s": 1.0, "created": NOON + timedelta(seconds=end_s)}
    return Sample(task_id=task_id, index=index, completion="x", **{**given, **fields})
