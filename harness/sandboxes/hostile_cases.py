"""Conformance cases about behaviour: programs that cheat, crash, or try to reach what is not theirs.

Where a program only looks (is there a network? a process of another sample?) it tells the truth, and the case passes
when it found nothing.
"""

from harness.records import Verdict
from harness.sandboxes.cases import ADD, ADD_TEST, FAILED, PASSED, REFUSED, Case

_GUESS = "assert solve() == 'secret-c0ffee'\n"

_LOOK_FOR_TRACES = """
import os
import socket


def solve():
    found = []
    for place in ("/tmp", "/dev/shm", "/var/tmp", "/run/lock", os.getcwd()):
        try:
            found += [name for name in os.listdir(place) if name.startswith("trace")]
        except OSError:
            pass
    with socket.socket(socket.AF_UNIX) as link:
        try:
            link.connect("\\0trace")
            found.append("process")
        except OSError:
            pass
    return found
"""

_LEAVE_TRACES = """
import os
import socket
import time

for place in ("/tmp", "/dev/shm", "/var/tmp", "/run/lock", os.getcwd()):
    try:
        open(os.path.join(place, "trace.txt"), "w").close()
    except OSError:
        pass
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        with socket.socket(socket.AF_UNIX) as link:
            link.bind("\\0trace")
            link.listen()
            time.sleep(600)
    os._exit(0)


def solve():
    return []
"""

_READ_MEMORY = """
import os
import re


def solve():
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if int(pid) == os.getpid():
            continue
        try:
            with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
                for line in maps:
                    area, rights = line.split()[:2]
                    if rights.startswith("rw"):
                        start, end = (int(part, 16) for part in area.split("-"))
                        memory.seek(start)
                        found = re.search(rb"secret-[0-9a-f]{6}", memory.read(end - start))
                        if found:
                            return found.group().decode()
        except (OSError, ValueError, OverflowError):
            continue
    return "nothing"
"""

_READ_FRAMES = """
import gc
import re
import sys


def strings(value, depth=0):
    if isinstance(value, str):
        yield value
    elif isinstance(value, (tuple, list)) and depth < 4:
        for part in value:
            yield from strings(part, depth + 1)


def solve():
    frame, seen = sys._getframe(), []
    while frame:
        seen += [*frame.f_code.co_consts, *frame.f_locals.values(), *frame.f_globals.values()]
        frame = frame.f_back
    for thing in gc.get_objects():
        if isinstance(thing, dict):
            seen += list(thing.values())
    for text in strings(seen):
        found = re.search(r"secret-[0-9a-f]{6}$", text)
        if found:
            return found.group()
    return "nothing"
"""

_FORGE_REPLIES = """
import json
import os
import struct


def solve(a, b):
    body = json.dumps({"verdict": "passed", "result": 5, "ok": True}).encode()
    for number in range(1, 64):
        try:
            os.write(number, struct.pack(">L", len(body)) + body)
        except OSError:
            pass
    os._exit(0)
"""

_PATCH = """
import builtins
import operator
import sys

for name in ("AssertionError", "isinstance", "len", "repr", "compile", "exec"):
    setattr(builtins, name, lambda *a, **k: True)
operator.eq = lambda a, b: True
sys.exit = lambda *a: None


def solve(a, b):
    return None
"""

_PRIVILEGES = """
import ctypes
import os

NO_NEW_PRIVILEGES = 39


def solve():
    found = [] if os.getuid() else ["root"]
    if ctypes.CDLL(None).prctl(NO_NEW_PRIVILEGES, 0, 0, 0, 0) != 1:
        found.append("new privileges")
    for name, attempt in {
        "setuid": lambda: os.setuid(0),
        "chroot": lambda: os.chroot("/"),
        "nice": lambda: os.nice(-5),
        "mknod": lambda: os.mknod("device", 0o20600, os.makedev(1, 3)),
        "hostname": lambda: open("/proc/sys/kernel/hostname", "w").write("x"),
    }.items():
        try:
            attempt()
            found.append(name)
        except OSError:
            pass
    return found
"""

_WRITE_ANYWHERE = """
import os


def solve():
    written = []
    for place in ("/", "/usr", "/etc", "/harness", "/dev", "/proc", "/sys", "/root", "/run"):
        try:
            open(os.path.join(place, "mark"), "w").close()
            written.append(place)
        except OSError:
            pass
    return written
"""

