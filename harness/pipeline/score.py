"""Somebody else's samples, taken over into a run of their own before anything is executed."""

import shutil
from collections import Counter
from itertools import islice
from pathlib import Path

from harness.formats.samples import read_samples
from harness.pipeline.plan import completed_by
from harness.records import RunInfo
from harness.store import RunDirectory
from harness.suites import Suite

BLOCK = 500
"""Samples copied at a time, so that memory does not grow with the file."""


def take_over(samples: Path, suite: Suite, info: RunInfo, root: Path, *, partial: bool) -> RunDirectory:
    """Check a file of samples to its last line and copy it into a new run below `root`.

    Raises:
        UserError: the file is malformed (line and field are named); the run is removed again.
    """
    run = RunDirectory.create(root, info)
    counts: Counter[str] = Counter()
    try:
        with run.writing() as writer:
            rows = read_samples(samples, suite.resolve, [problem.task_id for problem in suite.problems])
            while block := list(islice(rows, BLOCK)):
                counts.update(sample.task_id for sample in block)
                writer.append_samples(block, sync=False)
            writer.update_info(completed_by(info, suite, counts, partial=partial))
    except BaseException:
        shutil.rmtree(run.path)
        raise
    return run
