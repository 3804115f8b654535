"""What the tests of sandboxes share: jobs, a stand-in runner that misbehaves on request, and a look at what is left."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from harness.assets import asset
from harness.records import Job, Limits, PythonCheck
from harness.sandboxes.engine import connect
from harness.sandboxes.image import ImageInfo, build_image
from harness.sandboxes.owner import PROCESS_LABEL, RUN_LABEL, Owner

HERE = Path(__file__).parent


@pytest.fixture
def anyio_backend() -> str:
    """Only asyncio: it is what the pipeline runs on."""
    return "asyncio"


@pytest.fixture
def job() -> Callable[..., Job]:
    """Makes jobs: a program, an id, limits by keyword."""

    def make(program: str, number: int = 0, **limits: Any) -> Job:
        check = PythonCheck(functions=("solve",), test="assert solve(2, 3) == 5")
        return Job(id=f"test/{number}", program=program, check=check, limits=Limits(**{"memory_mb": 64} | limits))

    return make


@pytest.fixture
def engine() -> Iterator[APIClient]:
    """The machine's engine, past whatever a test puts in its way."""
    with closing(connect()) as api:
        yield api


@pytest.fixture
def mine(engine: APIClient) -> Iterator[Callable[[], list[str]]]:
    """The containers of this process's sandboxes; none may be left when the test ends."""
    label = f"{PROCESS_LABEL}={Owner.current().labels('')[PROCESS_LABEL]}"

    def find() -> list[str]:
        return [one["Id"] for one in engine.containers(all=True, filters={"label": [RUN_LABEL, label]})]

    yield find
    assert find() == []


@pytest.fixture(scope="session")
def stand_in(sandbox_image: ImageInfo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An image whose runner judges nothing and misbehaves on request (stand_in/runner.py)."""
    folder = tmp_path_factory.mktemp("stand_in")
    for source in (asset("sandbox", "Dockerfile"), asset("sandbox", "seccomp.json"), HERE / "stand_in" / "runner.py"):
        shutil.copy(source, folder)
    (folder / "session.py").write_text(f"# {folder} of process {os.getpid()}: an image that no other session removes\n")
    image = build_image(sandbox_image.base, folder=folder)
    yield image.tag
    with closing(connect()) as api:
        api.remove_image(image.tag)
