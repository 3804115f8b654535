"""The same verdicts on other engines, where this machine has them: gVisor's runtime, Podman's compatible socket."""

import os
from collections.abc import Callable

import pytest
from docker import APIClient

from harness.errors import MachineError
from harness.sandboxes.conformance import CASES, check_sandbox
from harness.sandboxes.docker import DockerSandbox
from harness.sandboxes.engine import connect
from harness.sandboxes.image import ImageInfo, copy_image, find_image

pytestmark = [pytest.mark.docker, pytest.mark.anyio]

PODMAN = os.environ.get("CONTAINER_HOST", "unix:///run/podman/podman.sock")


async def test_gvisor_gives_the_same_verdicts(
    sandbox_image: ImageInfo, engine: APIClient, mine: Callable[[], list[str]]
) -> None:
    """Every program of the suite gets a verdict that its case accepts in a kernel that is not Linux."""
    if "runsc" not in engine.info()["Runtimes"]:
        pytest.skip("the engine has no runtime runsc (docs/engines.md tells how to add it)")
    async with DockerSandbox(parallel=2, image=sandbox_image.tag, runtime="runsc") as sandbox:
        results = await check_sandbox(sandbox, CASES)
        assert sandbox.describe()["runtime"] == "runsc"
    # a pool of processes ends this gVisor itself, two times in three (docs/engines.md)
    assert [str(result) for result in results if not result.ok and result.case.name != "process_pool"] == []


async def test_podman_gives_the_same_verdicts(sandbox_image: ImageInfo) -> None:
    """Every program of the suite gets a verdict that its case accepts, and nothing is left on Podman's side."""
    try:
        podman = connect(PODMAN)
    except MachineError as error:
        pytest.skip(f"no Podman answers (CONTAINER_HOST names its socket): {error.message}")
    try:
        image = find_image(host=PODMAN, api=podman)
    except MachineError:
        image = copy_image(sandbox_image, None, PODMAN)
    async with DockerSandbox(parallel=2, image=image.tag, host=PODMAN) as sandbox:
        results = await check_sandbox(sandbox, CASES)
        assert "Podman" in str(sandbox.describe()["engine"])
    assert [str(result) for result in results if not result.ok] == []
    assert podman.containers(all=True, filters={"label": "harness.run"}) == []
    podman.close()
