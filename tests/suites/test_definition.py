"""Definitions: what ships is valid, and a mistake is named by file and field."""

from pathlib import Path

import pytest
import yaml

from harness.assets import asset
from harness.errors import UserError
from harness.suites import load_definition, suite_names
from harness.suites.definition import SuiteDefinition
from harness.suites.shelf import read_definition

SHIPPED = ["humaneval", "humanevalplus", "mbpp", "mbpp-sanitized", "mbppplus", "smoke"]


def test_the_six_suites_ship() -> None:
    """They are found by name."""
    assert set(SHIPPED) <= set(suite_names())


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_definition_is_complete(name: str) -> None:
    """Each has a licence, a citation, a chat and a completion default, and pins if it comes from the hub."""
    definition = load_definition(name)
    assert definition.preset(None, "chat").mode == "chat"
    assert definition.preset(None, "completion").stop
    assert definition.licence
    assert definition.citation
    if definition.source.kind == "hub":
        assert all(split.count and split.fingerprint for split in definition.splits.values())


@pytest.mark.parametrize(
    ("wrong", "near"), [("humanevl", "humaneval"), ("MBPP", "mbpp"), ("mbpp-sanitised", "mbpp-sanitized")]
)
def test_an_unknown_suite_names_the_nearest(wrong: str, near: str) -> None:
    """A typing error costs one glance."""
    with pytest.raises(UserError, match=f"no suite named '{wrong}'") as caught:
        load_definition(wrong)
    assert f"Did you mean {near}" in caught.value.hint


def edited(folder: Path, **changes: object) -> Path:
    """A copy of the smoke suite's definition with some fields changed (None: taken away)."""
    content = yaml.safe_load(asset("suites", "smoke", "suite.yaml").read_text(encoding="utf-8")) | changes
    path = folder / "smoke" / "suite.yaml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump({key: value for key, value in content.items() if value is not None}))
    return path


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"licence": None}, "licence: Field required"),
        ({"color": "red"}, "color: Extra inputs are not permitted"),
        ({"limits": {"cpu_s": -1}}, "limits.cpu_s: Input should be greater than 0"),
        ({"version": "9"}, "the changelog's first entry is 1.0, the version 9"),
        ({"columns": {"task_id": "str"}}, "no such column"),
        ({"columns": {"task_id": "text"}}, "columns.task_id"),
        ({"source": {"kind": "hub", "repo": "a/b", "revision": "main", "files": []}}, "source.hub.revision"),
    ],
)
def test_a_mistake_names_file_and_field(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    """A wrong, missing or unknown field is one clear sentence, not a traceback."""
    path = edited(tmp_path, **changes)
    with pytest.raises(UserError) as caught:
        read_definition(path)
    assert str(path) in caught.value.message
    assert message in caught.value.message


def test_a_prompt_that_uses_an_unknown_column_is_refused(tmp_path: Path) -> None:
    """A misspelt slot is found when the suite is written, not when money is spent."""
    preset = {"name": "x", "mode": "completion", "description": "", "text": "{promt}"}
    with pytest.raises(UserError, match="promt: no such column"):
        read_definition(edited(tmp_path, presets=[preset]))


def test_two_presets_of_one_name_are_refused(tmp_path: Path) -> None:
    """A recorded preset name means one prompt."""
    preset = {"name": "x", "mode": "completion", "description": "", "text": "{prompt}"}
    with pytest.raises(UserError, match="different names"):
        read_definition(edited(tmp_path, presets=[preset, preset]))


def test_yaml_that_does_not_parse_names_the_line(tmp_path: Path) -> None:
    """Broken YAML is the user's to mend, with its line."""
    path = tmp_path / "suite.yaml"
    path.write_text("name: [")
    with pytest.raises(UserError, match="not valid YAML"):
        read_definition(path)


@pytest.fixture
def mbpp() -> SuiteDefinition:
    """MBPP's definition."""
    return load_definition("mbpp")


def test_an_unknown_split_or_preset_names_the_known(mbpp: SuiteDefinition) -> None:
    """The message lists what there is."""
    with pytest.raises(UserError, match="no split 'dev'") as split:
        mbpp.split("dev")
    assert "test, all, train" in split.value.hint
    with pytest.raises(UserError, match="no chat prompt preset named 'three-shot'") as preset:
        mbpp.preset("three-shot", "chat")
    assert "three-shot-chat" in preset.value.hint
