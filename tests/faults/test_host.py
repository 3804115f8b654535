"""The harness itself is killed, interrupted, robbed of its disk or its clock: resume ends in the same verdicts."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from docker import APIClient

from harness.sandboxes.image import ImageInfo
from tests.faults.conftest import Launch
from tests.faults.rig import (
    Harness,
    Material,
    assert_no_lies,
    assert_whole,
    containers_of,
    fill,
    inhabitants,
    verdicts_of,
    wait_until,
)

pytestmark = pytest.mark.docker

TORN = '{"task_id": "smoke/0", "ind'
FAKETIME = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))


def resume(harness: Harness) -> list[str]:
    """The arguments that bring a harness's run to its end."""
    return ["resume", str(harness.run.path)]


def test_sigkill_in_the_middle_is_resumed(launch: Launch, material: Material, engine: APIClient) -> None:
    """After SIGKILL, with half a line at the end of the file, resume judges what is missing once and nothing twice."""
    harness = launch(material.score())
    harness.wait_for(6)
    left = containers_of(engine, harness.pid)
    assert inhabitants(left)
    harness.kill()
    with (harness.run.path / "executions.jsonl").open("a") as file:
        file.write(TORN)
    wait_until(lambda: not inhabitants(left))
    assert_whole(launch(resume(harness)), material.verdicts)


def test_ctrl_c_is_resumed(launch: Launch, material: Material, engine: APIClient) -> None:
    """Ctrl-C stops cleanly and leaves no container; resume ends in the same verdicts."""
    harness = launch(material.score())
    harness.wait_for(4)
    harness.interrupt()
    assert harness.end() == 130
    assert containers_of(engine, harness.pid) == []
    assert_no_lies(harness, material.verdicts)
    assert len(verdicts_of(harness.run)) < len(material.verdicts)
    assert_whole(launch(resume(harness)), material.verdicts)


@pytest.mark.parametrize(
    "signals",
    [[signal.SIGINT] * 2, [signal.SIGINT] * 5, [signal.SIGTERM] * 2],
    ids=["twice", "five_times", "term"],
)
def test_impatience_leaves_nothing(
    launch: Launch, material: Material, engine: APIClient, signals: list[signal.Signals]
) -> None:
    """Ctrl-C pressed again and again, or SIGTERM, ends at once, invents no verdict and leaves no container behind."""
    harness = launch(material.score())
    harness.wait_for(4)
    for number in signals:
        os.killpg(harness.pid, number)
        time.sleep(0.1)
    assert harness.end() in (130, -signal.SIGINT)
    assert containers_of(engine, harness.pid) == []
    assert_no_lies(harness, material.verdicts)


@pytest.mark.parametrize("after_s", [0.1, 0.5, 0.8])
def test_ctrl_c_at_the_start_leaves_nothing(
    launch: Launch, material: Material, engine: APIClient, after_s: float
) -> None:
    """Ctrl-C while modules load, containers start or the sandbox is tried leaves no container behind."""
    harness = launch(["eval", "--model", "reference", "--suite", "smoke"])
    time.sleep(after_s)
    harness.interrupt()
    assert harness.process.wait(60) in (1, 130, -signal.SIGINT)
    assert containers_of(engine, harness.pid) == []


def test_two_at_once_and_one_is_killed(
    launch: Launch, material: Material, engine: APIClient, sandbox_image: ImageInfo
) -> None:
    """A start removes what a killed harness left, and neither a living one's containers nor a stranger's."""
    stranger = engine.create_container(sandbox_image.tag, name=f"harness-stranger-{os.getpid()}")["Id"]
    try:
        dead, living = launch(material.score(), "dead"), launch(material.score(), "living")
        dead.wait_for(4)
        dead.kill()
        assert containers_of(engine, dead.pid)
        third = launch(resume(dead), "dead")
        assert_whole(third, material.verdicts)
        assert containers_of(engine, dead.pid) == []
        assert_whole(living, material.verdicts)
        assert engine.inspect_container(stranger)["State"]["Status"] == "created"
    finally:
        engine.remove_container(stranger, v=True)


