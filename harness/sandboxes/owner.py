"""Whose a container is: labels that name the process that made it, so that a later start can sweep what it left.

A process that is killed outright cannot remove its containers. Their runners exit when the stream hangs up; what stays
is an exited container. The next start removes those whose owner is certainly gone, and no others: a machine may run
several harnesses, and several machines may share one engine.
"""

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker import APIClient
from docker.errors import APIError

log = logging.getLogger(__name__)

RUN_LABEL = "harness.run"
HOST_LABEL = "harness.host"
PROCESS_LABEL = "harness.process"

_LEFTOVER_AFTER_S = 24 * 3600.0
_ENDED = ("exited", "dead")


@dataclass(frozen=True)
class Owner:
    """One process of one boot of one machine. `started` (clock ticks since boot) tells a reused number apart."""

    host: str
    pid: int
    started: int

    @classmethod
    def current(cls) -> "Owner":
        """This process."""
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        # Process numbers mean something only inside their PID namespace, which may be a container's.
        namespace = os.readlink("/proc/self/ns/pid")
        pid = os.getpid()
        return cls(host=f"{boot} {namespace}", pid=pid, started=_started(pid) or 0)

    def labels(self, run: str) -> dict[str, str]:
        """What a container of this process carries."""
        return {RUN_LABEL: run, HOST_LABEL: self.host, PROCESS_LABEL: f"{self.pid} {self.started}"}


def is_running(pid: int, started: int) -> bool:
    """True where the process `pid` exists and is the one that started then."""
    return _started(pid) == started


def _started(pid: int) -> int | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[19])


def abandoned(
    container: Mapping[str, Any], host: str, now: float, running: Callable[[int, int], bool] = is_running
) -> bool:
    """True where a container of the engine's list has no living owner.

    Of another host we cannot tell, so its containers are left alone until they ended and are a day old.
    """
    labels = container.get("Labels") or {}
    if RUN_LABEL not in labels:
        return False
    if labels.get(HOST_LABEL) == host:
        pid, _, started = labels.get(PROCESS_LABEL, "").partition(" ")
        return pid.isdigit() and started.isdigit() and not running(int(pid), int(started))
    return container.get("State") in _ENDED and now - float(container.get("Created", now)) > _LEFTOVER_AFTER_S


def sweep(api: APIClient, owner: Owner, now: float) -> int:
    """Remove what dead processes left behind; `now` is in seconds since the epoch. Blocks. Returns how many."""
    found = api.containers(all=True, filters={"label": RUN_LABEL})
    return remove(api, [one["Id"] for one in found if abandoned(one, owner.host, now)])


def remove_run(api: APIClient, run: str) -> int:
    """Remove every container of one run, whatever its state. Blocks. Returns how many."""
    found = api.containers(all=True, filters={"label": f"{RUN_LABEL}={run}"})
    return remove(api, [one["Id"] for one in found])


def remove(api: APIClient, containers: list[str]) -> int:
    """Kill and remove; one that is gone already, or is being removed by somebody else, is no error.

    What the engine refuses to remove is logged: another run must not fail for it, and the next start tries again.
    """
    for container in containers:
        try:
            api.remove_container(container, force=True, v=True)
        except APIError as error:
            if error.status_code not in (404, 409):
                log.warning("The container %s is left behind: %s", container, error)
    return len(containers)
