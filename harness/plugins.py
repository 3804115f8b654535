"""Look-up of backends and sandboxes by name, through entry points: ours register the same way as a stranger's.

A package adds a backend with `[project.entry-points."harness.backends"]  name = "module:Class"` and a sandbox with the
group `harness.sandboxes`. Nothing is imported before it is asked for.
"""

from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from harness.errors import MachineError, UserError

Group = Literal["harness.backends", "harness.sandboxes", "harness.suites"]


def names(group: Group) -> list[str]:
    """The registered names of a group, sorted."""
    return sorted({point.name for point in entry_points(group=group)})


def load(group: Group, name: str) -> Any:
    """The object registered as `name`.

    Raises:
        UserError: nothing is registered under that name.
        MachineError: the plug-in's own module does not import.
    """
    points = [point for point in entry_points(group=group) if point.name == name]
    if not points:
        known = ", ".join(names(group)) or "none"
        raise UserError(f"There is no {_word(group)} named {name!r}.", f"Known: {known}.")
    return _import(points[0], group)


def _import(point: EntryPoint, group: Group) -> Any:
    try:
        return point.load()
    except ImportError as error:
        raise MachineError(
            f"The {_word(group)} {point.name!r} ({point.value}) does not import: {error}.",
            "Reinstall the package that provides it.",
        ) from error


def _word(group: Group) -> str:
    return group.removeprefix("harness.").removesuffix("es" if group.endswith("xes") else "s")
