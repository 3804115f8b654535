"""Entries of made-up models for tests: given verdicts and prices by problem, everything else follows."""

from collections.abc import Sequence
from datetime import UTC, datetime

from harness.reports.row import Entry, Row
from harness.scoring.intervals import wilson
from harness.scoring.scores import Scores


def entry(name: str, passed: Sequence[bool], price: float | None = 0.01, **facts: object) -> Entry:
    """A model that passed these problems at one price an answer."""
    problems = len(passed)
    score = sum(passed) / problems
    low, high = wilson(sum(passed), problems)
    row = {
        "model": name,
        "suite": "s",
        "suite_version": "1",
        "problems": problems,
        "samples": problems,
        "score": score,
        "low": low,
        "high": high,
        "pass_at_1": score,
        "coverage": 1.0,
        "usd_per_answer": price,
        "date": datetime(2026, 1, 1, tzinfo=UTC),
        "run_id": f"run-{name}",
        "fingerprint": "f",
        "problem_set": "p",
        **facts,
    }
    ids = [f"t/{place}" for place in range(problems)]
    costs = {} if price is None else dict.fromkeys(ids, price)
    return Entry(Row.model_validate(row), Scores.whole(dict(zip(ids, map(float, passed), strict=True))), costs)


def passing(count: int, of: int = 100) -> list[bool]:
    """The first `count` of `of` problems."""
    return [place < count for place in range(of)]


def figure(name: str, score: float | None, price: float | None, **facts: object) -> Entry:
    """A published figure: no results by problem, a list price."""
    row = {
        "model": name,
        "suite": "z",
        "suite_version": "1",
        "scale": "points",
        "score": score,
        "usd_per_mtok": price,
        "fingerprint": "published:z",
        "problem_set": "published:z",
        **facts,
    }
    return Entry(Row.model_validate(row))
