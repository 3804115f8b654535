"""From run directories to leaderboard entries: the reading that reports, which are pure, do not do."""

from collections import Counter

from harness.pipeline.run import make_report
from harness.records import Report, RunInfo
from harness.reports.build import total_usage
from harness.reports.entry import entry_of
from harness.reports.row import Entry
from harness.store import RunDirectory


def read_entry(run: RunDirectory) -> Entry:
    """The entry of a run, finished or not; what is missing of an unfinished one shows as coverage below 1.

    Raises:
        UserError: the directory is not a run, is of another format, or is damaged.
    """
    info = run.info()
    return entry_of(info, _current_report(run, info), run.samples())


def _current_report(run: RunDirectory, info: RunInfo) -> Report:
    """report.json, or a new one where there is none, the run has gone on since, or an older version wrote it."""
    report = run.report()
    if report is None or not report.per_problem:
        return make_report(run, info)
    verdicts = {(one.task_id, one.index): one.verdict for one in run.executions()}
    counts = Counter(filter(None, verdicts.values()))
    if Counter(report.verdicts) == counts and report.usage == total_usage(run.samples()):
        return report
    return make_report(run, info)
