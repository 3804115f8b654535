"""What is written for another tool holds the run's programs and verdicts, and reads back as the same samples."""

import json
from datetime import UTC, datetime
from pathlib import Path

from harness.formats.every_eval_samples import to_every_eval_samples
from harness.formats.samples import read_samples
from harness.formats.to_every_eval import every_eval_path, to_every_eval
from harness.formats.to_inspect import to_inspect
from harness.formats.to_samples import to_evalplus, to_human_eval
from harness.pipeline.answers import answers_of
from harness.pipeline.program import program_of
from harness.pipeline.run import make_report
from harness.records import Sample
from harness.reports.frames import sample_frame, write_parquet
from harness.store import RunDirectory
from harness.suites import Suite

NOW = datetime(2026, 9, 1, tzinfo=UTC)


def read_back(path: Path, text: str, suite: Suite) -> list[Sample]:
    """The samples of an export."""
    path.write_text(text)
    return list(read_samples(path, suite.resolve, suite.nth))


def programs(samples: list[Sample], suite: Suite) -> list[str | None]:
    """The program in each sample."""
    return [program_of(sample, suite.problem(sample.task_id), "chat").source for sample in samples]


def test_evalplus_gets_the_programs_as_they_ran(run: RunDirectory, smoke: Suite, tmp_path: Path) -> None:
    """Each solution is the very program that was judged; an answer without code is an empty one."""
    answers = list(answers_of(run, smoke))
    back = read_back(tmp_path / "x", "".join(to_evalplus(answers)), smoke)
    assert programs(back, smoke) == [answer.program.source for answer in answers]
    assert [(s.task_id, s.index) for s in back] == [(a.sample.task_id, a.sample.index) for a in answers]
    assert back[1].solution == ""


def test_human_eval_gets_what_continues_the_prompt(run: RunDirectory, smoke: Suite, tmp_path: Path) -> None:
    """A program that begins with the prompt loses it; any other follows the prompt whole, and its definition wins."""
    answers = list(answers_of(run, smoke))
    back = read_back(tmp_path / "x", "".join(to_human_eval(answers)), smoke)
    for answer, program in zip(answers, programs(back, smoke), strict=True):
        if answer.program.source is None:
            assert program is None
        elif answer.program.source.startswith(answer.problem.prefix):
            assert program == answer.program.source
        else:
            assert program is not None
            assert program.startswith(answer.problem.prefix)
            assert program.endswith(answer.program.source)
            compile(program, "x", "exec")


def test_inspect_gets_answers_verdicts_and_tokens(run: RunDirectory, smoke: Suite, tmp_path: Path) -> None:
    """The log holds prompt, answer, score and usage of each sample, and reads back as the same raw answers."""
    report = make_report(run, run.info())
    text = "".join(to_inspect(run.info(), report, answers_of(run, smoke)))
    log = json.loads(text)
    assert [s["scores"]["harness"]["value"] for s in log["samples"]] == ["C", "I"] * 4
    assert log["results"]["scores"][0]["metrics"]["accuracy"]["value"] == report.metrics["pass@1"] == 0.5
    assert log["samples"][0]["messages"][0]["content"] == log["samples"][0]["input"][0]["content"]
    back = read_back(tmp_path / "x", text, smoke)
    assert {(s.task_id, s.index, s.completion, s.usage) for s in back} == {
        (s.task_id, s.index, s.completion, s.usage) for s in run.samples()
    }
    assert all(sample.raw for sample in back)


def test_a_sample_without_a_verdict_has_no_score(run: RunDirectory, smoke: Suite) -> None:
    """What was not judged is not written as wrong."""
    (run.path / "executions.jsonl").write_text("")
    report = make_report(run, run.info())
    log = json.loads("".join(to_inspect(run.info(), report, answers_of(run, smoke))))
    assert all(sample["scores"] == {} for sample in log["samples"])
    assert log["status"] == "cancelled"
    assert json.loads(to_every_eval(run.info(), report, NOW))["evaluation_results"] == []


def test_every_eval_ever_gets_each_metric_with_its_interval(run: RunDirectory) -> None:
    """Each pass@k is a result with its interval and the fingerprint; the file's place depends on the run only."""
    report = make_report(run, run.info())
    record = json.loads(to_every_eval(run.info(), report, NOW))
    assert [(r["metric_config"]["metric_name"], r["score_details"]["score"]) for r in record["evaluation_results"]] == [
        ("pass@1", 0.5),
        ("pass@2", 1.0),
    ]
    first = record["evaluation_results"][0]
    interval = first["score_details"]["uncertainty"]["confidence_interval"]
    assert interval["lower"] < 0.5 < interval["upper"]
    assert first["source_data"]["additional_details"]["fingerprint"] == run.info().suite.fingerprint
    assert every_eval_path(run.info()) == every_eval_path(run.info())
    assert every_eval_path(run.info()).parts[:2] == ("data", "smoke")


def test_every_eval_ever_gets_a_line_a_verdict(run: RunDirectory, smoke: Suite) -> None:
    """Each judged sample is a line of its answer, program and score; what was not judged is none, never a zero."""
    with run.writing() as writer:
        writer.append_samples([Sample(task_id=run.info().task_ids[0], index=2, completion="unjudged")])
    report = make_report(run, run.info())
    rows = [json.loads(line) for line in to_every_eval_samples(run.info(), report, answers_of(run, smoke))]
    assert [row["evaluation"]["score"] for row in rows] == [1.0, 0.0] * 4
    assert {row["evaluation_result_id"] for row in rows} == {"pass@1"}
    assert rows[0]["answer_attribution"][0]["extracted_value"] == smoke.problems[0].reference
    record = json.loads(to_every_eval(run.info(), report, NOW, len(rows)))
    assert {row["evaluation_id"] for row in rows} == {record["evaluation_id"]}
    assert {row["model_id"] for row in rows} == {record["model_info"]["id"]}
    assert record["detailed_evaluation_results"]["total_rows"] == 8


def test_the_frame_has_a_row_a_sample(run: RunDirectory, smoke: Suite, tmp_path: Path) -> None:
    """Types hold whatever is missing: `passed` without a verdict and tokens without usage are missing."""
    import pandas as pd  # noqa: PLC0415

    with run.writing() as writer:
        writer.append_samples([Sample(task_id=run.info().task_ids[0], index=2, completion="")])
    frame = sample_frame(answers_of(run, smoke))
    assert frame["passed"].sum() == 4
    assert frame["passed"].isna().sum() == frame["input_tokens"].isna().sum() == 1
    write_parquet(answers_of(run, smoke), tmp_path / "x.parquet")
    back = pd.read_parquet(tmp_path / "x.parquet")
    assert back["program"].tolist()[0] == frame["program"].tolist()[0]
    assert list(back.columns) == list(frame.columns)
