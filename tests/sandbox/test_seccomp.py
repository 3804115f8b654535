"""The candidate's own filter, run through a small interpreter of its code."""

import json
import struct
from types import SimpleNamespace

import pytest

from harness.assets import asset

X86 = 0xC000003E
ALLOWED, KILLED, EPERM, ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026


def outcome(program: bytes, number: int, *arguments: int, architecture: int = X86) -> int:
    """What the kernel would do with one system call."""
    four = (*arguments, 0, 0, 0, 0)[:4]
    data = struct.pack("<IIQQQQQ", number, architecture, 0, *four)  # seccomp_data: arguments from 16 on
    steps = list(struct.iter_unpack("HBBI", program))
    position = accumulator = 0
    while True:
        code, if_true, if_false, value = steps[position]
        position += 1
        if code == 0x20:
            accumulator = struct.unpack_from("<I", data, value)[0]
        elif code == 0x06:
            return value
        else:
            hit = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}[code]
            position += if_true if hit else if_false


@pytest.mark.parametrize(
    ("number", "argument", "expected"),
    [
        (0, 0, ALLOWED),  # read
        (56, 0x11, ALLOWED),  # clone of a process: fork
        (56, 0x3D0F00, ALLOWED),  # clone of a thread
        (56, 0x10000000, EPERM),  # clone into a user namespace
        (435, 0, ENOSYS),  # clone3
        (272, 0x10000000, EPERM),  # unshare of the users
        (272, 0x30000000, EPERM),  # unshare of users and processes
        (272, 0x20000, EPERM),  # unshare of the mounts
        (165, 0, EPERM),  # mount
        (166, 0, EPERM),  # umount2
        (155, 0, EPERM),  # pivot_root
        (161, 0, EPERM),  # chroot
        (105, 0, EPERM),  # setuid
        (101, 0, EPERM),  # ptrace
        (425, 0, EPERM),  # io_uring_setup
        (73, 0, EPERM),  # flock
        (319, 0, EPERM),  # memfd_create
        (103, 0, EPERM),  # syslog
        (133, 0, EPERM),  # mknod
        (259, 0, EPERM),  # mknodat
        (0x40000000, 0, EPERM),  # the x32 way round
    ],
)
def test_calls_are_refused_or_let_through(inside: SimpleNamespace, number: int, argument: int, expected: int) -> None:
    """What only the runner may do is taken from the program, which may still fork and start threads."""
    assert outcome(inside.seccomp.candidate_filter("x86_64"), number, argument) == expected


@pytest.mark.parametrize(
    ("number", "arguments"),
    [
        (272, (0x20000000,)),  # unshare of the processes
        (308, (7, 0x20000000)),  # setns into a namespace of processes
        (116, ()),  # setgroups
        (117, ()),  # setresuid
    ],
)
def test_what_the_zygote_needs_is_let_through(inside: SimpleNamespace, number: int, arguments: tuple[int, ...]) -> None:
    """The zygote is under the filter too; a program that makes these calls is refused for want of a capability."""
    assert outcome(inside.seccomp.candidate_filter("x86_64"), number, *arguments) == ALLOWED


@pytest.mark.parametrize("kind", [0, 0x10000000, 0x20000, 0x40000000])
def test_no_other_namespace_can_be_joined(inside: SimpleNamespace, kind: int) -> None:
    """Setns is let through for namespaces of processes only."""
    assert outcome(inside.seccomp.candidate_filter("x86_64"), 308, 7, kind) == EPERM


@pytest.mark.parametrize(("priority", "expected"), [(0, ALLOWED), (19, ALLOWED), (-1, EPERM), (-20, EPERM)])
def test_priority_only_goes_down(inside: SimpleNamespace, priority: int, expected: int) -> None:
    """A program may step back behind others, never before them, also in a kernel that would not ask (gVisor)."""
    assert outcome(inside.seccomp.candidate_filter("x86_64"), 141, 0, 0, priority % 2**64) == expected


@pytest.mark.parametrize(("family", "expected"), [(1, ALLOWED), (2, EPERM), (16, EPERM), (40, EPERM)])
def test_only_unix_sockets_are_made(inside: SimpleNamespace, family: int, expected: int) -> None:
    """No internet, netlink or vsock socket, whatever the container's own list says; asyncio's pairs work."""
    assert outcome(inside.seccomp.candidate_filter("x86_64"), 41, family) == expected
    assert outcome(inside.seccomp.candidate_filter("x86_64"), 53, family) == expected


def test_calls_of_another_architecture_kill(inside: SimpleNamespace) -> None:
    """A 32-bit call cannot slip through under a number that means something else."""
    assert outcome(inside.seccomp.candidate_filter("x86_64"), 0, architecture=0x40000003) == KILLED


def test_the_containers_list_lets_the_runner_make_namespaces_and_nothing_more() -> None:
    """No network namespace, and no way into a namespace but a PID one."""
    rules = json.loads(asset("sandbox", "seccomp.json").read_text())["syscalls"]
    limited = {rule["names"][0]: rule["args"] for rule in rules if rule.get("args")}
    allowed_flags = 0xFFFFFFFF & ~limited["unshare"][0]["value"]
    assert allowed_flags == 0x20000 | 0x4000000 | 0x8000000 | 0x10000000 | 0x20000000
    assert limited["setns"][0]["value"] == 0x20000000
    everything = {name for rule in rules for name in rule["names"]}
    assert not everything & {"ptrace", "bpf", "io_uring_setup", "keyctl", "process_vm_readv", "memfd_create", "flock"}
