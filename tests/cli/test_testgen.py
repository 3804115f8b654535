"""The suite testgen judges its own files rightly, in real Docker, in all three languages."""

import json

import pytest

from .conftest import Cli

pytestmark = [pytest.mark.docker, pytest.mark.slow, pytest.mark.usefixtures("sandbox_image")]


def test_reference_tests_have_all_points(cli: Cli) -> None:
    """All 63 reference files pass, cover every statement and kill every mutant."""
    result = cli("eval", "--model", "reference", "--suite", "testgen", "--json", "--fail-under", "points=1155")
    assert result.code == 0, result.err
    assert json.loads(result.out)["metrics"]["points"] == 1155


def test_known_bad_tests_get_their_verdicts(cli: Cli) -> None:
    """`harness suites check testgen` refuses all known-bad files with the verdict that they must get."""
    result = cli("suites", "check", "testgen")
    assert result.code == 0, result.err
