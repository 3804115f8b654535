"""The command itself: help, version, and errors that concurrent tasks wrapped in groups."""

import pytest

from harness import __version__
from harness.cli.app import known_error
from harness.errors import MachineError, UserError

from .conftest import Cli


def test_version_and_help_answer(cli: Cli) -> None:
    """`harness --version` and `harness -h` succeed and say what was asked."""
    assert cli("--version").out == f"harness {__version__}\n"
    helped = cli("-h")
    assert helped.code == 0
    for command in ("eval", "score", "resume", "leaderboard", "runs", "models", "suites", "sandbox", "doctor"):
        assert command in helped.out


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_an_error_of_ours_is_found_inside_exception_groups(depth: int) -> None:
    """A full disk met by one of several concurrent tasks is explained like any other, not shown as a traceback."""
    error: BaseException = MachineError("The disk is full.")
    for _ in range(depth):
        error = BaseExceptionGroup("tasks", [error])
    found = known_error(error)
    assert found is not None
    assert found.message == "The disk is full."


def test_a_foreign_error_is_not_hidden_by_one_of_ours() -> None:
    """A group that also holds a defect keeps its traceback."""
    assert known_error(BaseExceptionGroup("tasks", [UserError("x"), ZeroDivisionError()])) is None
    assert known_error(ZeroDivisionError()) is None
