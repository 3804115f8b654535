"""`harness audit`: what each extractor would have made of a run, in real Docker."""

import json
from pathlib import Path

import pytest

from harness.records import Sample
from harness.suites import load_suite
from tests.formats.conftest import smoke_run

from .conftest import Cli


@pytest.mark.docker
@pytest.mark.usefixtures("sandbox_image")
def test_an_audit_tells_passes_lost_side_by_side(cli: Cli, tmp_path: Path) -> None:
    """Raw answers lose what fences hold; the answer is shown with both programs, and --json says the same."""
    run = smoke_run(tmp_path / "results", load_suite("smoke"), problems=3)
    told = cli("audit", run.path.name, "--show", "1")
    assert told.code == 0, told.err
    first = run.info().task_ids[0]
    assert f"raw loses {first}#0" in told.out
    assert f"=== {first} sample 0 ===" in told.out
    found = json.loads(cli("audit", run.path.name, "--json").out)
    assert found["extractors"]["ours"]["passed"] == found["extractors"]["first-fence"]["passed"] == 3
    assert found["extractors"]["raw"]["passed"] == 0
    assert len(found["differing"]) == 3


def test_a_file_of_programs_has_nothing_to_audit(cli: Cli, tmp_path: Path) -> None:
    """Samples that are programs already are no answers: the audit says so before it needs Docker."""
    run = smoke_run(tmp_path / "results", load_suite("smoke"), problems=1)
    task_id = run.info().task_ids[0]
    (run.path / "samples.jsonl").write_text(
        Sample(task_id=task_id, index=0, solution="x", raw=False).model_dump_json() + "\n"
    )
    result = cli("audit", run.path.name)
    assert result.code == 1
    assert "no raw answers" in result.err
