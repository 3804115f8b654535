"""Which containers a start may sweep: those of processes that are certainly gone, and no others."""

import os

import pytest

from harness.sandboxes.owner import HOST_LABEL, PROCESS_LABEL, RUN_LABEL, Owner, abandoned, is_running

HOST, NOW = "boot pid:[1]", 1_000_000.0


def container(**labels: str) -> dict:
    """A container as the engine lists it."""
    own = {RUN_LABEL: "r", HOST_LABEL: HOST, PROCESS_LABEL: "10 500"} | labels
    return {"Labels": own, "State": "running", "Created": NOW - 60}


def gone(pid: int, started: int) -> bool:
    """A machine without that process."""
    return False


def alive(pid: int, started: int) -> bool:
    """A machine with just one process."""
    return (pid, started) == (10, 500)


def test_a_dead_process_leaves_abandoned_containers() -> None:
    """A container of this machine whose process is gone is swept, also while it still runs."""
    assert abandoned(container(), HOST, NOW, gone)


def test_a_living_process_keeps_its_containers() -> None:
    """A container of a harness that is still running is never touched."""
    assert not abandoned(container(), HOST, NOW, alive)


def test_a_reused_number_is_another_process() -> None:
    """A process with the same number but another start is not the owner."""
    assert abandoned(container(**{PROCESS_LABEL: "10 499"}), HOST, NOW, alive)


@pytest.mark.parametrize("state", ["running", "created", "paused", "exited"])
def test_another_machines_containers_stay(state: str) -> None:
    """Of a machine that shares the engine we cannot ask the processes, so its containers are left alone."""
    other = container(**{HOST_LABEL: "elsewhere"}) | {"State": state}
    assert not abandoned(other, HOST, NOW, gone)


def test_leftovers_of_an_earlier_boot_go_after_a_day() -> None:
    """A container that ended and is a day old belongs to nobody, whoever made it."""
    old = container(**{HOST_LABEL: "elsewhere"}) | {"State": "exited", "Created": NOW - 100_000}
    assert abandoned(old, HOST, NOW, gone)


@pytest.mark.parametrize("labels", [None, {}, {HOST_LABEL: HOST, PROCESS_LABEL: "10 500"}])
def test_strangers_are_never_swept(labels: dict | None) -> None:
    """A container without our label is not ours."""
    assert not abandoned({"Labels": labels, "State": "exited", "Created": 0}, HOST, NOW, gone)


def test_unreadable_labels_are_left_alone() -> None:
    """A label that names no process proves nothing."""
    assert not abandoned(container(**{PROCESS_LABEL: "what"}), HOST, NOW, gone)


def test_this_process_knows_itself() -> None:
    """The labels that this process writes are those of a living owner."""
    me = Owner.current()
    assert me.pid == os.getpid()
    assert is_running(me.pid, me.started)
    assert not is_running(me.pid, me.started + 1)
    made = {"Labels": me.labels("run"), "State": "running", "Created": NOW}
    assert not abandoned(made, me.host, NOW)
