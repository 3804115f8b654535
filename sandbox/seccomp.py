"""The zygote's own seccomp filter, which every candidate inherits: what a program may not do, whoever runs it.

The container's allow-list (seccomp.json) already refuses most of the kernel. This filter takes away what it lets
through for the runner's sake, and refuses the dangerous rest a second time for engines that run without our list.
Refused calls fail with EPERM; `clone3` fails with ENOSYS, so that libc falls back to `clone`, whose flags a filter can
read. It is installed once, since that costs more than a fork, so it has to let through the few calls with which the
zygote prepares a candidate: a PID namespace, the change of user. A candidate can make them too, but
the kernel refuses them to whom has no capability, and a user namespace, the one way to any, is never let through.
"""

import errno
import os
import struct

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# name: number on x86_64, number on aarch64
_REFUSED = {
    "setuid": (105, 146),
    "setgid": (106, 144),
    "setreuid": (113, 145),
    "setregid": (114, 143),
    "setfsuid": (122, 151),
    "setfsgid": (123, 152),
    "capset": (126, 91),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "mknod": (133, 33),
    "mknodat": (259, 33),
    "syslog": (103, 116),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "memfd_create": (319, 279),
    "flock": (73, 32),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "shmdt": (67, 197),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "seccomp": (317, 277),
}
_CLONE = (56, 220)
_CLONE3 = (435, 435)
_SETPRIORITY = (141, 140)
_NEW_NAMESPACES = 0x7E020000  # CLONE_NEW*: CGROUP, UTS, IPC, USER, PID, NET and NS
_NEW_PID = 0x20000000
_AF_UNIX = 1
# Calls that are let through only where one argument has one value: numbers, which argument, its value
_ONLY = (
    ((41, 198), 0, _AF_UNIX),  # socket
    ((53, 199), 0, _AF_UNIX),  # socketpair
    ((272, 97), 0, _NEW_PID),  # unshare
    ((308, 268), 1, _NEW_PID),  # setns
)
_X32_BIT = 0x40000000

_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000
_KILL = 0x80000000

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def candidate_filter(machine: str | None = None) -> bytes:
    """The filter as BPF code for prctl(PR_SET_SECCOMP). KeyError for a processor without a table."""
    machine = machine or os.uname().machine
    column = list(_ARCHITECTURES).index(machine)
    eperm = _step(_RETURN, _REFUSE | errno.EPERM)
    allow = _step(_RETURN, _ALLOW)
    code = [
        _step(_LOAD, _ARCHITECTURE_AT),
        _step(_EQUAL, _ARCHITECTURES[machine], 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER_AT),
        _step(_AT_LEAST, _X32_BIT, 0, 1),
        eperm,
        _step(_EQUAL, _CLONE3[column], 0, 1),
        _step(_RETURN, _REFUSE | errno.ENOSYS),
        _step(_EQUAL, _CLONE[column], 0, 4),
        _step(_LOAD, _ARGUMENTS_AT),
        _step(_ANY_BIT, _NEW_NAMESPACES, 0, 1),
        eperm,
        allow,
        _step(_EQUAL, _SETPRIORITY[column], 0, 4),  # only downwards, also where gVisor would nod at anything
        _step(_LOAD, _ARGUMENTS_AT + 8 * 2),
        _step(_AT_LEAST, 1 << 31, 0, 1),
        eperm,
        allow,
    ]
    for numbers, argument, value in _ONLY:
        code += [
            _step(_EQUAL, numbers[column], 0, 4),
            _step(_LOAD, _ARGUMENTS_AT + 8 * argument),
            _step(_EQUAL, value, 1, 0),
            eperm,
            allow,
        ]
    refused = sorted(numbers[column] for numbers in _REFUSED.values())
    code += [_step(_EQUAL, number, len(refused) - index, 0) for index, number in enumerate(refused)]
    return b"".join([*code, allow, eperm])
