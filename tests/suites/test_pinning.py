"""Pins: renewing them, and reading them back."""

from pathlib import Path

import pytest

from harness.suites import load_definition, pinning
from harness.suites.dataset import of_split, read_rows
from harness.suites.pinning import difference, read_pins, renew
from harness.suites.rows import Row
from tests.suites.data_sets import humaneval_rows, mbpp_rows, written


@pytest.fixture
def suites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A suites folder of our own to write pins to."""
    monkeypatch.setattr(pinning, "asset", tmp_path.joinpath)
    for name in ("mbpp", "humaneval"):
        (tmp_path / "suites" / name).mkdir(parents=True)
    return tmp_path / "suites"


def test_renewed_pins_accept_the_content_and_name_what_changed_later(suites: Path, tmp_path: Path) -> None:
    """What a maintainer pins is accepted, and the next change is found by its id."""
    definition = load_definition("mbpp")
    splits = renew("mbpp", written(tmp_path, mbpp_rows()))
    assert {name: split.count for name, split in splits.items()} == {
        "test": 2, "all": 6, "train": 0, "validation": 1, "prompt": 3,
    }  # fmt: skip
    pinned = read_pins(suites / "mbpp" / "rows.sha256")
    assert list(pinned) == ["2", "3", "4", "11", "12", "600"]
    rows = of_split(read_rows(definition, written(tmp_path, mbpp_rows())), splits["test"])
    assert difference(definition, splits["test"], rows, {}) == ""
    changed = rows | {"12": Row("x", {**rows["12"].values, "text": "Other."})}
    assert difference(definition, splits["test"], changed, {}) == "1 of them differ, the first is 12"
    assert difference(definition, splits["test"], {"11": rows["11"]}, {}) == "1 problems instead of 2"


def test_pins_of_a_split_do_not_depend_on_templates(suites: Path, tmp_path: Path) -> None:
    """A new prompt or field map leaves the data fingerprint alone: it hashes what was published."""
    path = written(tmp_path, humaneval_rows())
    assert renew("humaneval", path) == renew("humaneval", path)
    assert read_pins(suites / "humaneval" / "none") == {}
