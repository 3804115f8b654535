"""The Docker sandbox passes the conformance suite, with warm cells and with a container for every job."""

from typing import Literal

import pytest

from harness.sandboxes.conformance import QUICK, cases_of, check_sandbox
from harness.sandboxes.docker import DockerSandbox
from harness.sandboxes.image import ImageInfo

pytestmark = [pytest.mark.docker, pytest.mark.anyio, pytest.mark.usefixtures("mine")]


@pytest.mark.parametrize("isolation", ["cell", "container"])
async def test_every_case(isolation: Literal["cell", "container"], sandbox_image: ImageInfo) -> None:
    """Every program of the suite gets a verdict that its case accepts."""
    async with DockerSandbox(parallel=2, image=sandbox_image.tag, isolation=isolation) as sandbox:
        results = await check_sandbox(sandbox, cases_of())
    assert [str(result) for result in results if not result.ok] == []


async def test_more_at_once_than_processors(sandbox_image: ImageInfo) -> None:
    """The quick subset gives the same verdicts where six run at once on a busy machine."""
    async with DockerSandbox(parallel=6, image=sandbox_image.tag) as sandbox:
        results = await check_sandbox(sandbox, QUICK)
    assert all(result.ok for result in results)


async def test_it_says_what_it_is(sandbox_image: ImageInfo) -> None:
    """A run can record engine, image, isolation and Python."""
    async with DockerSandbox(parallel=1, image=sandbox_image.tag) as sandbox:
        said = sandbox.describe()
    assert said["image"] == sandbox_image.tag
    assert said["image_id"] == sandbox_image.id
    assert said["isolation"] in ("cell", "container")
    assert str(said["python"]).startswith("3.")
    assert all(said[key] for key in ("engine", "kernel", "runtime", "cgroup", "parallel"))
