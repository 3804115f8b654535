"""Somebody else's samples, taken over into a run of their own before anything is executed."""

import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import islice
from pathlib import Path

from harness.formats.found import Columns
from harness.formats.samples import read_samples
from harness.pipeline.plan import completed_by
from harness.records import RunInfo, Sample
from harness.store import RunDirectory
from harness.suites import Suite

BLOCK = 500
"""Samples copied at a time, so that memory does not grow with the file."""


@dataclass(frozen=True)
class Rows:
    """How a file of samples is read. `partial` takes it for the whole: what it lacks is not asked for.

    With `only`, a column and a value, just the rows count that hold this value there. `drawn` is the day (UTC) of
    samples that say none: its prices hold for them.
    """

    partial: bool = False
    only: tuple[str, str] | None = None
    drawn: date | None = None


def take_over(samples: Path, suite: Suite, info: RunInfo, root: Path, rows: Rows) -> RunDirectory:
    """Check a file of samples to its last line and copy it into a new run below `root`.

    Raises:
        UserError: the file is malformed (line and field are named); the run is removed again.
    """
    run = RunDirectory.create(root, info)
    counts: Counter[str] = Counter()
    try:
        with run.writing() as writer:
            columns = Columns(suite.definition.sample_id, rows.only)
            found = read_samples(samples, suite.resolve, suite.nth, columns)
            while block := list(islice(found, BLOCK)):
                counts.update(sample.task_id for sample in block)
                writer.append_samples([_dated(sample, rows.drawn) for sample in block], sync=False)
            writer.update_info(completed_by(info, suite, counts, partial=rows.partial))
    except BaseException:
        shutil.rmtree(run.path)
        raise
    return run


def _dated(sample: Sample, drawn: date | None) -> Sample:
    if drawn is None or sample.created is not None:
        return sample
    return sample.model_copy(update={"created": datetime.combine(drawn, time(12), UTC)})
