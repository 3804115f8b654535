"""What the container has used, read from its control group (versions 1 and 2) through files opened once."""

import os
import time

_CPU_FILES = (
    "/sys/fs/cgroup/cpu.stat",  # version 2, microseconds
    "/sys/fs/cgroup/cpuacct/cpuacct.usage",  # version 1, nanoseconds
    "/sys/fs/cgroup/cpu,cpuacct/cpuacct.usage",
)
_MEMORY_FILES = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")


class Meters:
    """CPU time and out-of-memory kills of the whole container; None where the file is missing."""

    def __init__(self) -> None:
        self._cpu = _open(_CPU_FILES)
        self._memory = _open(_MEMORY_FILES)

    def cpu_s(self) -> float | None:
        """CPU seconds of every process that is or was in the container."""
        text = _read(self._cpu)
        if text.isdigit() or text.strip().isdigit():
            return int(text) / 1e9
        usage = _field(text, "usage_usec")
        return None if usage is None else usage / 1e6

    def oom_kills(self) -> int | None:
        """How many processes the kernel has killed here for want of memory."""
        return _field(_read(self._memory), "oom_kill")


def process_cpu_s(process: int) -> float:
    """CPU seconds of one process and its threads; 0.0 when it is gone. The clock's number: man 2 clock_getres."""
    try:
        return time.clock_gettime((~process << 3) | 2)
    except OSError:
        return 0.0


def _open(paths: tuple[str, ...]) -> int | None:
    for path in paths:
        try:
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            continue
    return None


def _read(descriptor: int | None) -> str:
    return "" if descriptor is None else os.pread(descriptor, 4096, 0).decode()


def _field(text: str, name: str) -> int | None:
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if key == name and value.strip().isdigit():
            return int(value)
    return None
