"""The check that stands before every eval: money is spent only where verdicts are right."""

from pathlib import Path

import pytest

from harness.cli.session import Options, trusted_sandbox
from harness.errors import MachineError
from harness.sandboxes.image import ImageInfo

pytestmark = [pytest.mark.docker, pytest.mark.anyio]


async def test_a_sandbox_that_passes_everything_is_refused(stand_in: str) -> None:
    """False passes prevented: a sandbox that passes wrong programs is found out before a model is asked."""
    with pytest.raises(MachineError, match="wrong verdicts on this machine: wrong: passed, expected failed"):
        async with trusted_sandbox(Options(Path(), image=stand_in)):
            pytest.fail("it was trusted")


async def test_the_real_sandbox_is_trusted(sandbox_image: ImageInfo) -> None:
    """The sandbox of this version gives the six programs their verdicts here."""
    async with trusted_sandbox(Options(Path(), image=sandbox_image.tag)) as sandbox:
        assert sandbox.describe()["image"] == sandbox_image.tag
