"""What a suite definition is: the frozen records that suites/NAME/suite.yaml is read into (shelf.py reads it).

A definition is data only: where the rows come from, which columns they have, how a row becomes a problem (templates,
see prompting.py), its check, its limits and its prompts. A new suite of a known shape is a new YAML and no Python.
"""

from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, StringConstraints, model_validator

from harness.errors import UserError
from harness.records import Limits, PointsRule, PromptMode, Record
from harness.suites.prompting import Preset, slots

ColumnType = Literal["str", "int", "list[str]", "json", "json?"]
"""Type of a column. `json` is any value; `?` marks a column that a row may lack."""

BASE_INPUTS = "base_inputs.txt"
KNOWN_RESULTS = "known_results.txt"

Hash40 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]
Hash64 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Change(Record):
    """One entry of the changelog: what changed in scoring, so that scores of two versions may differ."""

    version: str
    date: date
    change: str


class HubSource(Record):
    """A data set on the Hugging Face hub; `files` are the names that its copies have in a data directory.

    `config` is named where the data set has several.
    """

    kind: Literal["hub"]
    repo: str
    config: str | None = None
    revision: Hash40
    files: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.repo}{f' ({self.config})' if self.config else ''} @ {self.revision}"


class OwnSource(Record):
    """Problems of our own, in a file beside the definition."""

    kind: Literal["own"]
    file: str

    @property
    def files(self) -> tuple[str, ...]:
        """The names to look for in a directory given by the user."""
        return (self.file,)

    def __str__(self) -> str:
        return f"harness ({self.file})"


class TreeRow(Record):
    """One problem made of source files: its `columns`, and `files`, from the name beside the answer to the path there.

    The row has a column `files` with their texts as well, and `source` with the text of the first one.
    """

    columns: dict[str, JsonValue]
    files: dict[str, str] = Field(min_length=1)