HOSTILE: tuple[Case, ...] = (
    Case(
        name="sys_exit",
        says="Leaving with status 0 inside a call is no pass.",
        program="import sys\n\n\ndef solve(a, b):\n    sys.exit(0)\n",
        test=ADD_TEST,
        accept=REFUSED,
    ),
    Case(
        name="hard_exit",
        says="Ending the process with status 0 inside a call is no pass.",
        program="import os\n\n\ndef solve(a, b):\n    os._exit(0)\n",
        test=ADD_TEST,
        accept=REFUSED,
    ),
    Case(
        name="exit_at_import",
        says="Leaving with status 0 before the tests is no pass.",
        program="raise SystemExit(0)\n",
        test=ADD_TEST,
        accept=REFUSED,
    ),
    Case(
        name="hard_exit_at_import",
        says="Ending the process with status 0 before the tests is no pass.",
        program="import os\n\nos._exit(0)\n",
        test=ADD_TEST,
        accept=REFUSED,
    ),
    Case(
        name="equals_everything",
        says="An object that equals everything is not the right result.",
        program="class Any:\n    def __eq__(self, other):\n        return True\n    __hash__ = object.__hash__\n\n\n"
        "def solve(a, b):\n    return Any()\n",
        test=ADD_TEST,
        accept=REFUSED,
    ),
    Case(
        name="lying_subclass",
        says="A subclass of int that equals everything arrives as the plain int that it is.",
        program="class Liar(int):\n    def __eq__(self, other):\n        return True\n    __hash__ = int.__hash__\n\n\n"
        "def solve(a, b):\n    return Liar(7)\n",
        test=ADD_TEST,
        accept=REFUSED,
    ),
    Case(
        name="false_assertion",
        says="An assertion that the program raises itself is no pass.",
        program="def solve(a, b):\n    raise AssertionError\n",
        test=ADD_TEST,
        accept=REFUSED,
    ),
    Case(
        name="patched_builtins",
        says="Replacing built-in functions on the program's side changes nothing on the judge's.",
        program=_PATCH,
        test=ADD_TEST,
        accept=REFUSED,
    ),
    Case(
        name="forged_replies",
        says="Writing replies of one's own to every open file is no pass.",
        program=_FORGE_REPLIES,
        test=ADD_TEST,
        accept=(Verdict.OUTPUT_LIMIT, *REFUSED),
    ),
    Case(
        name="closed_files",
        says="Closing every file is no pass and no hang.",
        program="import os\n\n\ndef solve(a, b):\n    os.closerange(0, 256)\n    return a + b + 1\n",
        test=ADD_TEST,
        accept=REFUSED,
    ),
    Case(
        name="tests_in_frames",
        says="Neither frames nor the garbage collector show the tests to the program.",
        program=_READ_FRAMES,
        test=_GUESS,
        accept=(FAILED,),
    ),
    Case(
        name="tests_in_memory",
        says="No other process's memory shows the tests to the program.",
        program=_READ_MEMORY,
        test=_GUESS,
        accept=(FAILED,),
    ),
    Case(
        name="network",
        says="There is no network: neither another host nor this one's own services.",
        program="import socket\n\n\ndef solve():\n    for address in ('192.0.2.1', '172.17.0.1', '127.0.0.1'):\n"
        "        for port in (53, 80, 2375):\n            try:\n"
        "                socket.create_connection((address, port), 0.2).close()\n                return 'connected'\n"
        "            except OSError:\n                pass\n    return 'nobody'\n",
        test="assert solve() == 'nobody'\n",
        accept=(PASSED,),
    ),
    Case(
        name="no_privileges",
        says="A program is not root, cannot become it, and may do nothing that takes a capability.",
        program=_PRIVILEGES,
        test="assert solve() == []\n",
        accept=(PASSED,),
    ),
    Case(
        name="no_namespaces",
        says="A program cannot make namespaces of its own.",
        program="import ctypes\n\n\ndef solve():\n    libc = ctypes.CDLL(None, use_errno=True)\n"
        "    return [libc.unshare(flag) for flag in (0x10000000, 0x40000000, 0x20000)]\n",
        test="assert solve() == [-1, -1, -1]\n",
        accept=(PASSED,),
    ),
    Case(
        name="read_only",
        says="Nothing is writable but the sample's own directories.",
        program=_WRITE_ANYWHERE,
        test="assert solve() == []\n",
        accept=(PASSED,),
    ),
    Case(
        name="no_secrets",
        says="The environment holds nothing of this machine's.",
        program="import os\n\n\ndef solve():\n    return sorted(os.environ)\n",
        test="known = {'HOME', 'HOSTNAME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'PATH', 'PWD', 'TMPDIR', 'GPG_KEY'}\n"
        "assert not [k for k in solve() if k not in known and not k.startswith('PYTHON')]\n",
        accept=(PASSED,),
    ),
    Case(
        name="kill_parent",
        says="Killing every process that can be reached is no pass.",
        program="import os\nimport signal\n\n\ndef solve(a, b):\n    for pid in (os.getppid(), 1, -1):\n        try:\n"
        "            os.kill(pid, signal.SIGKILL)\n        except OSError:\n            pass\n    return None\n",
        test=ADD_TEST,
        accept=REFUSED,
    ),
    Case(
        name="after_killer",
        says="The sample after one that kills whatever it can is judged as if nothing had been.",
        before="import os\nimport signal\n\nfor pid in (os.getppid(), 1, -1):\n    try:\n"
        "        os.kill(pid, signal.SIGKILL)\n    except OSError:\n        pass\n",
        program=ADD,
        test=ADD_TEST,
        accept=(PASSED,),
    ),
    Case(
        name="no_traces",
        says="Files and processes that one sample leaves are gone before the next.",
        before=_LEAVE_TRACES,
        program=_LOOK_FOR_TRACES,
        test="assert solve() == []\n",
        accept=(PASSED,),
    ),
)
