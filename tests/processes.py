"""The processes of a container as the host sees them, from /proc: `docker top` needs a `ps` where the engine runs."""

from dataclasses import dataclass
from pathlib import Path

from docker import APIClient


@dataclass(frozen=True)
class Process:
    """One process; numbers and users are the host's."""

    pid: int
    parent: int
    user: int


def processes_of(engine: APIClient, container: str) -> dict[int, Process]:
    """Every process below the container's first one, by number, on an engine of this machine."""
    first = int(engine.inspect_container(container)["State"]["Pid"])
    everything = {process.pid: process for process in map(_read, Path("/proc").glob("[0-9]*/status")) if process}
    found = {first: everything[first]}
    while children := [p for p in everything.values() if p.parent in found and p.pid not in found]:  # numbers wrap
        found |= {process.pid: process for process in children}
    return found


def _read(path: Path) -> Process | None:
    try:
        fields = dict(line.split(":", 1) for line in path.read_text(encoding="utf-8").splitlines())
    except OSError:  # it has ended meanwhile
        return None
    return Process(int(path.parent.name), int(fields["PPid"]), int(fields["Uid"].split()[0]))
