"""Pins: renewing them, and reading them back."""

from pathlib import Path

import pytest

from harness.records import Limits
from harness.suites import SuiteDefinition, load_definition
from harness.suites.dataset import of_split, read_rows
from harness.suites.pinning import difference, read_pins, renew
from harness.suites.rows import Row
from tests.suites.data_sets import mbpp_rows, written


@pytest.fixture
def mbpp(tmp_path: Path) -> SuiteDefinition:
    """MBPP's definition with a folder of our own, to write pins to."""
    return load_definition("mbpp").model_copy(update={"folder": tmp_path})


def test_renewed_pins_accept_the_content_and_name_what_changed_later(mbpp: SuiteDefinition, tmp_path: Path) -> None:
    """What a maintainer pins is accepted, and the next change is found by its id."""
    path = written(tmp_path, mbpp_rows())
    splits = renew(mbpp, path)
    assert [(name, split.count) for name, split in splits.items()][:2] == [("test", 2), ("all", 6)]
    assert list(read_pins(tmp_path / "rows.sha256")) == ["2", "3", "4", "11", "12", "600"]
    rows = of_split(read_rows(mbpp, path), splits["test"])
    assert difference(mbpp, splits["test"], rows, {}) == ""
    changed = rows | {"12": Row("x", {**rows["12"].values, "text": "Other."})}
    assert difference(mbpp, splits["test"], changed, {}) == "1 of them differ, the first is 12"
    assert difference(mbpp, splits["test"], {"11": rows["11"]}, {}) == "1 problems instead of 2"


def test_pins_do_not_depend_on_templates(mbpp: SuiteDefinition, tmp_path: Path) -> None:
    """A new prompt or field map leaves the data fingerprint alone: it hashes what was published."""
    path = written(tmp_path, mbpp_rows())
    remapped = mbpp.model_copy(update={"presets": mbpp.presets[:1], "limits": Limits(cpu_s=1)})
    assert renew(remapped, path) == renew(mbpp, path)


def test_a_suite_without_pins_accepts_any_content(tmp_path: Path) -> None:
    """A suite that somebody writes today loads before it is pinned."""
    assert read_pins(tmp_path / "rows.sha256") == {}
