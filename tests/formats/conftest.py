"""A run of the smoke suite as an eval would have left it, with answers of several shapes."""

from pathlib import Path

import pytest

from harness.models import find_model
from harness.pipeline.plan import Choice, plan_eval
from harness.pipeline.run import make_report
from harness.records import Execution, Sample, Usage, Verdict
from harness.settings import Settings
from harness.store import RunDirectory
from harness.suites import Suite, load_suite

WRONG = "def nothing_else(*args):\n    return 'wrong'\n"


@pytest.fixture(scope="session")
def smoke() -> Suite:
    """Our own suite."""
    return load_suite("smoke")


def smoke_run(root: Path, suite: Suite, problems: int = 4) -> RunDirectory:
    """A run of two samples a problem: the reference in a fence, which passed, and another answer, which did not."""
    info = plan_eval(find_model("reference", Settings()), suite, Choice(n=2, limit=problems))
    run = RunDirectory.create(root, info)
    with run.writing() as writer:
        for number, task_id in enumerate(info.task_ids):
            problem = suite.problem(task_id)
            stub = f"def {problem.entry_point}(*args):\n    return 'wrong'\n"
            other = "I would rather not." if number == 0 else f"```python\n{stub}```"
            usage = Usage(input=100, output=10, cached=40)
            writer.append_samples(
                [
                    Sample(
                        task_id=task_id, index=0, completion=f"Here:\n```python\n{problem.reference}\n```", usage=usage
                    ),
                    Sample(task_id=task_id, index=1, completion=other, usage=usage, finish_reason="length"),
                ]
            )
            bad = Verdict.NO_CODE if number == 0 else Verdict.FAILED
            detail = "AssertionError\nassert candidate(1) == 2\nf(1) returned 3" if number else ""
            writer.append_executions(
                [
                    Execution(task_id=task_id, index=0, verdict=Verdict.PASSED, method="fence", cpu_s=0.1),
                    Execution(task_id=task_id, index=1, verdict=bad, detail=detail, output="hello\n", method="fence"),
                ]
            )
        writer.write_report(make_report(run, info))
    return run


@pytest.fixture
def run(tmp_path: Path, smoke: Suite) -> RunDirectory:
    """The run, in a folder of its own."""
    return smoke_run(tmp_path / "results", smoke)
