"""Pins: what a data set's content was when the suite was written, so that a changed copy is noticed and named.

suite.yaml holds the fingerprint of each split; `rows.sha256` beside it holds a line `digest  task_id` for each row of
the data set, from which a mismatch is explained. A maintainer renews both with `renew` (docs/suites.md).
"""

from collections.abc import Mapping
from pathlib import Path

from harness.suites.dataset import digests, of_split, read_rows
from harness.suites.definition import Split, SuiteDefinition
from harness.suites.fingerprint import data_fingerprint
from harness.suites.rows import Row

FILE_NAME = "rows.sha256"


def difference(definition: SuiteDefinition, split: Split, selected: dict[str, Row], shown: dict[str, Row]) -> str:
    """How the rows of a split, and those shown in prompts, differ from the pinned ones; empty where they do not.

    A split without a pinned fingerprint accepts any content.
    """
    pinned = read_pins(definition.folder / FILE_NAME)
    found = digests(selected)
    if split.fingerprint not in (None, data_fingerprint(found)):
        return _told(split, found, pinned)
    shots = digests(shown)
    shot = next((task_id for task_id, digest in shots.items() if pinned.get(task_id, digest) != digest), None)
    return f"problem {shot}, which prompts show, differs" if shot else ""


def _told(split: Split, found: Mapping[str, str], pinned: Mapping[str, str]) -> str:
    told = [] if split.count in (None, len(found)) else [f"{len(found)} problems instead of {split.count}"]
    if changed := [task_id for task_id, digest in found.items() if pinned and pinned.get(task_id) != digest]:
        told.append(f"{len(changed)} of them differ, the first is {changed[0]}")
    return ", ".join(told) or "the fingerprint differs"


def read_pins(path: Path) -> dict[str, str]:
    """Task id to digest; empty where the suite has no such file."""
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()
    return {task_id: digest for digest, _, task_id in (line.partition("  ") for line in lines)}


def renew(definition: SuiteDefinition, data: Path) -> dict[str, Split]:
    """Write a suite's rows.sha256 from a trusted copy of its data; returns the splits as suite.yaml should pin them.

    Raises:
        UserError: the copy is malformed.
    """
    rows = read_rows(definition, data)
    lines = [f"{digest}  {task_id}\n" for task_id, digest in digests(rows).items()]
    (definition.folder / FILE_NAME).write_text("".join(lines), encoding="utf-8")
    return {split_name: _pinned(split, of_split(rows, split)) for split_name, split in definition.splits.items()}


def _pinned(split: Split, rows: dict[str, Row]) -> Split:
    return split.model_copy(update={"count": len(rows), "fingerprint": data_fingerprint(digests(rows))})
