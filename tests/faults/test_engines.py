"""The engine restarts, dies, hangs, loses its image or its disk while the real `harness score` runs.

It is an engine of the tests' own; at the end of each there is no container and no volume on it, whosever.
"""

import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from docker import APIClient

from harness.sandboxes.engine import connect
from harness.sandboxes.image import ImageInfo
from tests.faults.conftest import Launch
from tests.faults.private_engine import PrivateEngine
from tests.faults.rig import Harness, Material, assert_no_lies, assert_whole, containers_of, fill

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("needs_root")]


@pytest.fixture(scope="module")
def image(sandbox_image: ImageInfo) -> bytes:
    """The sandbox's image as an archive."""
    with closing(connect()) as api:
        return b"".join(api.get_image(sandbox_image.tag))


@pytest.fixture(scope="module")
def bridges() -> list[Path]:
    """The machine's network bridges before there was another engine."""
    return [place.parent for place in Path("/sys/class/net").glob("*/bridge")]


@pytest.fixture(scope="module")
def own(image: bytes, bridges: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateEngine]:
    """An engine of our own with the sandbox's image."""
    if shutil.which("dockerd") is None:
        pytest.skip("there is no dockerd on this machine to start another one of")
    with PrivateEngine(tmp_path_factory.mktemp("e")) as started:
        started.load(image)
        yield started


@pytest.fixture
def score(launch: Launch, material: Material, own: PrivateEngine) -> Iterator[Callable[..., Harness]]:
    """Start scoring on the engine of our own; returns in the middle of it."""

    def start(back_s: float = 2.0) -> Harness:
        harness = launch(material.score(), env={"DOCKER_HOST": own.url}, back_s=back_s)
        harness.wait_for(4)
        return harness

    yield start
    assert own.leftovers() == []


Score = Callable[..., Harness]


@pytest.mark.usefixtures("own")
def test_the_machine_s_own_engine_keeps_its_network(bridges: list[Path]) -> None:
    """A private dockerd took docker0 away, and whatever the machine's engine built afterwards failed."""
    assert all(bridge.exists() for bridge in bridges)


def test_an_engine_restarts(score: Score, material: Material, own: PrivateEngine) -> None:
    """An engine that is stopped, with all its containers, and started again costs time and no verdict."""
    harness = score(back_s=30.0)
    own.stop()
    own.start()
    assert_whole(harness, material.verdicts)


def test_an_engine_is_killed_and_comes_back(score: Score, material: Material, own: PrivateEngine) -> None:
    """An engine killed outright and started again costs time and no verdict."""
    harness = score(back_s=30.0)
    own.kill()
    own.start()
    assert_whole(harness, material.verdicts)


def test_an_engine_is_killed_for_good(score: Score, launch: Launch, material: Material, own: PrivateEngine) -> None:
    """Without its engine a run ends with failures that say so; on a new start of the engine resume repairs them."""
    harness = score()
    own.kill()
    assert harness.end() == 4
    assert_no_lies(harness, material.verdicts)
    assert "engine_away" in harness.out
    own.start()
    resumed = launch(["resume", harness.run.path.name], env={"DOCKER_HOST": own.url})
    assert_whole(resumed, material.verdicts)


def test_an_engine_hangs_for_a_while(score: Score, material: Material, own: PrivateEngine) -> None:
    """An engine that answers nothing for longer than a sample's wall time changes no verdict."""
    harness = score()
    own.hold()
    time.sleep(4)
    own.release()
    assert_whole(harness, material.verdicts)


def test_the_image_is_removed(
    score: Score, launch: Launch, material: Material, own: PrivateEngine, image: bytes
) -> None:
    """Samples that lose their container when the image is gone are failures that say so; resume repairs them."""
    harness = score()
    with closing(own.api()) as api, halted(harness):
        strike(api, harness)
        for one in api.images():
            api.remove_image(one["Id"], force=True)
    assert harness.end() == 4
    assert_no_lies(harness, material.verdicts)
    assert "image_gone" in harness.out
    without = launch(["resume", harness.run.path.name], env={"DOCKER_HOST": own.url})
    assert without.end() == 1
    assert "harness sandbox build" in without.err
    own.load(image)
    resumed = launch(["resume", harness.run.path.name], env={"DOCKER_HOST": own.url})
    assert_whole(resumed, material.verdicts)


def test_the_engines_disk_is_full(score: Score, launch: Launch, material: Material, own: PrivateEngine) -> None:
    """An engine without room for a new container leaves failures that say so; with room again resume repairs them."""
    harness = score()
    ballast = own.disk / "ballast"
    with closing(own.api()) as api, halted(harness):
        strike(api, harness)
        fill(ballast)
    code = harness.end()
    ballast.unlink()
    assert_no_lies(harness, material.verdicts)
    assert code == 4, harness.err
    assert "engine_error" in harness.out
    resumed = launch(["resume", harness.run.path.name], env={"DOCKER_HOST": own.url})
    assert_whole(resumed, material.verdicts)


@contextmanager
def halted(harness: Harness) -> Iterator[None]:
    """The harness stands still meanwhile, so that it replaces no container."""
    harness.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        harness.process.send_signal(signal.SIGCONT)


def strike(api: APIClient, harness: Harness) -> None:
    """Take away every container that it has."""
    for container in containers_of(api, harness.pid):
        api.remove_container(container, force=True)
