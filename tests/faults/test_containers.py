"""Containers that are killed, cut, paused, removed while the real `harness score` runs: the same verdicts."""

import json
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from docker import APIClient
from docker.errors import APIError

from tests.faults.conftest import Launch
from tests.faults.rig import Harness, Material, assert_whole, containers_of, verdicts_of, wait_until
from tests.processes import processes_of

pytestmark = pytest.mark.docker

Blow = Callable[[APIClient, str], object]


def kill(engine: APIClient, container: str) -> None:
    """`docker kill`."""
    engine.kill(container)


def remove(engine: APIClient, container: str) -> None:
    """`docker rm -f`."""
    engine.remove_container(container, force=True)


def cut_memory(engine: APIClient, container: str) -> None:
    """`docker update --memory`, to less than the container holds as soon as it does anything."""
    engine.update_container(container, mem_limit=45 * 2**20)


def hold(engine: APIClient, container: str) -> None:
    """`docker pause`, longer than the wall time of a sample, then `docker unpause`."""
    hold_for_good(engine, container)
    time.sleep(4)
    engine.unpause(container)


def hold_for_good(engine: APIClient, container: str) -> None:
    """`docker pause`, longer than the harness waits; a busy machine may take several tries to freeze it."""
    wait_until(lambda: paused(engine, container))


def paused(engine: APIClient, container: str) -> bool:
    """True once the engine has frozen it."""
    with suppress(APIError):
        engine.pause(container)
        return True
    return False


@pytest.mark.parametrize("blow", [kill, remove, cut_memory, hold, hold_for_good])
def test_a_container_that_suffers_changes_no_verdict(
    launch: Launch, material: Material, engine: APIClient, blow: Blow
) -> None:
    """A blow at one container or all of them costs time: no sample fails, passes, times out or is lost for it."""
    harness = launch(material.score())
    harness.wait_for(6)
    blow(engine, containers_of(engine, harness.pid)[0])
    assert_whole(harness, material.verdicts)


@pytest.mark.slow
def test_a_container_paused_for_twenty_seconds(launch: Launch, material: Material, engine: APIClient) -> None:
    """Twenty seconds of standstill, within the patience of the real limits, are charged to nobody."""
    harness = launch(["eval", "--model", "reference", "--suite", "smoke", "-n", "60", "--parallel", "2"])
    harness.wait_for(6)
    [container, *_] = containers_of(engine, harness.pid)
    engine.pause(container)
    time.sleep(20)
    engine.unpause(container)
    assert harness.end() == 0, harness.err
    assert set(verdicts_of(harness.run).values()) == {"passed"}


def test_a_container_killed_again_and_again_is_no_verdict(
    launch: Launch, material: Material, engine: APIClient
) -> None:
    """Samples whose every container is killed from outside are failures, not errors, and resume repairs them."""
    harness = launch(material.score())
    harness.wait_for(6)
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        slay(engine, harness)
    code = harness.end()
    found = verdicts_of(harness.run)
    assert {key: word for key, word in found.items() if word not in ("failure", material.verdicts[key])} == {}
    assert code == (4 if "failure" in found.values() else 0)
    assert_whole(launch(["resume", harness.run.path.name]), material.verdicts)


def slay(engine: APIClient, harness: Harness) -> None:
    """Kill whatever container the harness has now."""
    for container in containers_of(engine, harness.pid):
        with suppress(APIError):  # not running yet, or no more
            engine.kill(container)


@pytest.mark.usefixtures("needs_root")
@pytest.mark.parametrize("part", ["judge", "zygote", "supervisor"])
def test_a_part_of_the_sandbox_killed_in_the_middle_of_a_sample(
    launch: Launch, material: Material, engine: APIClient, part: str
) -> None:
    """`kill -9` of the judge or its helpers is run again: prevents a sample that fails, or passes, for it."""
    harness = launch(material.score())
    harness.wait_for(6)
    wait_until(lambda: bool(trusted(engine, containers_of(engine, harness.pid)[0], part)))
    for container in containers_of(engine, harness.pid):
        for pid in trusted(engine, container, part):
            os.kill(pid, signal.SIGKILL)
    assert_whole(harness, material.verdicts)


def trusted(engine: APIClient, container: str, part: str) -> list[int]:
    """The process of a container that is its judge, its forking helper or its supervisor; none while it is replaced."""
    found = processes_of(engine, container)

    def children(pid: int) -> list[int]:
        return [one.pid for one in found.values() if one.parent == pid]

    [first] = [pid for pid in found if found[pid].parent not in found]
    supervisors = [pid for outer in children(first) for pid in children(outer)]
    if part == "supervisor":
        return supervisors
    helpers = [pid for supervisor in supervisors for pid in children(supervisor)]
    judges = [pid for pid in helpers if found[pid].user % 65536 == 1]
    return judges if part == "judge" else sorted(set(helpers) - set(judges))[:1]


EXHAUSTING = {
    "memory": "import os\n\nfor _ in range(3):\n    os.fork()\nhoard = b'x' * 150_000_000\nwhile True:\n    pass\n",
    "files": "hoards = [open(f'{n}', 'wb') for n in range(60)]\nwhile True:\n    for hoard in hoards:\n"
    "        hoard.write(bytes(1_000_000))\n",
    "pipes": "import os\n\npipes = [os.pipe() for _ in range(100)]\nfor _, end in pipes:\n"
    "    os.set_blocking(end, False)\n    os.write(end, bytes(1 << 16))\nwhile True:\n    pass\n",
}


def test_culprits_get_their_verdict_and_neighbours_keep_theirs(
    launch: Launch, material: Material, tmp_path: Path
) -> None:
    """Programs that exhaust what a container shares do not pass; those beside and after them are judged as ever."""
    last = max(task_id for task_id, _ in material.verdicts)
    rows = material.samples.read_text().splitlines()
    hogs = [json.dumps({"task_id": last, "solution": program}) for program in EXHAUSTING.values()]
    for place, hog in enumerate(hogs):
        rows.insert(6 * place, hog)
    mixed = tmp_path / "mixed.jsonl"
    mixed.write_text("\n".join(rows) + "\n")
    harness = launch(replace(material, samples=mixed).score("--parallel", "4"), grace_s=15.0)
    assert harness.end() == 0, harness.err
    found = verdicts_of(harness.run)
    assert {key: word for key, word in found.items() if key[0] != last} == {
        key: word for key, word in material.verdicts.items() if key[0] != last
    }
    theirs = [found[last, index] for index in range(len(hogs) + 2)]
    assert theirs.count("passed") == 1
