"""Loading: the rows of a suite from a local file or from the hub, checked against the pins, built into problems."""

from pathlib import Path

from harness.errors import UserError
from harness.records import SuiteInfo
from harness.settings import Settings, load_settings
from harness.suites.building import build_problem
from harness.suites.dataset import of_split, read_rows
from harness.suites.definition import OwnSource, SuiteDefinition, TreeSource
from harness.suites.fingerprint import suite_fingerprint
from harness.suites.pinning import difference
from harness.suites.shelf import load_definition
from harness.suites.suite import Suite


def load_suite(
    name: str,
    *,
    split: str | None = None,
    data: Path | None = None,
    settings: Settings | None = None,
    allow_changed: bool = False,
) -> Suite:
    """Load a suite's split (default: its first one).

    The rows come from `data` (a file, or a folder that holds one of the suite's file names), else from the file that
    `settings` name, else from their `data_dir`, else from the hub (or its cache); a suite of our own lies beside its
    definition. `settings` None: those of the working directory. `allow_changed` accepts content that differs from the
    pinned one; the fingerprint then differs as well and `info.source` says so.

    Raises:
        UserError: no such suite or split, or a file that is malformed or not the suite's.
        MachineError: no local file is given and the hub cannot be reached.
    """
    definition = load_definition(name)
    return load_defined(definition, split=split, data=data, settings=settings, allow_changed=allow_changed)


def load_defined(
    definition: SuiteDefinition,
    *,
    split: str | None = None,
    data: Path | None = None,
    settings: Settings | None = None,
    allow_changed: bool = False,
) -> Suite:
    """`load_suite` for a definition at hand, such as one read with `read_definition` from a file of the user's."""
    path = _local_file(definition, data, load_settings() if settings is None else settings)
    rows = read_rows(definition, path)
    split_name, chosen = definition.split(split)
    selected = of_split(rows, chosen)
    shown = {task_id: rows[task_id] for task_id in definition.shot_ids if task_id in rows}
    origin = str(path or definition.source)
    if not selected:
        raise UserError(f"{origin} holds no problem of {definition.name}, split {split_name}.", "Give another file.")
    changed = difference(definition, chosen, selected, shown)
    if changed and not allow_changed:
        raise _refusal(definition, origin, changed)
    problems = tuple(build_problem(definition, row) for row in selected.values())
    shots = {task_id: build_problem(definition, row) for task_id, row in shown.items()}
    info = _info(definition, split_name, changed, suite_fingerprint(definition, problems, shots.values()))
    return Suite(info, definition, problems, shots, origin, changed)


def _info(definition: SuiteDefinition, split: str, changed: str, fingerprint: str) -> SuiteInfo:
    return SuiteInfo(
        name=definition.name,
        version=definition.version,
        fingerprint=fingerprint,
        split=split,
        source=f"{definition.source}{f', changed: {changed}' if changed else ''}",
        language=definition.language,
        stages=definition.check.stages,
        points=definition.points,
    )


def _refusal(definition: SuiteDefinition, origin: str, changed: str) -> UserError:
    return UserError(
        f"{origin} is not the data that {definition.name} {definition.version} was made from: {changed}.",
        f"Use the published data set, {definition.source}. Or allow changed content (--allow-changed): the run then "
        "says so and has another fingerprint.",
    )


def _local_file(definition: SuiteDefinition, data: Path | None, settings: Settings) -> Path | None:
    """The file to read, or None for the hub."""
    given = data or settings.data.get(definition.name)
    if isinstance(definition.source, TreeSource):
        return given or settings.data_dir
    if given is not None and given.is_dir():
        found = _named_file(definition, given)
        if found is None:
            names = ", ".join(definition.source.files)
            raise UserError(f"{given} holds no file of {definition.name}.", f"Looked for: {names}.")
        return found
    if given is not None:
        return given
    if isinstance(definition.source, OwnSource):
        return definition.folder / definition.source.file
    return _named_file(definition, settings.data_dir) if settings.data_dir else None


def _named_file(definition: SuiteDefinition, folder: Path) -> Path | None:
    return next((folder / name for name in definition.source.files if (folder / name).is_file()), None)
