"""The user's own settings: `harness.yaml` in the working directory over the one in the user's config directory.

models:            # catalogue entries of your own, see docs/models.md
my-llama: {backend: vllm, served_name: my-org/llama, base_url: "http://gpu-box:8000/v1"}
data:              # local files of suites, used instead of the hub
humaneval: /data/HumanEval.jsonl.gz
data_dir: /data    # a folder searched for the file names that each suite lists
sandbox:           # the engines that run programs, see docs/engines.md
hosts: ["unix:///var/run/docker.sock", "tcp://box:2376"]
runtime: runsc
"""

from pathlib import Path
from typing import Any

import yaml
from platformdirs import user_config_path
from pydantic import JsonValue, ValidationError

from harness.errors import UserError
from harness.records import Record

FILE_NAME = "harness.yaml"


class SandboxSettings(Record):
    """Where programs run: engines as DOCKER_HOST would name them, and the OCI runtime that they use."""

    hosts: tuple[str, ...] = ()
    runtime: str | None = None


class Settings(Record):
    """What harness.yaml may say. `sources` are the files it was read from, the strongest first."""

    models: dict[str, dict[str, JsonValue]] = {}
    data: dict[str, Path] = {}
    data_dir: Path | None = None
    sandbox: SandboxSettings = SandboxSettings()
    sources: tuple[Path, ...] = ()


def load_settings(directory: Path | None = None) -> Settings:
    """Read the settings that hold in `directory` (default: the working directory).

    Raises:
        UserError: a file is not valid YAML or holds a field that is not known; the message names file and field.
    """
    merged: dict[str, Any] = {"models": {}, "data": {}}
    found: list[Path] = []
    for path in (user_config_path("harness") / FILE_NAME, (directory or Path()) / FILE_NAME):
        if path.is_file():
            found.insert(0, path)
            _merge(merged, _read(path))
    return Settings(**merged, sources=tuple(found))


def _merge(into: dict[str, Any], settings: Settings) -> None:
    into["models"].update(settings.models)
    into["data"].update(settings.data)
    if settings.data_dir is not None:
        into["data_dir"] = settings.data_dir
    if "sandbox" in settings.model_fields_set:
        into["sandbox"] = settings.sandbox


def _read(path: Path) -> Settings:
    try:
        content = yaml.safe_load(path.read_bytes()) or {}
    except yaml.YAMLError as error:
        raise UserError(f"{path} is not valid YAML: {error}.", "Correct the line it names.") from error
    if not isinstance(content, dict):
        raise UserError(f"{path} must be a mapping of settings.", "See docs/models.md for an example.")
    try:
        return _anchor(Settings.model_validate(content), path.parent)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UserError(f"{path}: {where}: {first['msg']}.", "Correct or remove this field.") from error


def _anchor(settings: Settings, folder: Path) -> Settings:
    """Relative paths in a settings file are meant from that file's folder."""
    return settings.model_copy(
        update={
            "data": {name: folder / path for name, path in settings.data.items()},
            "data_dir": folder / settings.data_dir if settings.data_dir else None,
        }
    )
