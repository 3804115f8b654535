"""MultiPL-E's problems in real containers: our own answers to some of them, good and bad, get their verdicts."""

from pathlib import Path
from typing import Any

import anyio
import pytest
import yaml

from harness.languages import languages
from harness.records import Job, Outcome, Verdict
from harness.sandboxes.docker import DockerSandbox
from harness.suites import load_suite
from harness.suites.extraction import extract
from tests.suites.data_sets import SHARED, needs_shared

ANSWERS: dict[str, dict[int, dict[str, str]]] = yaml.safe_load(
    Path(__file__).with_name("answers.yaml").read_text(encoding="utf-8")
)
DATA = SHARED / "multipl-e"


@pytest.fixture
def anyio_backend() -> str:
    """Only asyncio: it is what the pipeline runs on."""
    return "asyncio"


@needs_shared
@pytest.mark.docker
@pytest.mark.anyio
@pytest.mark.parametrize("language", list(languages()))
async def test_good_answers_pass_and_bad_ones_fail(language: str) -> None:
    """A right answer passes and a wrong one fails in each language: a driver that misread a test would turn them."""
    suite = load_suite(f"humaneval-{language}", data=DATA)
    outcomes: dict[tuple[int, str], Outcome] = {}

    async def judged(sandbox: Any, number: int, kind: str, text: str) -> None:
        [problem] = [one for one in suite.problems if one.task_id.startswith(f"HumanEval_{number}_")]
        source = extract(f"Here it is:\n\n```{language}\n{text}```\n", problem, "chat").source
        assert source is not None
        job = Job(id=f"{number}/{kind}", program=source, check=problem.check, limits=problem.limits)
        outcomes[number, kind] = await sandbox.run(job)

    async with DockerSandbox(language=language, parallel=2) as sandbox, anyio.create_task_group() as group:
        for number, kinds in ANSWERS[language].items():
            for kind, text in kinds.items():
                group.start_soon(judged, sandbox, number, kind, text)
    expected = {"good": Verdict.PASSED, "bad": Verdict.FAILED}
    assert not {
        place: f"{outcome.verdict}: {outcome.detail}\n{outcome.output}"
        for place, outcome in outcomes.items()
        if outcome.verdict is not expected[place[1]]
    }
