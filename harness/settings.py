"""The user's own settings: `harness.yaml` in the working directory over the one in the user's config directory.

models:            # catalogue entries of your own, see docs/models.md
my-llama: {backend: vllm, served_name: my-org/llama, base_url: "http://gpu-box:8000/v1"}
data:              # local files of suites, used instead of the hub
humaneval: /data/HumanEval.jsonl.gz
data_dir: /data    # a folder searched for the file names that each suite lists
sandbox:           # the engines that run programs, see docs/engines.md
hosts: ["unix:///var/run/docker.sock", "tcp://box:2376"]
runtime: runsc
prices:            # US dollars per million tokens, see docs/prices.md
my-model: {input: 0.59, output: 0.79, source: "our contract", since: 2024-05-01}
hosting:           # what a model of your own runs on, see docs/prices.md
my-llama: {gpu: H100, gpus: 8, hourly: 2.50, source: "our cloud, per GPU-hour"}
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from platformdirs import user_config_path
from pydantic import BeforeValidator, Field, JsonValue, ValidationError, model_validator

from harness.errors import UserError
from harness.records import Record

FILE_NAME = "harness.yaml"


class SandboxSettings(Record):
    """Where programs run: engines as DOCKER_HOST would name them, and the OCI runtime that they use.

    `plugin` is the sandbox's name among the entry points `harness.sandboxes`.
    """

    plugin: str = "docker"
    hosts: tuple[str, ...] = ()
    runtime: str | None = None


class PriceEntry(Record):
    """A price of the user's own from the day `since` on: US dollars per million tokens; `source` says who says so."""

    input: Decimal = Field(ge=0)
    output: Decimal = Field(ge=0)
    cached: Decimal | None = Field(default=None, ge=0)
    source: str
    since: date


def _as_list(entries: object) -> object:
    """One price stands for a list of one."""
    return [entries] if isinstance(entries, Mapping) else entries


Prices = dict[str, Annotated[tuple[PriceEntry, ...], BeforeValidator(_as_list)]]
"""The user's own prices by model: its name, an alias or its price reference."""


class Purchase(Record):
    """Machines that were bought: US dollars for all of them, and the power that all of them draw, cooling included."""

    price: Decimal = Field(ge=0)
    lifetime_years: Decimal = Field(gt=0)
    power_kw: Decimal = Field(ge=0)
    per_kwh: Decimal = Field(ge=0)


class Hosting(Record):
    """What a self-hosted model runs on: `nodes` of `gpus` each, rented by the GPU-hour (`hourly`) or bought.

    `utilisation` is the share of its hours in which the deployment works; the idle ones are paid for as well.
    `output_weight` says how many input tokens one output token weighs: it divides the cost between the two, and
    changes no total.
    """

    gpu: str
    gpus: int = Field(ge=1)
    nodes: int = Field(default=1, ge=1)
    hourly: Decimal | None = Field(default=None, ge=0)
    purchase: Purchase | None = None
    utilisation: Decimal = Field(default=Decimal(1), gt=0, le=1)
    output_weight: Decimal = Field(default=Decimal(4), gt=0)
    source: str

    @model_validator(mode="after")
    def _rented_or_bought(self) -> Self:
        if (self.hourly is None) == (self.purchase is None):
            raise ValueError("give either hourly (US dollars per GPU-hour) or purchase")
        return self


class Settings(Record):
    """What harness.yaml may say. `sources` are the files it was read from, the strongest first."""

    models: dict[str, dict[str, JsonValue]] = {}
    data: dict[str, Path] = {}
    data_dir: Path | None = None
    sandbox: SandboxSettings = SandboxSettings()
    prices: Prices = {}
    hosting: dict[str, Hosting] = {}
    sources: tuple[Path, ...] = ()


def load_settings(directory: Path | None = None) -> Settings:
    """Read the settings that hold in `directory` (default: the working directory).

    Raises:
        UserError: a file is not valid YAML or holds a field that is not known; the message names file and field.
    """
    merged: dict[str, Any] = {"models": {}, "data": {}, "prices": {}, "hosting": {}}
    found: list[Path] = []
    for path in (user_config_path("harness") / FILE_NAME, (directory or Path()) / FILE_NAME):
        if path.is_file():
            found.insert(0, path)
            _merge(merged, _read(path))
    return Settings(**merged, sources=tuple(found))


def _merge(into: dict[str, Any], settings: Settings) -> None:
    into["models"].update(settings.models)
    into["data"].update(settings.data)
    into["prices"].update(settings.prices)
    into["hosting"].update(settings.hosting)
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
