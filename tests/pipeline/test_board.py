"""From a run on disk to its entry: every number of the row follows from what was recorded."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from harness.pipeline.board import read_entry
from harness.pipeline.run import make_report
from harness.pricing.snapshot import Snapshot
from harness.records import Execution, Verdict
from harness.scoring.scores import Scores
from tests.recorded_runs import DAY, TARIFF, record_run


def test_a_row_is_what_the_run_recorded(root: Path) -> None:
    """Two problems of two samples: scores, tokens, money and speed are those of the four samples."""
    entry = read_entry(record_run(root, "m", [[True, False], [True, True]]))
    row = entry.row
    assert (row.model, row.suite, row.suite_version, row.problems, row.samples) == ("m", "s", "1", 2, 4)
    assert (row.score, row.pass_at_1, row.k, row.pass_at_k, row.coverage) == (0.75, 0.75, 2, 1.0, 1.0)
    assert (row.input_tokens, row.output_tokens) == (4000, 2000)
    assert row.cost == Decimal("0.024")
    assert row.usd_per_answer == pytest.approx(0.006)
    assert (row.usd_per_mtok_in, row.usd_per_mtok_out, row.usd_per_mtok) == (2, 8, 10)
    assert (row.price_reference, row.price_source, row.price_date) == ("a:b", "a price list", "2026-09-01")
    assert row.tokens_per_s == pytest.approx(500)
    assert entry.scores == Scores.whole({"t/0": 0.5, "t/1": 1.0})
    assert entry.costs == pytest.approx({"t/0": 0.006, "t/1": 0.006})


def test_an_unknown_price_is_not_zero(root: Path) -> None:
    """A run without a price has tokens and no money at all."""
    entry = read_entry(record_run(root, "m", [[True]], tariff=None))
    row = entry.row
    assert (row.cost, row.usd_per_answer, row.usd_per_mtok, row.price_source) == (None, None, None, "")
    assert row.input_tokens == 1000
    assert entry.costs == {}


def test_unreported_usage_leaves_money_and_tokens_unknown(root: Path) -> None:
    """Where the provider counted nothing there are no tokens, no cost and no speed, though the price is known."""
    row = read_entry(record_run(root, "m", [[True]], usage=None)).row
    assert (row.input_tokens, row.output_tokens, row.cost, row.usd_per_answer, row.tokens_per_s) == (None,) * 5
    assert row.usd_per_mtok == 10


def test_a_failure_shows_as_coverage(root: Path) -> None:
    """A sample that the sandbox lost lowers coverage, and its problem's other sample still counts."""
    entry = read_entry(record_run(root, "m", [[True, None], [True, True]]))
    assert (entry.row.coverage, entry.row.score, entry.row.is_whole) == (0.75, 1.0, False)
    assert entry.scores == Scores({"t/0": 1.0, "t/1": 1.0}, low={"t/0": 0.5, "t/1": 1.0}, high={"t/0": 1.0, "t/1": 1.0})


def test_a_report_older_than_the_run_is_not_believed(root: Path) -> None:
    """A run resumed after its report was written, and killed before the next one, shows what is recorded now."""
    run = record_run(root, "m", [[None], [True]])
    with run.writing() as writer:
        writer.write_report(make_report(run, run.info()))
        writer.append_executions([Execution(task_id="t/0", index=0, verdict=Verdict.FAILED)])
    row = read_entry(run).row
    assert (row.coverage, row.score) == (1.0, 0.5)


def test_a_price_of_a_day_without_samples_is_not_shown(root: Path) -> None:
    """A run resumed on a later day, on which nothing was drawn, shows the rates that its samples were bought at."""
    run = record_run(root, "m", [[True]])
    later = TARIFF.model_copy(update={"input": Decimal(100)})
    prices = Snapshot(tariffs={DAY: TARIFF, DAY + timedelta(days=1): later}).dumped()
    with run.writing() as writer:
        writer.update_info(run.info().model_copy(update={"prices": prices}))
    assert read_entry(run).row.usd_per_mtok_in == 2


def test_runs_of_other_problems_have_another_problem_set(root: Path) -> None:
    """The first problem alone is another selection than both, of the same suite."""
    one = read_entry(record_run(root / "one", "m", [[True]])).row
    two = read_entry(record_run(root / "two", "m", [[True], [True]])).row
    assert one.fingerprint == two.fingerprint
    assert one.problem_set != two.problem_set
