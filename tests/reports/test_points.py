"""A suite that scores in points, from recorded executions to its report, its row, its gate and a comparison."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.pipeline.board import read_entry
from harness.pipeline.run import make_report
from harness.points import PointsRule
from harness.records import Execution, Report, Verdict
from harness.reports.gates import Threshold, judge_threshold
from harness.reports.leaderboard import leaderboard
from harness.reports.per_problem import scores_of
from harness.reports.summary import step_summary
from harness.store import RunDirectory
from tests.recorded import BROKEN, SUITE, record_run

RULE = PointsRule(runs=5, weights={"ran": 1, "covered": 10})
POINTS = SUITE.model_copy(update={"points": RULE})


def run_with(root: Path, name: str, covered: Sequence[float | None]) -> tuple[RunDirectory, Report]:
    """A run whose problems have one answer each that ran and covered so much; None: the sandbox lost it."""
    tasks = {f"t/{place}": (True,) for place in range(len(covered))}
    run = record_run(root, name, tasks, dollars="2", suite=POINTS)
    with run.writing() as writer:
        writer.append_executions(
            [
                Execution(task_id=task_id, index=0, failure=BROKEN)
                if share is None
                else Execution(
                    task_id=task_id, index=0, verdict=Verdict.PASSED, measures={"ran": 1.0, "covered": share}
                )
                for task_id, share in zip(tasks, covered, strict=True)
            ]
        )
        report = make_report(run, run.info())
        writer.write_report(report)
    return run, report


def test_a_report_has_the_points_with_their_parts_beside_pass_at_1(tmp_path: Path) -> None:
    """Three answers that ran, two of which covered everything: 3 x 5 points for one, 2 x 50 for the other."""
    _, report = run_with(tmp_path, "a", [1, 1, 0])
    assert report.points is not None
    assert (report.points.total, report.points.maximum) == (pytest.approx(115), 165)
    assert report.points.metrics == pytest.approx({"ran": 15, "covered": 10})
    assert report.metrics["points"] == report.points.total
    assert report.metrics["pass@1"] == 1.0
    assert "115 of 165 points" in step_summary([report], [])


def test_the_leaderboard_ranks_by_points(tmp_path: Path) -> None:
    """Of two runs that passed everywhere the one that covered more is first, in the scale of the suite."""
    entries = [read_entry(run_with(tmp_path, name, covered)[0]) for name, covered in (("a", [0, 0]), ("b", [1, 0]))]
    first, second = leaderboard(entries)
    assert (first.model, first.scale, first.score) == ("b", "points", pytest.approx(60))
    assert (second.rank, second.score) == (2, pytest.approx(10))
    assert first.usd_per_answer == pytest.approx(2)
    assert first.usd_per_solved == pytest.approx(4 / (12 / 11))


@pytest.mark.parametrize(("least", "outcome"), [(100, "passed"), (120, "failed")])
def test_a_gate_in_points_is_judged_in_points(tmp_path: Path, least: float, outcome: str) -> None:
    """`points=100` asks for 100 points of the suite's scale, not for a share."""
    _, report = run_with(tmp_path, "a", [1, 1, 0])
    judgement = judge_threshold(report, Threshold("points", least))
    assert judgement.outcome == outcome
    assert "points are 115" in judgement.message


def test_a_lost_sample_leaves_a_gate_in_points_open(tmp_path: Path) -> None:
    """What one answer without a verdict can still bring decides: neither passed nor failed is claimed."""
    _, report = run_with(tmp_path, "a", [1, None])
    assert judge_threshold(report, Threshold("points", 80)).outcome == "open"
    assert scores_of(report, "points").values == {"t/0": 1.0}


def test_problems_of_unequal_worth_count_by_their_worth(tmp_path: Path) -> None:
    """Where only some problems have a metric, a gate weighs each by what there is to get: 1 + 11 of 12, not half."""
    rule = PointsRule(weights={"ran": 1, "covered": 10}, only={"covered": "t/1"})
    _, report = run_with(tmp_path, "a", [0, 1])
    changed = report.model_copy(update={"suite": POINTS.model_copy(update={"points": rule})})
    assert report.points is not None
    changed = changed.model_copy(
        update={"points": report.points.model_copy(update={"per_problem": {"t/0": 1.0, "t/1": 11.0}, "maximum": 12.0})}
    )
    assert judge_threshold(changed, Threshold("points", 12)).outcome == "passed"
