"""Runs on disk with given verdicts, for tests of what is made of them; nothing was asked and nothing executed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from harness.pipeline.run import make_report
from harness.pricing.snapshot import Snapshot
from harness.pricing.tariff import Tariff
from harness.records import Execution, Failure, Model, RunInfo, Sample, Sampling, SuiteInfo, Usage, Verdict
from harness.store import RunDirectory

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
SUITE = SuiteInfo(name="s", version="1", fingerprint="f", split="test", source="local")
BROKEN = Failure(kind="sandbox", reason="container_killed", message="The container was killed.")

Answers = Sequence[bool | None]
"""For each sample of a problem: passed, failed, or without a verdict."""


def record_run(
    root: Path,
    name: str,
    answers: Mapping[str, Answers],
    *,
    dollars: str | None = None,
    suite: SuiteInfo = SUITE,
    detail: str = "",
) -> RunDirectory:
    """A run with these verdicts; `dollars` is the price of one answer, None where no price is known."""
    n = max(map(len, answers.values()))
    run = RunDirectory.create(root, _info(name, answers, n, dollars, suite))
    keys = [(task_id, index, ok) for task_id, oks in answers.items() for index, ok in enumerate(oks)]
    with run.writing() as writer:
        usage = Usage(input=1_000_000, output=0)
        writer.append_samples(
            [Sample(task_id=t, index=i, completion="x", usage=usage, created=NOON) for t, i, _ in keys], sync=False
        )
        writer.append_executions([_execution(t, i, ok, detail) for t, i, ok in keys])
        writer.write_report(make_report(run, run.info()))
    return run


def one_each(passed: Sequence[bool | None]) -> dict[str, Answers]:
    """One sample a problem, for problems t/0, t/1, ..."""
    return {f"t/{place}": (ok,) for place, ok in enumerate(passed)}


def _execution(task_id: str, index: int, ok: bool | None, detail: str) -> Execution:
    if ok is None:
        return Execution(task_id=task_id, index=index, failure=BROKEN)
    return Execution(
        task_id=task_id, index=index, verdict=Verdict.PASSED if ok else Verdict.FAILED, detail=detail, wall_s=0.25
    )


def _info(name: str, answers: Mapping[str, Answers], n: int, dollars: str | None, suite: SuiteInfo) -> RunInfo:
    prices = Snapshot()
    if dollars is not None:
        tariff = Tariff(input=Decimal(dollars), output=Decimal(0), source="test", as_of=NOON.date(), reference="test:m")
        prices = Snapshot(tariffs={NOON.date(): tariff})
    return RunInfo(
        run_id=f"run-{name}",
        kind="eval",
        created=NOON,
        harness_version="0",
        model=Model(name=name, backend="reference", served_name=name),
        suite=suite,
        sampling=Sampling(n=n),
        preset="chat",
        prompt_mode="chat",
        prompt_sha256="0",
        task_ids=tuple(answers),
        expected=n * len(answers),
        prices=prices.dumped(),
    )
