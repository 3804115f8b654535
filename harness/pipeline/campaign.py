"""A campaign: models x suites x sampling, each combination (a cell) one run; what it is, and what became of it.

State on disk is the run directories and one small file that names the run of each cell:

    <results>/campaigns/<name>.json

A cell is named by what it asks for, so a campaign whose file has changed keeps the runs of all cells that it still has.
"""

import fcntl
import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BeforeValidator, Field, StringConstraints, ValidationError

from harness.errors import MachineError, UserError
from harness.pipeline.plan import Choice, new_run_id
from harness.records import Record
from harness.store import RunDirectory

HOW = ("concurrency", "timeout_s")
"""Fields of a choice that say how a model is asked, not what for: changing them does not make another cell."""


def _as_list(given: object) -> object:
    """One model, suite or sampling stands for a list of one."""
    return [given] if isinstance(given, str | Mapping) else given


Names = Annotated[tuple[str, ...], BeforeValidator(_as_list), Field(min_length=1)]


@dataclass(frozen=True)
class Cell:
    """One combination: a model's spec, a suite's name, the options of an eval."""

    model: str
    suite: str
    choice: Choice

    @property
    def key(self) -> str:
        """What names it in the state file and in messages, such as `gpt-4o, humaneval, n=10`."""
        asked = self.choice.model_dump(mode="json", exclude=set(HOW), exclude_defaults=True)
        return ", ".join([self.model, self.suite, *(f"{name}={json.dumps(value)}" for name, value in asked.items())])


class Campaign(Record):
    """The content of a campaign file (docs/campaigns.md). `at_once` is how many runs are under way together."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    models: Names
    suites: Names
    sampling: Annotated[tuple[Choice, ...], BeforeValidator(_as_list), Field(min_length=1)] = (Choice(),)
    data: dict[str, Path] = {}
    max_cost: Annotated[Decimal, Field(ge=0)] | None = None
    at_once: int = Field(default=4, ge=1)

    @property
    def cells(self) -> dict[str, Cell]:
        """Every combination by its key, in the order of the file."""
        cells = [Cell(m, s, choice) for m in self.models for s in self.suites for choice in self.sampling]
        return {cell.key: cell for cell in cells}


def read_campaign(path: Path) -> Campaign:
    """The campaign in a file; its name is the file's unless it says one, and its paths are meant from its folder.

    Raises:
        UserError: it is not there, not YAML, or a field is missing, unknown or wrong.
    """
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"Cannot read the campaign {path}: {error}.", "Name a YAML file.") from error
    except yaml.YAMLError as error:
        raise UserError(f"{path} is not valid YAML: {error}.", "Correct the line it names.") from error
    if not isinstance(content, dict):
        raise UserError(f"{path} must be a mapping of fields.", "docs/campaigns.md describes them.")
    try:
        campaign = Campaign.model_validate({"name": path.stem, **content})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UserError(f"{path}: {where}: {first['msg']}.", "docs/campaigns.md describes the fields.") from error
    data = {name: path.parent / file for name, file in campaign.data.items()}
    return campaign.model_copy(update={"data": data})


class _State(Record):
    """The state file: the run of each cell, by the cell's key."""

    format: int = 1
    runs: dict[str, str] = {}


@dataclass
class CampaignState:
    """Which run belongs to which cell; on disk before the run is."""

    root: Path
    path: Path
    runs: dict[str, str]

    def run_of(self, cell: Cell) -> RunDirectory | None:
        """The run of a cell, None where none was begun."""
        run_id = self.runs.get(cell.key)
        run = RunDirectory(self.root / "runs" / run_id) if run_id else None
        return run if run is not None and (run.path / "run.json").is_file() else None

    def all_runs(self) -> list[RunDirectory]:
        """Every run that the campaign ever began, those of cells included that its file no longer has."""
        found = [RunDirectory(self.root / "runs" / run_id) for run_id in self.runs.values()]
        return [run for run in found if (run.path / "run.json").is_file()]

    def new_run(self, cell: Cell) -> str:
        """The id for the run of a cell, recorded before there is a run, so that none is ever forgotten."""
        run_id = new_run_id(cell.model, cell.suite)
        self.runs[cell.key] = run_id
        self._save()
        return run_id

    def _save(self) -> None:
        temporary = self.path.with_suffix(".part")
        try:
            with temporary.open("w", encoding="utf-8") as file:
                file.write(_State(runs=self.runs).model_dump_json(indent=2) + "\n")
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path)
        except OSError as error:
            raise MachineError(f"Cannot write {self.path}: {error.strerror}.", "Make room, then go on.") from error


@contextmanager
def campaign_state(name: str, root: Path) -> Generator[CampaignState, None, None]:
    """The state of a campaign below `root`, for one process at a time.

    Raises:
        UserError: another process works on this campaign, or the state file was damaged.
        MachineError: the folder cannot be written.
    """
    folder = root / "campaigns"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / f"{name}.lock").open("ab")
    except OSError as error:
        raise MachineError(f"Cannot write to {folder}: {error.strerror}.", "Choose another --results DIR.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UserError(f"Another process works on the campaign {name}.", "Wait for it, or stop it.") from error
        yield recorded_state(name, root)


def recorded_state(name: str, root: Path) -> CampaignState:
    """The same to look at, whoever works on it; nothing is written.

    Raises:
        UserError: the state file was damaged.
    """
    path = root / "campaigns" / f"{name}.json"
    return CampaignState(root, path, _read_state(path))


def _read_state(path: Path) -> dict[str, str]:
    try:
        return dict(_State.model_validate_json(path.read_bytes()).runs)
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        first = error.errors()[0]
        raise UserError(
            f"{path} is damaged: {first['msg']}.", "Repair it: it maps the cells of the campaign to their runs."
        ) from error
