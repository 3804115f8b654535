"""The page of faults is true: its tests exist, and the faults of the list beside the project are all on it."""

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "faults.md"
LIST = ROOT.parent / "shared" / "data" / "attacks" / "faults.jsonl"


def test_every_named_test_exists() -> None:
    """A fault whose test was renamed or removed is noticed."""
    rows = re.findall(r"\| `(test_\w+\.py)`: ([^|]+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows
    for file, names in rows:
        [path] = (ROOT / "tests").rglob(file)
        there = {node.name for node in ast.walk(ast.parse(path.read_bytes())) if hasattr(node, "name")}
        assert set(re.findall(r"`(\w+)`", names)) <= there, file


@pytest.mark.skipif(not LIST.is_file(), reason=f"the list of faults is not at {LIST}")
def test_every_listed_fault_has_a_test() -> None:
    """A fault that is new in the list is noticed."""
    listed = {json.loads(line)["id"].partition("-")[0] for line in LIST.read_text(encoding="utf-8").splitlines()}
    assert listed <= set(re.findall(r"\bX\d\d\b", PAGE.read_text(encoding="utf-8")))
