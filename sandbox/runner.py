"""The container's first process: makes the namespaces, starts the supervisor in them, and waits.

The supervisor gets every capability, but only inside a user namespace of its own whose users are unprivileged outside.
This process, the container's real root, holds SETUID and SETGID just long enough to map those users, then becomes
nobody. Where the kernel or the engine refuses user namespaces, the supervisor runs as the container's root instead
(isolation "user") and the host uses a container for one sample only.
"""

import os
import signal
import sys

sys.path.append(os.path.dirname(os.path.abspath(__file__)))

import linux

_HERE = os.path.dirname(os.path.abspath(__file__))
_USERS = 31_000  # as many as trial.py gives to candidates, and those below 1000
_BLOCK = 1 << 16
_BLOCKS = 1 << 15
_NOBODY = 65_534
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",  # sets and dicts in the same order every time: stable verdicts
    "LD_BIND_NOW": "1",  # or every candidate would look up the same symbols again
    "PYTHONSAFEPATH": "1",
    "PYTHONNOUSERSITE": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}


def main() -> None:
    """Run the supervisor in the strongest isolation that this machine allows, and exit as it does."""
    (go, to_child), (said, from_child) = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        _in_namespaces(go, from_child)
    os.close(from_child)
    if os.read(said, 1) == b"u":
        if _map_users(child):
            os.write(to_child, b"g")
        else:
            os.kill(child, signal.SIGKILL)
        if os.read(said, 1) == b"n":
            _wait(child)
    os.waitpid(child, 0)
    sys.stderr.write("runner: no namespaces to be had here; isolation is by user\n")
    _supervise("user")


def _in_namespaces(go: int, say: int) -> None:
    """Become the root of a user namespace and fork the supervisor as the first process of a PID namespace.

    Says "u" when it has left the user namespace and "n" when the other namespaces and their rights are there.
    """
    try:
        linux.unshare(linux.CLONE_NEWUSER)
        os.write(say, b"u")
        os.read(go, 1)
        os.setgroups([])
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)
        linux.unshare(linux.CLONE_NEWPID | linux.CLONE_NEWNS | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS)
        linux.mount("none", "/", flags=linux.MS_REC | linux.MS_PRIVATE)
    except OSError as error:
        sys.stderr.write(f"runner: {error}\n")
        os._exit(1)
    os.write(say, b"n")
    os.close(say)
    supervisor = os.fork()
    if supervisor == 0:
        _supervise("namespaces")
    os._exit(os.waitstatus_to_exitcode(os.waitpid(supervisor, 0)[1]) & 0xFF)


def _map_users(process: int) -> bool:
    """Give the namespace users that no other container and nothing on the host is likely to have; False: refused.

    The container of a rootless engine has but 65,536 users itself, nobody among them; these are never root's.
    """
    try:
        base = _first_user(_users_there(), int.from_bytes(os.urandom(8), "little"))
        for kind in ("uid_map", "gid_map"):
            with open(f"/proc/{process}/{kind}", "w", encoding="ascii") as file:
                file.write(f"0 {base} {_USERS}")
    except (OSError, ValueError) as error:
        sys.stderr.write(f"runner: users cannot be mapped: {error}\n")
        return False
    return True


def _first_user(there: int, chance: int) -> int:
    """Any block but the first, where the host has its own; of one block, a part without its ends, root and nobody."""
    if there >= 2 * _BLOCK:
        return _BLOCK * (1 + chance % min(there // _BLOCK - 1, _BLOCKS - 1))
    return _USERS + chance % max(there - 2 * _USERS - 3, 1)


def _users_there() -> int:
    """How many users this container has, counted from 0."""
    with open("/proc/self/uid_map", encoding="ascii") as file:
        inside, _, count = map(int, file.read().split()[-3:])
    return inside + count


def _wait(child: int) -> None:
    """Give up all rights and the host's descriptors, and end as the child ends."""
    os.setgroups([])
    os.setresgid(_NOBODY, _NOBODY, _NOBODY)
    os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    for descriptor in (0, 1):
        os.close(descriptor)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)


def _supervise(isolation: str) -> None:
    """Become the supervisor, in an environment that holds nothing of the container's."""
    program = os.path.join(_HERE, "supervisor.py")
    os.execve(sys.executable, [sys.executable, "-s", "-B", program, isolation], _ENVIRONMENT)


if __name__ == "__main__":
    main()