@pytest.mark.skipif(not FAKETIME, reason="needs Debian's libfaketime to set one process's clock")
@pytest.mark.parametrize("step", ["+1h", "-1h"])
def test_a_clock_that_jumps_changes_no_verdict(launch: Launch, material: Material, tmp_path: Path, step: str) -> None:
    """The host's clock set an hour on or back in the middle of a run charges nobody: limits go by monotonic clocks."""
    clock = tmp_path / "clock"
    clock.write_text("+0")
    env = {
        "LD_PRELOAD": str(FAKETIME[0]),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    harness = launch(material.score(), env=env)
    harness.wait_for(6)
    clock.write_text(step)
    assert_whole(harness, material.verdicts)


@pytest.mark.skipif(not FAKETIME, reason="needs Debian's libfaketime to run a container's clock fast")
def test_a_containers_clock_that_runs_away_changes_no_verdict(
    launch: Launch, material: Material, sandbox_image: ImageInfo, tmp_path: Path
) -> None:
    """Inside the container an hour may pass each second, as after many steps of the clock, and no limit is reached."""
    folder = tmp_path / "image"
    folder.mkdir()
    shutil.copy(FAKETIME[0], folder / "libfaketime.so.1")
    (folder / "sitecustomize.py").write_text(RUNAWAY)
    (folder / "Dockerfile").write_text(DOCKERFILE.format(base=sandbox_image.tag))
    tag = f"harness-clock-test:{os.getpid()}"
    subprocess.run(["docker", "build", "--network", "none", "-q", "-t", tag, folder], check=True, capture_output=True)
    try:
        rows = [{"task_id": "smoke/0", "solution": LOOK + SOLUTION.format(sign=sign)} for sign in "<>"]
        samples = tmp_path / "looks.jsonl"
        samples.write_text("".join(json.dumps(row) + "\n" for row in rows))
        look = launch(replace(material, samples=samples).score("--image", tag))
        assert look.end() == 0, look.err
        assert verdicts_of(look.run) == {("smoke/0", 0): "error", ("smoke/0", 1): "passed"}
    finally:
        subprocess.run(["docker", "rmi", "-f", tag], check=True, capture_output=True)


RUNAWAY = """
import os, sys
if "FAKETIME" not in os.environ:
    os.environ |= {"LD_PRELOAD": "/harness/libfaketime.so.1", "FAKETIME": "+0 x3600", "FAKETIME_DISABLE_SHM": "1"}
    os.environ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1"
    os.execv(sys.executable, sys.orig_argv)
"""
DOCKERFILE = """
FROM {base}
COPY libfaketime.so.1 sitecustomize.py /harness/
RUN cp /harness/sitecustomize.py "$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
"""
LOOK = """
import time

clock, stopwatch = time.time(), time.monotonic()
while time.monotonic() < stopwatch + 0.1:
    pass
"""
SOLUTION = "assert time.time() - clock {sign} 60\n\n\ndef clamp(x, low, high):\n    return max(low, min(x, high))\n"


@pytest.fixture
def tiny_disk(tmp_path: Path, needs_root: None) -> Iterator[Path]:
    """A disk of its own with little room."""
    path = tmp_path / "disk"
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", path], check=True)
    yield path
    subprocess.run(["umount", path], check=True)


def test_a_full_disk_is_explained_and_resumed(launch: Launch, material: Material, tiny_disk: Path) -> None:
    """A results disk that fills up ends the run with what to do; with room again resume ends in the same verdicts."""
    harness = launch(material.score("--results", str(tiny_disk)))
    wait_until(lambda: any(path.stat().st_size for path in tiny_disk.glob("runs/*/executions.jsonl")))
    ballast = tiny_disk / "ballast"
    fill(ballast)
    assert harness.end() == 1
    assert "disk is full" in harness.err
    assert "harness resume" in harness.err
    [path] = tiny_disk.glob("runs/*")
    full = launch(["resume", str(path)])
    assert full.end() == 1
    assert "disk is full" in full.err
    ballast.unlink()
    last = launch(["resume", str(path)])
    assert last.end() == 0, last.err
    lines = [json.loads(line) for line in (path / "executions.jsonl").read_bytes().splitlines()]
    assert {(one["task_id"], one["index"]): one["verdict"] for one in lines} == material.verdicts
    assert len(lines) == len(material.verdicts)
