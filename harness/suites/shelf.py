"""The suites there are: those that ship with harness and those of installed packages, each a folder with a suite.yaml.

A package adds a suite with `[project.entry-points."harness.suites"]  name = "package.module"`; the module's folder
holds suite.yaml. Nothing of it is imported before the suite is asked for.
"""

import difflib
from pathlib import Path

import yaml
from pydantic import JsonValue, ValidationError

from harness import plugins
from harness.assets import asset
from harness.errors import UserError
from harness.suites.definition import SuiteDefinition

FILE_NAME = "suite.yaml"


def suite_names() -> list[str]:
    """Names of all suites, sorted."""
    return sorted({*_shipped(), *plugins.names("harness.suites")})


def _shipped() -> set[str]:
    return {path.parent.name for path in asset("suites").glob(f"*/{FILE_NAME}")}


def load_definition(name: str) -> SuiteDefinition:
    """The definition of a suite.

    Raises:
        UserError: no suite has that name (the nearest are named), or its YAML is wrong (file and field are named).
        MachineError: it belongs to a package that does not import.
    """
    path = _path(name)
    definition = read_definition(path)
    if definition.name != name:
        raise UserError(f"{path}: name: {definition.name!r} instead of {name!r}.", "Give the suite one name.")
    return definition


def _path(name: str) -> Path:
    if name in _shipped():
        return asset("suites", name, FILE_NAME)
    names = suite_names()
    if name in names:
        return Path(plugins.load("harness.suites", name).__file__).with_name(FILE_NAME)
    near = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    raise UserError(f"There is no suite named {name!r}.", f"{hint}Known: {', '.join(names)}.")


def read_definition(path: Path) -> SuiteDefinition:
    """Read one suite.yaml.

    Raises:
        UserError: it is not there, not YAML, or a field is missing, unknown or wrong.
    """
    content = _yaml(path)
    if not isinstance(content, dict):
        raise UserError(f"{path} must be a mapping of fields.", "docs/suites.md describes them.")
    try:
        return SuiteDefinition.model_validate({**content, "folder": path.parent})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise UserError(f"{path}: {where}: {first['msg']}.", "docs/suites.md describes the fields.") from error


def _yaml(path: Path) -> JsonValue:
    try:
        content: JsonValue = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.", "Name the suite's own YAML.") from error
    except yaml.YAMLError as error:
        raise UserError(f"{path} is not valid YAML: {error}.", "Correct the line it names.") from error
    return content
