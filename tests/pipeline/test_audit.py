"""The audit judges what each extractor finds, runs no program twice, and leaves the run as it is."""

from pathlib import Path

import anyio
import pytest

from harness.pipeline.audit import EXTRACTORS, OURS, Audit, audit_run
from harness.pipeline.plan import plan_score
from harness.pipeline.run import RunPipeline
from harness.pipeline.score import Rows, take_over
from harness.records import Sample, Verdict
from harness.sandboxes.docker import DockerSandbox
from harness.settings import Settings
from harness.store import RunDirectory
from harness.suites import Suite, load_suite
from tests.formats.conftest import smoke_run
from tests.suites.data_sets import SHARED, needs_shared

from .conftest import TextSandbox


def audited(run: RunDirectory, suite: Suite, sandbox: TextSandbox) -> Audit:
    """The audit of a run."""
    return anyio.run(audit_run, run, suite, sandbox)


def test_each_extractor_gets_its_own_verdicts(root: Path, smoke: Suite) -> None:
    """Ours keeps the run's verdicts; what a rival passes and ours does not is gained, the other way round lost."""
    run = smoke_run(root, smoke, problems=2)
    result = audited(run, smoke, TextSandbox())
    assert set(result.answers[0].verdicts) == set(EXTRACTORS)
    assert result.tally(OURS).passed == 2
    first, second = run.info().task_ids
    assert result.tally("raw").gained == (f"{second}#1",)  # recorded as failed; this sandbox passes any `return`
    assert result.tally("first-fence").gained == result.tally("first-fence").lost == ()
    assert [one.verdicts[OURS] for one in result.answers][:2] == [Verdict.PASSED, Verdict.NO_CODE]
    assert result.answers[1].answer.sample.task_id == first
    assert result.skipped == 0


def test_the_same_program_is_run_once(root: Path, smoke: Suite) -> None:
    """Extractors that agree with each other, or with the judged program, cost no further execution."""
    run = smoke_run(root, smoke, problems=1)
    sandbox = TextSandbox()
    result = audited(run, smoke, sandbox)
    different = {p.source for one in result.answers for p in one.programs.values() if p.source is not None}
    judged = {one.programs[OURS].source for one in result.answers if one.programs[OURS].source is not None}
    assert len(sandbox.ran) == len(different - judged)


def test_a_sandbox_fault_is_neither_gained_nor_lost(root: Path, smoke: Suite) -> None:
    """A fault of the sandbox must not be told as a pass that an extractor lost."""
    run = smoke_run(root, smoke, problems=1)
    task_id = run.info().task_ids[0]
    breaks = frozenset(f"{task_id}#0!{place}" for place in range(6))
    result = audited(run, smoke, TextSandbox(breaks=breaks))
    assert result.answers[0].verdicts["raw"] is None
    assert all(result.tally(name).lost == () for name in EXTRACTORS)


def test_programs_are_skipped_and_the_run_stays(root: Path, smoke: Suite) -> None:
    """Samples that are programs already are counted, not extracted; nothing in the run's folder changes."""
    run = smoke_run(root, smoke, problems=1)
    with run.writing() as writer:
        writer.append_samples([Sample(task_id=run.info().task_ids[0], index=2, solution="x", raw=False)])
    before = {path.name: path.read_bytes() for path in run.path.iterdir()}
    assert audited(run, smoke, TextSandbox()).skipped == 1
    assert {path.name: path.read_bytes() for path in run.path.iterdir()} == before


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["mapcoder-humaneval-Gemini-Direct-Human-Python3-0-1", "agentevals-simple-gpt-3.5-turbo-1106-run1"]
)
@needs_shared
@pytest.mark.usefixtures("sandbox_image")
def test_no_other_extractor_gains_a_pass_on_real_answers(root: Path, name: str) -> None:
    """Ours is the best on real replies: a pass that only another extractor finds would be one lost to formatting."""
    suite = load_suite("humaneval", settings=Settings(data_dir=SHARED))
    path = SHARED.parent / "answers" / "raw" / f"{name}.jsonl"

    async def audit() -> Audit:
        async with DockerSandbox() as sandbox:
            run = take_over(path, suite, plan_score(path, suite, name), root, Rows())
            await RunPipeline(run, suite, None, sandbox).complete()
            return await audit_run(run, suite, sandbox)

    result = anyio.run(audit)
    assert len(result.answers) == 164
    assert {extractor: result.tally(extractor).gained for extractor in EXTRACTORS} == dict.fromkeys(EXTRACTORS, ())
    assert result.tally("raw").passed < result.tally("last-fence").passed <= result.tally(OURS).passed
