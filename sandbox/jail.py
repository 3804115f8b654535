"""The walls around a candidate: a root of its own made once, an empty disk each, and what each does to itself.

`build_root` leaves the runner in a mount namespace whose root holds the system's programs and libraries read-only, five
device nodes and nothing else: no /proc, no /sys, none of the harness's files. `Scratch` is the disk, bounded in size,
that one sample after the other finds empty: samples of one container never run at the same time. `confine` gives a
freshly forked candidate its own user without groups or capabilities and its resource limits; afterwards the process
can only lose further rights.
"""

import os
import resource
from typing import NamedTuple

import linux

SCRATCH = "/scratch"
_PROC = "/opt/language/proc"  # what little of /proc a compiler cannot do without; most languages have none
_DEVICES = ("null", "zero", "full", "random", "urandom")
_FOLDERS = ("tmp", "work")  # where /tmp, /var/tmp and /dev/shm lead to, and the working directory
_PLACES = ("tmp", "var/tmp", "dev/shm")
_OF_THE_HOST = ("resolv.conf", "hosts", "hostname")
_FLAGS = linux.MS_NOSUID | linux.MS_NODEV
_INODES = 4096
_DESCRIPTORS = 256
# Address space to memory: what is reserved is not used, and an ended thread's stack may go after the next one has come.
_RESERVED = 2


class Limits(NamedTuple):
    """What `confine` enforces of a job's limits; the rest the supervisor watches.

    `memory_mb` is what may be used, which the control group counts; of address space there is more, since programs
    reserve what they do not use. 0 leaves address space alone: the runtimes of other languages reserve far more.
    """

    memory_mb: int
    processes: int
    file_mb: int
    cpu_s: float


def build_root() -> None:
    """Replace the root of this mount namespace by the candidates' one."""
    linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    new = "/tmp"
    linux.mount("tmpfs", new, "tmpfs", _FLAGS, "size=1m,mode=755")
    for name in sorted(os.listdir("/")):
        path = f"/{name}"
        if os.path.islink(path):
            os.symlink(os.readlink(path), new + path)
        elif name in ("usr", "etc", "bin", "sbin", "lib", "lib32", "lib64", "opt"):
            os.mkdir(new + path)
            linux.mount(path, new + path, flags=linux.MS_BIND | linux.MS_REC)
    for name in ("dev", "var", "proc", SCRATCH[1:]):
        os.mkdir(f"{new}/{name}")
    for name in _DEVICES:
        os.close(os.open(f"{new}/dev/{name}", os.O_CREAT | os.O_WRONLY))
        _bind(f"/dev/{name}", f"{new}/dev/{name}")
    for name in _OF_THE_HOST:
        if os.path.exists(f"{new}/etc/{name}"):
            _bind("/dev/null", f"{new}/etc/{name}")
    for place in _PLACES:
        os.symlink(f"{SCRATCH}/tmp", f"{new}/{place}")
    if os.path.isdir(_PROC):
        linux.mount(_PROC, f"{new}/proc", flags=linux.MS_BIND)
    linux.pivot_root(new)
    linux.mount("none", "/", flags=linux.MS_REMOUNT | linux.MS_BIND | linux.MS_RDONLY | _FLAGS)


def _bind(device: str, place: str) -> None:
    """A device that can be read and written, but whose times, which all samples see, cannot be set."""
    linux.mount(device, place, flags=linux.MS_BIND)
    linux.make_read_only(place)


class Scratch:
    """A disk on which every sample may make folders of its own, and of which it can change nothing else.

    Most samples leave theirs empty: then only these go, since a mount costs more. Otherwise the whole disk goes.
    """

    def __init__(self) -> None:
        self._mounted: tuple[int, bool] | None = None

    def open(self, size_mb: int, programs: bool) -> None:
        """Have an empty disk; what lies there can be executed where `programs` are built there.

        OSError: it cannot be had, and no program may run here.
        """
        if self._mounted != (size_mb, programs):
            self._unmount()
            options = f"size={size_mb}m,nr_inodes={_INODES},mode=1733"
            linux.mount("tmpfs", SCRATCH, "tmpfs", _FLAGS | (0 if programs else linux.MS_NOEXEC), options)
            self._mounted = size_mb, programs

    def close(self) -> None:
        """Take away all that the sample left, once every process of it is gone."""
        try:
            for folder in _FOLDERS:
                os.rmdir(f"{SCRATCH}/{folder}")
            emptied = not os.listdir(SCRATCH)
        except OSError:  # a folder is not empty, or was never made
            emptied = False
        if not emptied:
            self._unmount()

    def _unmount(self) -> None:
        if self._mounted:
            self._mounted = None
            linux.unmount(SCRATCH)


def confine(user: int, limits: Limits, own_scratch: bool) -> None:
    """Put this process behind the walls. OSError: a wall could not be built, and no program may run here."""
    _limit(limits)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    place = SCRATCH if own_scratch else "/tmp"
    for folder in _FOLDERS if own_scratch else _FOLDERS[1:]:
        os.mkdir(f"{place}/{folder}", 0o700)
    os.chdir(f"{place}/{_FOLDERS[1]}")


def limit_for_all() -> None:
    """The limits that are the same for every candidate; they are inherited."""
    for kind, most in (
        (resource.RLIMIT_NOFILE, _DESCRIPTORS),
        (resource.RLIMIT_SIGPENDING, _DESCRIPTORS),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _lower(kind, most, most)


def _limit(limits: Limits) -> None:
    cpu = int(limits.cpu_s) + 1
    _lower(resource.RLIMIT_CPU, cpu, cpu + 1)
    if limits.memory_mb:
        most = _RESERVED * limits.memory_mb << 20
        _lower(resource.RLIMIT_AS, most, most)
    for kind, most in (
        (resource.RLIMIT_FSIZE, limits.file_mb << 20),
        (resource.RLIMIT_NPROC, limits.processes),
    ):
        _lower(kind, most, most)


def _lower(kind: int, soft: int, hard: int) -> None:
    """Set a limit, or leave the engine's own where that is lower already."""
    try:
        resource.setrlimit(kind, (soft, hard))
    except ValueError:  # above the hard limit that the engine gave the container, or one that gVisor never changes
        now, ceiling = resource.getrlimit(kind)
        if not 0 <= now <= soft:
            resource.setrlimit(kind, (min(soft, ceiling), ceiling))
