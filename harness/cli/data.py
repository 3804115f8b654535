"""--data and the settings, turned into loaded suites."""

from dataclasses import dataclass
from pathlib import Path

from harness.errors import UsageError
from harness.records import RunInfo
from harness.settings import Settings, load_settings
from harness.suites import Suite, load_suite


@dataclass(frozen=True)
class DataChoice:
    """What the options say about a suite's data."""

    data: list[str] | None = None
    split: str | None = None
    allow_changed: bool = False


def load_suites(names: list[str], choice: DataChoice) -> list[tuple[Suite, Path | None]]:
    """The named suites, each with the local file that was asked for, if any.

    Raises:
        UsageError: one file is given for several suites, or for a suite that is not evaluated.
        UserError: unknown suite or split, no data, or data that differs from the pinned content.
    """
    settings = load_settings()
    files, folder = _files(names, choice.data)
    if folder is not None:
        settings = _with_folder(settings, folder)
    loaded = []
    for name in names:
        path = files.get(name)
        suite = load_suite(name, split=choice.split, data=path, settings=settings, allow_changed=choice.allow_changed)
        loaded.append((suite, path or folder))
    return loaded


def suite_of(info: RunInfo, data: list[str] | None) -> Suite:
    """The suite of a run, from `data` or else from where the run had it.

    A run that was allowed changed data must find that same content again: whoever goes on compares the fingerprints.

    Raises:
        UserError: there is no such suite any more, or no data.
    """
    recorded = [info.data] if info.data else None
    choice = DataChoice(data or recorded, info.suite.split, allow_changed=True)
    [(suite, _)] = load_suites([info.suite.name], choice)
    return suite


def _files(names: list[str], data: list[str] | None) -> tuple[dict[str, Path], Path | None]:
    files: dict[str, Path] = {}
    folder: Path | None = None
    for item in data or []:
        name, equals, path = item.partition("=")
        if equals and name in names:
            files[name] = Path(path)
        elif Path(item).is_dir():
            folder = Path(item)
        elif len(names) == 1:
            files[names[0]] = Path(item)
        else:
            raise UsageError(
                f"--data {item}: it is not clear which of {', '.join(names)} this file is for.",
                f"Write --data {names[0]}={item}, or name a folder.",
            )
    return files, folder


def _with_folder(settings: Settings, folder: Path) -> Settings:
    return settings.model_copy(update={"data_dir": folder, "data": {}})
