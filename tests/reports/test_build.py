"""The report is a pure function of what was recorded."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.records import (
    Execution,
    Failure,
    Model,
    Report,
    RunInfo,
    Sample,
    Sampling,
    SuiteInfo,
    Usage,
    Verdict,
)
from harness.reports.build import build_report, total_usage


def make_info(problems: int, n: int = 1) -> RunInfo:
    """A run over `problems` problems of `n` samples."""
    return RunInfo(
        run_id="r",
        kind="eval",
        created=datetime(2026, 1, 1, tzinfo=UTC),
        harness_version="0",
        model=Model(name="m", backend="reference", served_name="m"),
        suite=SuiteInfo(name="s", version="1", fingerprint="f", split="test", source="local"),
        sampling=Sampling(n=n),
        preset="chat",
        prompt_mode="chat",
        prompt_sha256="0",
        task_ids=tuple(f"t/{i}" for i in range(problems)),
        expected=problems * n,
    )


def ran(task: int, index: int, passed: bool) -> Execution:
    """A verdict for one sample."""
    return Execution(task_id=f"t/{task}", index=index, verdict=Verdict.PASSED if passed else Verdict.FAILED)


def broke(task: int, index: int = 0) -> Execution:
    """A sandbox failure for one sample."""
    failure = Failure(kind="sandbox", reason="container_killed", message="...")
    return Execution(task_id=f"t/{task}", index=index, failure=failure)


def report(info: RunInfo, executions: list[Execution]) -> Report:
    """A report without samples or cost."""
    return build_report(info, [], executions, None)


def test_one_sample_a_problem_gives_pass_at_1_with_its_wilson_interval() -> None:
    """Three of four passed is 0.75 with the Wilson interval 0.3006 to 0.9544."""
    numbers = report(make_info(4), [ran(i, 0, i > 0) for i in range(4)])
    assert numbers.metrics == pytest.approx({"pass@1": 0.75, "pass@1_low": 0.3006, "pass@1_high": 0.9544}, abs=1e-4)
    assert numbers.coverage == 1.0
    assert numbers.verdicts[Verdict.PASSED] == 3
    assert numbers.verdicts[Verdict.TIMEOUT] == 0


def test_a_failure_is_neither_right_nor_wrong() -> None:
    """A sandbox failure leaves pass@1 of the others alone, lowers coverage and widens the interval both ways."""
    whole = report(make_info(3), [ran(0, 0, True), ran(1, 0, True), ran(2, 0, False)])
    holed = report(make_info(4), [ran(0, 0, True), ran(1, 0, True), ran(2, 0, False), broke(3)])
    assert holed.metrics["pass@1"] == whole.metrics["pass@1"] == pytest.approx(2 / 3)
    assert holed.coverage == 0.75
    assert holed.failures == {"sandbox:container_killed": 1}
    assert holed.metrics["pass@1_low"] < report(make_info(4), [*_four(2)]).metrics["pass@1_low"] + 1e-12
    assert holed.metrics["pass@1_high"] == report(make_info(4), [*_four(3)]).metrics["pass@1_high"]


def _four(passes: int) -> list[Execution]:
    return [ran(i, 0, i < passes) for i in range(4)]


def test_what_never_ran_is_counted() -> None:
    """Samples that no execution line speaks of are reported as not attempted."""
    numbers = report(make_info(3), [ran(0, 0, True)])
    assert numbers.failures == {"not_attempted": 2}
    assert numbers.coverage == pytest.approx(1 / 3)


def test_a_repaired_sample_counts_once_with_its_later_verdict() -> None:
    """A verdict that follows a failure of the same sample replaces it."""
    numbers = report(make_info(1), [broke(0), ran(0, 0, True)])
    assert (numbers.scored, numbers.failures, numbers.metrics["pass@1"]) == (1, {}, 1.0)


def test_pass_at_k_with_too_few_samples_is_absent() -> None:
    """pass@2 is absent, not zero, where one problem has only one scored sample."""
    numbers = report(make_info(2, n=2), [ran(0, 0, True), ran(0, 1, False), ran(1, 0, True), broke(1, 1)])
    assert "pass@2" not in numbers.metrics
    assert numbers.metrics["pass@1"] == 0.75


def test_a_run_without_verdicts_has_no_score() -> None:
    """Nothing scored means no pass@1 at all rather than zero."""
    assert report(make_info(1), [broke(0)]).metrics == {}


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_lines_does_not_matter(rng: random.Random) -> None:
    """The same executions in any order give byte-for-byte the same report."""
    executions = [ran(i, j, (i * 7 + j * 3) % 5 < 2) for i in range(6) for j in range(3)]
    first = report(make_info(6, n=3), executions)
    rng.shuffle(executions)
    assert report(make_info(6, n=3), executions).model_dump_json() == first.model_dump_json()


def test_unreported_usage_is_counted_not_guessed() -> None:
    """A sample without usage adds no tokens and is counted as unreported."""
    total = total_usage(
        [
            Sample(task_id="t", index=0, usage=Usage(input=10, output=5, cached=4, reasoning=2)),
            Sample(task_id="t", index=1),
        ]
    )
    assert total.model_dump() == {"input": 10, "output": 5, "cached": 4, "reasoning": 2, "unreported": 1}


def test_a_stage_of_the_check_has_a_pass_at_k_of_its_own() -> None:
    """Of four samples one passed all, two the base inputs only: pass@1 is 0.25 and pass@1 base 0.75, with intervals."""
    info = make_info(4)
    info = info.model_copy(update={"suite": info.suite.model_copy(update={"stages": ("base",)})})
    half = [ran(task, 0, False).model_copy(update={"stages": ("base",)}) for task in (1, 2)]
    metrics = report(info, [ran(0, 0, True), *half, ran(3, 0, False)]).metrics
    assert (metrics["pass@1"], metrics["pass@1 base"]) == (0.25, 0.75)
    assert (metrics["pass@1 base_low"], metrics["pass@1 base_high"]) == pytest.approx((0.3006, 0.9544), abs=1e-4)
    assert set(report(make_info(4), half).metrics) == {"pass@1", "pass@1_low", "pass@1_high"}
