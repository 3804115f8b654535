"""A run directory loses nothing and repairs itself."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import MachineError, UserError
from harness.records import Execution, Failure, Model, RunInfo, Sample, Sampling, SuiteInfo, Verdict
from harness.store import RunDirectory, list_runs


def make_info(run_id: str = "2026-01-01-run") -> RunInfo:
    """A run.json with nothing special in it."""
    return RunInfo(
        run_id=run_id,
        kind="eval",
        created=datetime(2026, 1, 1, tzinfo=UTC),
        harness_version="0",
        model=Model(name="m", backend="reference", served_name="m"),
        suite=SuiteInfo(name="s", version="1", fingerprint="f", split="test", source="local"),
        sampling=Sampling(),
        preset="chat",
        prompt_mode="chat",
        prompt_sha256="0",
        task_ids=("a", "b"),
        expected=2,
    )


def sample(index: int, text: str = "x") -> Sample:
    """A sample of problem a."""
    return Sample(task_id="a", index=index, completion=text)


def test_records_come_back_as_they_were_written(tmp_path: Path) -> None:
    """Samples and executions read back equal, in order."""
    run = RunDirectory.create(tmp_path, make_info())
    with run.writing() as writer:
        writer.append_samples([sample(0), sample(1, "ü\n\ud800".encode("utf-8", "replace").decode())])
        writer.append_executions([Execution(task_id="a", index=0, verdict=Verdict.PASSED)])
    assert [s.index for s in run.samples()] == [0, 1]
    assert next(iter(run.executions())).verdict is Verdict.PASSED
    assert run.info() == make_info()
    assert [r.path.name for r in list_runs(tmp_path)] == ["2026-01-01-run"]


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=400))
def test_a_file_cut_anywhere_is_healed_to_its_whole_lines(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    """Wherever a kill cut the file, every whole record survives and the next record starts on a line of its own."""
    run = RunDirectory.create(tmp_path_factory.mktemp("run"), make_info())
    with run.writing() as writer:
        writer.append_samples([sample(0, "first")])
        writer.append_samples([sample(1, "second")])
    path = run.path / "samples.jsonl"
    content = path.read_bytes()
    path.write_bytes(content[:cut])
    whole = content[:cut].count(b"\n")
    assert len(list(run.samples())) == whole
    with run.writing() as writer:
        writer.append_samples([sample(2, "third")])
    assert [s.completion for s in run.samples()] == [*["first", "second"][:whole], "third"]


def test_a_resumed_run_drops_failures_and_doubles(tmp_path: Path) -> None:
    """Failures and superseded lines are gone once a writer opens the run, so each sample keeps one line."""
    run = RunDirectory.create(tmp_path, make_info())
    failure = Failure(kind="provider", reason="timeout", message="no answer")
    with run.writing() as writer:
        writer.append_executions([Execution(task_id="a", index=0, failure=failure)])
        writer.append_executions([Execution(task_id="b", index=0, verdict=Verdict.FAILED)])
        writer.append_executions([Execution(task_id="b", index=0, verdict=Verdict.PASSED)])
    with run.writing():
        pass
    assert [(e.task_id, e.verdict) for e in run.executions()] == [("b", Verdict.PASSED)]


def test_two_writers_are_refused(tmp_path: Path) -> None:
    """A second writer gets an error that names the process holding the run."""
    run = RunDirectory.create(tmp_path, make_info())
    with run.writing(), pytest.raises(UserError, match=str(os.getpid())), run.writing():
        pass


def test_a_killed_writer_leaves_the_run_writable(tmp_path: Path) -> None:
    """After SIGKILL of the writer nothing acknowledged is lost and no stale lock stops the next writer."""
    RunDirectory.create(tmp_path, make_info())
    script = (
        "import sys, pathlib, os, signal\n"
        "from harness.store import RunDirectory\nfrom harness.records import Sample\n"
        "run = RunDirectory(pathlib.Path(sys.argv[1]))\n"
        "with run.writing() as w:\n"
        "    w.append_samples([Sample(task_id='a', index=0, completion='paid')])\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = tmp_path / "runs" / "2026-01-01-run"
    done = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    run = RunDirectory(path)
    with run.writing() as writer:
        writer.append_samples([sample(1)])
    assert [s.completion for s in run.samples()] == ["paid", "x"]


def test_a_full_disk_is_explained_and_loses_nothing(tmp_path: Path) -> None:
    """When the disk is full the error says so and what to do, and the records before stay whole."""
    run = RunDirectory.create(tmp_path, make_info())
    with run.writing() as writer:
        writer.append_samples([sample(0)])
        with Path("/dev/full").open("ab", buffering=0) as full:
            writer._samples = full  # type: ignore[assignment]
            with pytest.raises(MachineError, match="disk is full") as caught:
                writer.append_samples([sample(1)], sync=False)
    assert "harness resume" in caught.value.hint
    assert len(list(run.samples())) == 1


def test_half_a_line_that_was_given_an_end_is_cut_off(tmp_path: Path) -> None:
    """A last line that is no JSON is passed over and then cut off; one in the middle is not."""
    run = RunDirectory.create(tmp_path, make_info())
    path = run.path / "samples.jsonl"
    with run.writing() as writer:
        writer.append_samples([sample(0)])
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"task_id": "a", "ind\n')
    assert len(list(run.samples())) == 1
    with run.writing():
        assert path.read_bytes() == whole
    path.write_bytes(b'{"task_id": "a", "ind\n' + whole)
    with pytest.raises(UserError, match="line 1"):
        list(run.samples())


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    """A line that is no record stops the reader with its file, line and field."""
    run = RunDirectory.create(tmp_path, make_info())
    (run.path / "samples.jsonl").write_text('{"task_id": "a", "index": -1}\n')
    with pytest.raises(UserError, match=r"samples.jsonl, line 1: field index"):
        list(run.samples())


def test_a_run_of_another_version_is_refused(tmp_path: Path) -> None:
    """A run directory of another format says which format it has and which version wrote it."""
    run = RunDirectory.create(tmp_path, make_info())
    path = run.path / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))
    with pytest.raises(UserError, match="format 99"):
        run.info()
    path.write_text("{")
    with pytest.raises(UserError, match="damaged"):
        run.info()
    path.unlink()
    with pytest.raises(UserError, match="not a run"):
        run.info()


def test_runs_are_found_by_part_of_their_name(tmp_path: Path) -> None:
    """A unique part of the id is enough; an ambiguous or unknown one is an error that lists the candidates."""
    for run_id in ("2026-a", "2026-b"):
        RunDirectory.create(tmp_path, make_info(run_id))
    assert RunDirectory.find(tmp_path, "-a").path.name == "2026-a"
    assert RunDirectory.find(tmp_path, str(tmp_path / "runs" / "2026-b")).path.name == "2026-b"
    with pytest.raises(UserError, match="matches 2 runs"):
        RunDirectory.find(tmp_path, "2026")
    with pytest.raises(UserError, match="no run 'x'"):
        RunDirectory.find(tmp_path, "x")
    with pytest.raises(UserError, match="exists already"):
        RunDirectory.create(tmp_path, make_info("2026-a"))
