"""Suites of installed packages are found through their entry point, like a stranger's backend."""

import sys
from pathlib import Path

import pytest

from harness.assets import asset
from harness.errors import UserError
from harness.settings import Settings
from harness.suites import load_suite, suite_names
from tests.suites.data_sets import smoke_rows, written


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package `strangers_suite` that adds a suite `stranger` in the shape of our own."""
    folder, facts = tmp_path / "strangers_suite", tmp_path / "strangers_suite-1.0.dist-info"
    folder.mkdir()
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: strangers-suite\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[harness.suites]\nstranger = strangers_suite\n")
    (folder / "__init__.py").write_text("")
    definition = asset("suites", "smoke", "suite.yaml").read_text(encoding="utf-8")
    (folder / "suite.yaml").write_text(definition.replace("name: smoke", "name: stranger", 1))
    written(folder, smoke_rows()).rename(folder / "problems.jsonl")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, folder.name, raising=False)
    return folder


def test_a_suite_that_calls_itself_otherwise_is_refused(package: Path) -> None:
    """The name in a report is the name that was asked for."""
    path = package / "suite.yaml"
    path.write_text(path.read_text().replace("name: stranger", "name: other", 1))
    with pytest.raises(UserError, match="name: 'other' instead of 'stranger'"):
        load_suite("stranger", settings=Settings())


def test_a_suite_of_an_installed_package_loads_by_name(package: Path) -> None:
    """A suite needs a folder and an entry point, nothing in harness."""
    assert "stranger" in suite_names()
    suite = load_suite("stranger", settings=Settings(), allow_changed=True)
    assert (suite.info.name, len(suite.problems)) == ("stranger", 2)
    assert suite.origin == str(package / "problems.jsonl")