class TreeSource(Record):
    """Source files of a repository: a checkout of it at `tag`, or an archive of one, which the user gives (tree.py)."""

    kind: Literal["tree"]
    repo: str
    tag: str
    rows: tuple[TreeRow, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """The names to look for in a data directory: none, the user names the checkout."""
        return ()

    def __str__(self) -> str:
        return f"{self.repo} @ {self.tag}"


class Split(Record):
    """A part of the data set: the rows whose number lies in `ids` (first and last, both included), or all rows.

    The number of a row is the last one in its task id. `fingerprint` guards the content (fingerprint.py).
    """

    ids: tuple[int, int] | None = None
    count: int | None = None
    fingerprint: Hash64 | None = None


class Special(Record):
    """What one problem needs beyond the others, and why.

    `setup` is put in front of the check's setup; `classes` are the candidate's classes that the tests use; `limits`
    replace single limits of the suite. For checks of kind `evalplus`: `oracle` names a rule of sandbox/oracles.py by
    which results are judged, `tolerance` replaces the one in the data set.
    """

    reason: str
    setup: str = ""
    classes: tuple[str, ...] = ()
    oracle: Literal["", "root", "same_set", "not_none", "or_height", "or_padded_digits"] = ""
    tolerance: float | None = None
    limits: dict[str, float] = {}


class ProblemMap(Record):
    """Templates from a row to a problem. `entry_point` None: the first function that the tests call.

    `known_bad` and `limits` name columns that hold a problem's known-bad programs and its own limits.
    """

    task_id: str
    prompt: str
    entry_point: str | None = None
    prefix: str = ""
    reference: str | None = None
    known_bad: str | None = None
    limits: str | None = None


class PythonCheckMap(Record):
    """Templates from a row to a PythonCheck.

    `functions: called_by_tests` finds them in the tests (calls.py). Where a problem has classes (`special`), its setup
    runs in front of the test, after the proxies are bound: such setup builds objects of the candidate's.
    """

    kind: Literal["python"]
    setup: str = ""
    functions: tuple[str, ...] | Literal["called_by_tests"]
    test: str

    @property
    def stages(self) -> tuple[str, ...]:
        """Parts that are scored on their own: none."""
        return ()

    @property
    def templates(self) -> tuple[str, ...]:
        """Every template of this check."""
        return (self.setup, self.test, *(self.functions if isinstance(self.functions, tuple) else ()))


class EvalPlusCheckMap(Record):
    """Templates from a row of EvalPlus's data sets to a PythonCheck (evalplus.py).

    `function` None: the one that the script calls.
    """

    kind: Literal["evalplus"]
    script: str
    function: str | None = None

    @property
    def stages(self) -> tuple[str, ...]:
        """Parts that are scored on their own: the original suite's inputs."""
        return ("base",)

    @property
    def templates(self) -> tuple[str, ...]:
        """Every template of this check."""
        return (self.script, self.function or "")


class ProgramCheckMap(Record):
    """Templates from a row of MultiPL-E's data sets to a ProgramCheck in the suite's language (multipl_e.py)."""

    kind: Literal["multipl-e"]
    tests: str

    @property
    def stages(self) -> tuple[str, ...]:
        """Parts that are scored on their own: none."""
        return ()

    @property
    def templates(self) -> tuple[str, ...]:
        """Every template of this check."""
        return (self.tests,)


class TestsCheckMap(Record):
    """Templates from a row to a TestsCheck. `files`, `mutants` and `tests_required` name columns."""

    __test__ = False  # pytest: not a test class

    kind: Literal["tests"]
    language: str
    files: str
    answer: str
    mutants: str | None = None
    tests_required: str | None = None

    @property
    def stages(self) -> tuple[str, ...]:
        """Parts that are scored on their own: none, what counts beside the verdict are measures."""
        return ()

    @property
    def templates(self) -> tuple[str, ...]:
        """Every template of this check; the columns that are taken as they are count as such."""
        columns = filter(None, (self.files, self.mutants, self.tests_required))
        return (self.language, self.answer, *(f"{{{name}}}" for name in columns))


class SuiteDefinition(Record):
    """One suite.yaml. The first split, and the first preset of each mode, are the defaults.

    `folder` is where the file was found; the pins and the problems of our own lie beside it. `language` may name
    several, with commas. `sample_id` names the column that tells the problem in files of samples without a `task_id`.
    """

    folder: Path
    name: str
    version: str
    changelog: tuple[Change, ...] = Field(min_length=1)
    description: str
    language: str
    licence: str
    citation: str
    source: Annotated[HubSource | OwnSource | TreeSource, Field(discriminator="kind")]
    columns: dict[str, ColumnType] = Field(min_length=1)
    splits: dict[str, Split] = Field(min_length=1)
    id_prefixes: tuple[str, ...] = ()
    problem: ProblemMap
    check: Annotated[PythonCheckMap | EvalPlusCheckMap | ProgramCheckMap | TestsCheckMap, Field(discriminator="kind")]
    limits: Limits
    special: dict[str, Special] = {}
    presets: tuple[Preset, ...] = Field(min_length=1)
    points: PointsRule | None = None
    sample_id: str | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        columns = set(self.columns)
        of_rows = [*self._problem_templates, *self.check.templates]
        _require(columns, {name for template in of_rows for name in slots(template)})
        of_prompts = {name for preset in self.presets for template in preset.templates for name in slots(template)}
        _require(columns | {"entry_point"}, of_prompts)
        _require(columns, {name for name in (self.problem.known_bad, self.problem.limits) if name})
        names = [preset.name for preset in self.presets]
        if len(set(names)) < len(names):
            raise ValueError(f"presets need different names, found {', '.join(names)}")
        if self.version != self.changelog[0].version:
            raise ValueError(f"the changelog's first entry is {self.changelog[0].version}, the version {self.version}")
        return self

    @property
    def _problem_templates(self) -> list[str]:
        mapped = self.problem
        optional = (mapped.entry_point, mapped.reference)
        return [mapped.task_id, mapped.prompt, mapped.prefix, *(text for text in optional if text is not None)]

    @cached_property
    def base_inputs(self) -> dict[str, int]:
        """How many inputs of each problem are the original suite's; empty where the suite has no such file."""
        path = self.folder / BASE_INPUTS
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        return {task_id: int(count) for count, _, task_id in (line.partition("  ") for line in lines)}

    @cached_property
    def known_results(self) -> dict[str, tuple[str, ...]]:
        """By the digest of a reference and its inputs: what each result is known by (scripts/known_results.py)."""
        path = self.folder / KNOWN_RESULTS
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        return {digest: tuple(known) for _, digest, *known in map(str.split, lines)}

    @property
    def shot_ids(self) -> tuple[str, ...]:
        """Task ids of all problems that some preset shows as solved."""
        return tuple(sorted({task_id for preset in self.presets if preset.shots for task_id in preset.shots.ids}))

    def split(self, name: str | None) -> tuple[str, Split]:
        """The named split, or the default one.

        Raises:
            UserError: there is no such split.
        """
        if name is None:
            return next(iter(self.splits.items()))
        if name not in self.splits:
            raise UserError(
                f"The suite {self.name} has no split {name!r}.", f"It has: {', '.join(self.splits)} (first: default)."
            )
        return name, self.splits[name]

    def preset(self, name: str | None, mode: PromptMode) -> Preset:
        """The preset of that name and mode; without a name, the mode's default.

        Raises:
            UserError: there is no such preset.
        """
        fitting = [preset for preset in self.presets if preset.mode == mode]
        for preset in fitting:
            if name in (None, preset.name):
                return preset
        known = ", ".join(preset.name for preset in fitting) or "none"
        raise UserError(
            f"The suite {self.name} has no {mode} prompt preset{f' named {name!r}' if name else ''}.",
            f"Its {mode} presets: {known}.",
        )


def _require(known: set[str], used: set[str]) -> None:
    if unknown := sorted(used - known):
        raise ValueError(f"{', '.join(unknown)}: no such column; there are {', '.join(sorted(known))}")
