"""Programs and files of tests in other languages, in real containers: every case of each language gets its verdict."""

import json
from pathlib import Path

import pytest

from harness.cli.session import Options, trusted_sandbox
from harness.errors import MachineError
from harness.languages import languages
from harness.sandboxes import container
from harness.sandboxes.conformance import check_sandbox
from harness.sandboxes.docker import DockerSandbox
from harness.sandboxes.language_cases import cases_in

NAMESPACE_CALLS = ("unshare", "setns", "mount", "umount2", "pivot_root")
pytestmark = [pytest.mark.docker, pytest.mark.anyio, pytest.mark.usefixtures("mine")]


@pytest.mark.parametrize("name", list(languages()))
async def test_no_program_gets_a_pass_that_it_has_not_earned(name: str) -> None:
    """False passes and points prevented: leaving early, patching what compares, writing results, filling counters."""
    async with DockerSandbox(language=name, parallel=2) as sandbox:
        results = await check_sandbox(sandbox, cases_in(name))
    assert [str(result) for result in results if not result.ok] == []


async def test_a_sandbox_that_passes_everything_is_refused_in_any_language(stand_in: str) -> None:
    """False passes prevented: wrong programs in Go that pass are found out before anything of a run is judged."""
    with pytest.raises(MachineError, match="programs/wrong: passed, expected failed") as caught:
        async with trusted_sandbox(Options(Path(), image=stand_in), "go"):
            pytest.fail("it was trusted")
    assert "harness sandbox check --language go" in caught.value.hint


async def test_where_namespaces_are_refused_so_are_other_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    """False errors prevented: built programs could not even start there, and every test file would be an error."""
    profile = json.loads(container.seccomp_profile())
    for rule in profile["syscalls"]:
        rule["names"] = [name for name in rule["names"] if name not in NAMESPACE_CALLS]
    monkeypatch.setattr(container, "seccomp_profile", lambda: json.dumps(profile))
    with pytest.raises(MachineError, match="programs in go need them"):
        async with DockerSandbox(language="go", parallel=1, isolation="container"):
            pytest.fail("it was started")
