"""Programs and files of tests in other languages, in real containers: every case of each language gets its verdict."""

from pathlib import Path

import pytest

from harness.cli.session import Options, trusted_sandbox
from harness.errors import MachineError
from harness.languages import languages
from harness.sandboxes.conformance import check_sandbox
from harness.sandboxes.docker import DockerSandbox
from harness.sandboxes.language_cases import cases_in

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
