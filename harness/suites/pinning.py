"""Pins: what a data set's content was when the suite was written, so that a changed copy is noticed and named.

suite.yaml holds the fingerprint of each split; `rows.sha256` beside it holds a line `digest  task_id` for each row of
the data set, from which a mismatch is explained. docs/suites.md tells a maintainer how to renew both.
"""

from collections.abc import Mapping
from pathlib import Path

from harness.assets import asset
from harness.suites.definition import Split, SuiteDefinition
from harness.suites.fingerprint import data_fingerprint

FILE_NAME = "rows.sha256"


def difference(definition: SuiteDefinition, split: Split, digests: Mapping[str, str], shots: Mapping[str, str]) -> str:
    """How the rows of a split, and those shown in prompts, differ from the pinned ones; empty where they do not.

    `digests` and `shots` map task id to digest. A split without a pinned fingerprint accepts any content.
    """
    pinned = read_pins(asset("suites", definition.name, FILE_NAME))
    if split.fingerprint not in (None, data_fingerprint(digests)):
        return _told(split, digests, pinned)
    shot = next((task_id for task_id, digest in shots.items() if pinned.get(task_id, digest) != digest), None)
    return f"problem {shot}, which prompts show, differs" if shot else ""


def _told(split: Split, digests: Mapping[str, str], pinned: Mapping[str, str]) -> str:
    told = [] if split.count in (None, len(digests)) else [f"{len(digests)} problems instead of {split.count}"]
    if changed := [task_id for task_id, digest in digests.items() if pinned and pinned.get(task_id) != digest]:
        told.append(f"{len(changed)} of them differ, first {changed[0]}")
    return ", ".join(told) or "the fingerprint differs"


def read_pins(path: Path) -> dict[str, str]:
    """Task id to digest; empty where the suite has no such file."""
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return {task_id: digest for digest, _, task_id in (line.partition("  ") for line in lines)}
