"""Run directories as an eval would have left them, for tests that read runs."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from harness.pricing.snapshot import Snapshot
from harness.pricing.tariff import Tariff
from harness.records import Execution, Failure, Model, RunInfo, Sample, Sampling, SuiteInfo, Usage, Verdict
from harness.store import RunDirectory

DAY = date(2026, 9, 1)
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
TARIFF = Tariff(input=Decimal(2), output=Decimal(8), source="a price list", as_of=DAY, reference="a:b", since=DAY)
USAGE = Usage(input=1000, output=500)


def record_run(
    root: Path,
    name: str,
    passed: Sequence[Sequence[bool | None]],
    *,
    tariff: Tariff | None = TARIFF,
    usage: Usage | None = USAGE,
    suite: str = "s",
) -> RunDirectory:
    """A run over one problem for each entry of `passed`: its samples' verdicts, None where the sandbox failed.

    Each sample took a second, one after another. There is no report.json.
    """
    n = len(passed[0])
    ids = tuple(f"t/{place}" for place in range(len(passed)))
    snapshot = Snapshot(tariffs={DAY: tariff} if tariff else {})
    info = RunInfo(
        run_id=f"20260901-120000-{name}-{suite}-0001",
        kind="eval",
        created=NOON,
        harness_version="0",
        model=Model(name=name, backend="openai", served_name=name),
        suite=SuiteInfo(name=suite, version="1", fingerprint=f"f-{suite}", split="test", source="local"),
        sampling=Sampling(n=n),
        preset="chat",
        prompt_mode="chat",
        prompt_sha256="0",
        task_ids=ids,
        expected=n * len(ids),
        prices=snapshot.dumped(),
    )
    run = RunDirectory.create(root, info)
    with run.writing() as writer:
        for place, (task_id, verdicts) in enumerate(zip(ids, passed, strict=True)):
            for index, verdict in enumerate(verdicts):
                end = NOON + timedelta(seconds=1 + place * n + index)
                sample = Sample(task_id=task_id, index=index, completion="x", usage=usage, latency_s=1.0, created=end)
                writer.append_samples([sample], sync=False)
                writer.append_executions([_execution(task_id, index, verdict)])
    return run


def _execution(task_id: str, index: int, passed: bool | None) -> Execution:
    if passed is None:
        failure = Failure(kind="sandbox", reason="container_killed", message="...")
        return Execution(task_id=task_id, index=index, failure=failure)
    return Execution(task_id=task_id, index=index, verdict=Verdict.PASSED if passed else Verdict.FAILED)
