"""The Linux calls that Python 3.11's standard library lacks, through ctypes; every failure raises OSError."""

import ctypes
import mmap
import os
from collections.abc import Callable, Iterable

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18
MS_RELATIME = 1 << 21
MS_STRICTATIME = 1 << 24
MNT_DETACH = 2

PR_CAPBSET_DROP = 24
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2

_LARGE = 256 << 10

_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mount.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p)
_libc.prctl.argtypes = (ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong)
_libc.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
_libc.syscall.restype = ctypes.c_long


def _call(function: Callable[..., int], *arguments: object) -> int:
    result = function(*arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{getattr(function, '__name__', 'call')}: {os.strerror(code)}")
    return result


def unshare(flags: int) -> None:
    """Leave the namespaces in `flags` for new ones; a new PID namespace begins with the next child."""
    _call(_libc.unshare, flags)


def setns(descriptor: int, kind: int) -> None:
    """Join the namespace that `descriptor` stands for."""
    _call(_libc.setns, descriptor, kind)


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount `source` on `target`; `kind` is the file system, empty for bind mounts."""
    _call(_libc.mount, source.encode(), target.encode(), kind.encode() or None, flags, options.encode() or None)


def make_read_only(target: str) -> None:
    """Remount a bind mount read-only and without set-user-ID, but otherwise as it is.

    In a user namespace no restriction that came from outside can be lifted, not even a rule for access times.
    """
    now = os.statvfs(target).f_flag
    kept = now & (MS_NODEV | MS_NOEXEC | os.ST_NOATIME | os.ST_NODIRATIME)
    times = MS_RELATIME if now & os.ST_RELATIME else 0 if now & os.ST_NOATIME else MS_STRICTATIME
    mount("none", target, flags=MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | kept | times)


def unmount(target: str) -> None:
    """Take the newest mount away from `target`, at once, even where something still holds a file on it."""
    _call(_libc.umount2, target.encode(), MNT_DETACH)


def pivot_root(new_root: str) -> None:
    """Make `new_root` the root and let go of the old one, which this mount namespace then no longer reaches."""
    os.chdir(new_root)
    _call(_libc.syscall, _PIVOT_ROOT[os.uname().machine], b".", b".")
    unmount(".")
    os.chdir("/")


def fork_with_code(maps: Iterable[str]) -> None:
    """Have later forks of this process get its code's page tables too, instead of a page fault for each 64 kB of code.

    `maps` are the lines of its /proc/self/maps. The kernel (mm/memory.c, vma_needs_copy) copies the page tables of a
    file's private mapping only if a page of it has been written, so one byte of each large one is written over itself.
    Where the kernel's policy forbids that, forks only stay slower.
    """
    for line in maps:
        place, mode, *_, name = line.split(maxsplit=5)
        first, last = (int(address, 16) for address in place.split("-"))
        if name.startswith("/") and mode in ("r--p", "r-xp") and last - first >= _LARGE:
            protection = mmap.PROT_READ | (mmap.PROT_EXEC if "x" in mode else 0)
            if _libc.mprotect(first, last - first, protection | mmap.PROT_WRITE) == 0:
                ctypes.memmove(first, first, 1)
                _call(_libc.mprotect, first, last - first, protection)


def drop_capability_bounds() -> None:
    """Empty the bounding set: no later exec can gain a capability. Those held now stay until the user changes."""
    for capability in range(64):
        if _libc.prctl(PR_CAPBSET_DROP, capability, None, 0, 0) < 0:
            return  # the first number that the kernel does not know


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def install_filter(program: bytes) -> None:
    """Put this process and all its future children under the seccomp filter `program`, for good."""
    holder = _Program(len(program) // 8, program)
    _call(_libc.prctl, PR_SET_NO_NEW_PRIVS, 1, None, 0, 0)
    _call(_libc.prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(holder), 0, 0)
