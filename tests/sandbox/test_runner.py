"""The runner in a real container: classes of attacks and limits, each followed by a right and a wrong program."""

import os
import signal
import threading
import time

import docker
import pytest

from harness.sandboxes.image import ImageInfo
from tests.processes import processes_of
from tests.sandbox.driver import BAD, GOOD, Runner, check_of

pytestmark = pytest.mark.docker


def guarded(expression: str, setup: str = "pass") -> str:
    """A program that adds rightly only if `expression`, an attempt at something forbidden, succeeds."""
    return f"""
import ctypes, os, signal, socket
libc = ctypes.CDLL(None, use_errno=True)
{setup}
def won():
    try:
        return bool({expression})
    except OSError:
        return False
def add(x, y):
    return x + y if won() else -1
"""


def test_ready_frame_says_how_samples_are_kept_apart(runner: Runner) -> None:
    """The host learns the isolation and the Python version before it sends anything."""
    assert runner.ready["ready"] is True
    assert runner.ready["isolation"] == "namespaces"
    assert runner.ready["python"].startswith("3.")


@pytest.mark.parametrize(
    "expression",
    [
        "libc.unshare(0x10000000) == 0",
        "libc.unshare(0x20000) == 0",
        "libc.unshare(0x20000000) == 0",
        "libc.umount2(b'/scratch', 2) == 0",
        "libc.mount(b'tmpfs', b'/scratch', b'tmpfs', 14, None) == 0",
        "libc.setns(os.open('/tmp', 0), 0x20000000) == 0",
        "libc.syscall(117, 0, 0, 0) == 0",
        "libc.syscall(116, 0, 0) == 0",
        "libc.mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0",
        "libc.syscall(308, 3, 0) == 0",
        "libc.ptrace(0, 0, 0, 0) == 0",
        "libc.syscall(425, 1, ctypes.create_string_buffer(128)) >= 0",
        "libc.syscall(319, b'x', 0) >= 0",
        "libc.syscall(250, 0, -4, 0) >= 0",
        "libc.shmget(7, 4096, 0o1600) >= 0",
        "socket.socket(socket.AF_INET)",
        "socket.socket(16, 3, 0)",
        "socket.socket(40, 1)",
        "os.setuid(0) is None",
        "os.getuid() == 0 or os.getgroups()",
        "os.kill(os.getppid(), 0) is None and os.getppid()",
        "len(os.listdir('/proc'))",
        "open('/harness/judge.py')",
        "open('/etc/resolv.conf').read() or open('/etc/hosts').read()",
        "open('/usr/x', 'w')",
        "open('/x', 'w')",
        "open('/dev/x', 'w')",
        "open('/dev/mem') or open('/dev/kmsg')",
        "os.path.exists('/sys/class')",
        "[n for n in range(5, 1024) if fd_open(n)]",
    ],
)
def test_nothing_forbidden_succeeds(runner: Runner, expression: str) -> None:
    """No namespaces, mounts, tracing, sockets, users, files or descriptors beyond a program's own."""
    setup = """
def fd_open(n):
    try: os.fstat(n); return True
    except OSError: return False
"""
    assert runner.run(guarded(expression, setup))["verdict"] == "failed"


def test_nothing_written_can_be_executed(runner: Runner) -> None:
    """The scratch file system is noexec."""
    setup = "open('copy', 'wb').write(open('/bin/true', 'rb').read()); os.chmod('copy', 0o700)"
    expression = "os.posix_spawn('./copy', ['x'], {})"
    assert runner.run(guarded(expression, setup))["verdict"] == "failed"


@pytest.mark.parametrize(
    "leave",
    [
        "open('/scratch/.mark', 'w')",
        "open('/tmp/.mark', 'w')",
        "os.makedirs('a/b/c')",
        "os.symlink('/etc/passwd', '/scratch/link')",
        "os.mkfifo('/scratch/tmp/fifo')",
        "os.rmdir('/scratch/work')",
        "os.rename('/scratch/work', '/scratch/elsewhere')",
        "os.rmdir('/scratch/tmp') or open('/scratch/tmp', 'w')",
        "os.setxattr('/scratch/work', 'user.mark', b'1')",
        "os.setxattr('/scratch', 'user.mark', b'1')",
        "os.chmod('/scratch/work', 0o777) or os.chmod('/scratch/tmp', 0)",
        "os.chmod('/scratch', 0o777)",
        "os.utime('/scratch', (0, 0))",
    ],
)
def test_every_sample_finds_the_same_empty_disk(runner: Runner, leave: str) -> None:
    """False verdict prevented: a program that finds what another one left on the disk that both used."""
    untidy = f"""
import os
try: {leave}
except OSError: pass
def add(x, y): return x + y
"""
    look = """
import os, stat
def seen(path):
    try: marks = os.listxattr(path)
    except OSError: marks = []
    here = os.stat(path)
    return [stat.filemode(here.st_mode), here.st_uid == os.getuid(), here.st_mtime > 1e9, marks]
def add(x, y):
    own = ["drwx------", True, True, []]
    shared = ["drwx-wx-wt", False, True, []]
    found = [seen("/scratch"), seen("/scratch/tmp"), seen("/scratch/work"), os.listdir("/tmp"), os.listdir(".")]
    return x + y if found == [shared, own, own, [], []] and os.getcwd() == "/scratch/work" else found
"""
    assert runner.run(look)["verdict"] == "passed"
    assert runner.run(untidy)["verdict"] == "passed"
    outcome = runner.run(look)
    assert outcome["verdict"] == "passed", outcome["detail"]


SEARCH = """
import ctypes, gc
def add(x, y):
    word, rest = b"needle_of" + b"_the_test", b" = 7"
    for page in {id(o) >> 12 for o in gc.get_objects()}:
        data = ctypes.string_at(page << 12, 4096)
        at = data.find(word)
        while at >= 0:
            if data[at + len(word):][:4] == rest: return x + y
            at = data.find(word, at + 1)
    return -1
"""


def test_the_tests_are_not_in_the_programs_memory(runner: Runner) -> None:
    """False pass prevented: a program that finds its tests by searching its own memory."""
    assert runner.run(SEARCH, "needle_of_the_test = 7\nassert add(2, 3) == 5")["verdict"] == "failed"


def test_tests_that_wait_are_not_in_the_programs_memory(runner: Runner) -> None:
    """False pass prevented: a program that finds the tests of jobs handed over with its own in its memory."""
    needle = check_of("needle_of_the_test = 7\nassert add(2, 3) == 5")
    nonces = runner.hand_over((GOOD, needle, {}), (SEARCH, check_of(), {"cpu_s": 30.0}), (GOOD, needle, {}))
    found = {reply["nonce"]: reply.get("verdict") for reply in [runner.receive() for _ in nonces]}
    assert [found[nonce] for nonce in nonces[:2]] == ["passed", "failed"]


def test_jobs_behind_a_long_one_are_given_back(runner: Runner) -> None:
    """What is done is told and what waits is given back while a job takes long; small jobs are answered together."""
    loop = "def add(x, y):\n    while True: pass"
    nonces = runner.hand_over(*((program, check_of(), {"cpu_s": 1.0}) for program in (GOOD, BAD, loop, GOOD, BAD)))
    replies = [runner.receive() for _ in nonces]
    found = {reply["nonce"]: reply.get("verdict") or reply["later"] for reply in replies}
    assert [found[nonce] for nonce in nonces] == ["passed", "failed", "timeout", True, True]
    assert replies[-1]["nonce"] == nonces[2]


def test_state_does_not_reach_the_next_sample(runner: Runner) -> None:
    """False verdict prevented: files, environment, settings or processes that outlive their sample."""
    leave = """
import builtins, decimal, os, random, subprocess, sys, threading
for place in (".", "/tmp", "/var/tmp", "/dev/shm", os.path.expanduser("~")):
    open(place + "/mark", "w").write("1")
os.environ["MARK"] = builtins.MARK = "1"
decimal.getcontext().prec = 1
subprocess.Popen(["/bin/sh", "-c", "trap '' TERM HUP; while :; do sleep 1; done"], start_new_session=True)
def add(x, y): return x + y
"""
    find = """
import builtins, decimal, glob, os
def add(x, y):
    found = [p for place in (".", "/tmp", "/var/tmp", "/dev/shm") for p in glob.glob(place + "/*mark*")]
    found += [n for n in ("MARK",) if n in os.environ or hasattr(builtins, n)]
    return -1 if found or decimal.getcontext().prec != 28 or len(os.listdir(".")) else x + y
"""
    assert runner.run(leave)["verdict"] == "passed"
    assert runner.run(find)["verdict"] == "passed"


@pytest.mark.parametrize(
    ("program", "limits", "verdict"),
    [
        ("def add(x, y):\n    while True: pass", {"cpu_s": 0.5}, "timeout"),
        ("while True: pass", {"cpu_s": 0.5}, "timeout"),
        ("import time\ntime.sleep(60)", {"wall_s": 1.0}, "timeout"),
        ("import os, time\ndef add(x, y):\n    for _ in '12':\n        if os.fork() == 0:\n"
         "            while True: pass\n    time.sleep(60)", {"cpu_s": 1.0}, "timeout"),
        ("import signal\nfor s in range(1, 32):\n    try: signal.signal(s, signal.SIG_IGN)\n    except OSError: pass\n"
         "while True: pass", {"cpu_s": 0.5}, "timeout"),
        ("def add(x, y): return frozenset(i * ((1 << 61) - 1) for i in range(200_000))", {"cpu_s": 1.0}, "timeout"),
        ("def add(x, y): return bytearray(1 << 40)", {}, "out_of_memory"),
        ("def add(x, y):\n    a = []\n    while True: a.append(bytearray(1 << 22))", {}, "out_of_memory"),
        ("while True: print('x' * 1000)", {}, "output_limit"),
        ("import sys\nsys.stderr.write('x' * (1 << 22))\ndef add(x, y): return x + y", {}, "output_limit"),
        ("import os\nos._exit(0)", {}, "error"),
        ("import os\nos.execv('/bin/true', ['true'])", {}, "error"),
        ("import ctypes\nctypes.string_at(0)", {}, "error"),
        ("import os\nos.abort()", {}, "error"),
        ("import os\nfor n in range(3, 9):\n    os.dup2(0, n)\ndef add(x, y): return x + y", {}, "error"),
        ("import os\nos.closerange(0, 999)\ndef add(x, y): return x + y", {}, "error"),
        ("def add(x, y): raise ValueError('x' * (1 << 26))", {}, "error"),
        ("def add(x, y): return '0' * (1 << 25)", {}, "error"),
        ("def add(x, y): return [0] * (1 << 23)", {}, "failed"),
        ("x = " + "-" * 90_000 + "1", {}, "compile_error"),
    ],
)  # fmt: skip
def test_limits_and_deaths_get_their_verdicts(
    runner: Runner, program: str, limits: dict[str, float], verdict: str
) -> None:
    """Whatever a program exhausts, ignores or destroys, it is charged to it and to nobody after it."""
    started = time.monotonic()
    assert runner.run(program, **limits)["verdict"] == verdict
    assert time.monotonic() - started < 40


@pytest.mark.parametrize(
    "program",
    [
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: break\ndef add(x, y): return 0",
        "import threading, time\ntry:\n"
        "    while True: threading.Thread(target=time.sleep, args=(99,)).start()\n"
        "except RuntimeError: pass\ndef add(x, y): return 0",
        "import os\ntry:\n    while True: os.open('/dev/null', 0)\nexcept OSError: pass\ndef add(x, y): return 0",
        "import os\ntry:\n    for _ in range(20000): os.mkdir('d'); os.chdir('d')\nexcept OSError: pass\n"
        "def add(x, y): return 0",
        "try:\n    with open('fill', 'wb') as f:\n        while True: f.write(bytes(1 << 20))\n"
        "except OSError: pass\n"
        "def add(x, y): return 0",
        "import os\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        while True: pass\n    os._exit(0)\n"
        "def add(x, y): return 0",
        "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\nos.kill(0, signal.SIGKILL)\ndef add(x, y): return 0",
    ],
)  # fmt: skip
def test_bombs_are_contained(runner: Runner, program: str) -> None:
    """Processes, threads, descriptors, directories and files run out for the program alone, and are gone after it."""
    assert runner.run(program)["verdict"] in {"failed", "error", "timeout"}


@pytest.mark.parametrize(
    "program",
    [
        "import asyncio\nasync def one(v): await asyncio.sleep(0); return v\n"
        "async def go(*v): return sum(await asyncio.gather(*map(one, v)))\ndef add(x, y): return asyncio.run(go(x, y))",
        "import multiprocessing as mp\ndef add(x, y):\n    with mp.get_context('fork').Pool(2) as p:\n"
        "        return sum(p.map(int, [x, y]))",
        "import tempfile\ndef add(x, y):\n    with tempfile.NamedTemporaryFile('w+') as f:\n"
        "        f.write(str(x + y)); f.seek(0); return int(f.read())",
        "import subprocess\ndef add(x, y):\n"
        "    return int(subprocess.check_output(['/bin/sh', '-c', f'echo $(({x}+{y}))']))",
        "import signal, time\nhit = []\nsignal.signal(signal.SIGALRM, lambda *a: hit.append(1))\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.01)\ntime.sleep(0.1)\ndef add(x, y): return x + y if hit else 0",
        "import sqlite3, hashlib, zoneinfo, ssl\ndef add(x, y): return sqlite3.connect(':memory:').execute("
        "'select ?+?', (x, y)).fetchone()[0]",
        "import sys\ndef add(x, y): return x + y + len(sys.stdin.read())",
        "import sys\nsys.setrecursionlimit(20000)\ndef d(n): return n and 1 + d(n - 1)\n"
        "def add(x, y): return x + y if d(9000) else 0",
    ],
)  # fmt: skip
def test_ordinary_programs_work(runner: Runner, program: str) -> None:
    """False fail prevented: event loops, pools, temporary files, shells, signals and databases are nothing special."""
    outcome = runner.run(program)
    assert outcome["verdict"] == "passed", outcome


def test_output_is_kept_as_a_tail(runner: Runner) -> None:
    """Both streams come back merged, bounded, and undecodable bytes are replaced."""
    program = "import os\nprint('first ' + 'x' * 20000)\nos.write(2, b'\\xff last')\ndef add(x, y): return x + y"
    outcome = runner.run(program)
    assert outcome["verdict"] == "passed"
    assert len(outcome["output"]) <= 8192
    assert "last" in outcome["output"]


def test_hash_order_is_the_same_every_time(runner: Runner) -> None:
    """False verdict prevented: a set's order that changes from run to run."""
    program = "def add(x, y): print(list({'a', 'b', 'c', 'd', 'e'})); return x + y"
    assert len({runner.run(program)["output"] for _ in range(3)}) == 1


def test_randomness_differs_between_samples(runner: Runner) -> None:
    """Programs forked from one interpreter do not share its random numbers."""
    program = "import random\ndef add(x, y): print(random.random()); return x + y"
    assert len({runner.run(program)["output"] for _ in range(3)}) == 3


def test_a_stall_of_the_container_is_not_charged(runner: Runner) -> None:
    """False timeout prevented: a container that was paused while a program slept."""
    program = "import time\ntime.sleep(1.0)\n" + GOOD
    pause = threading.Timer(0.5, runner._client.pause, (runner.id,))
    resume = threading.Timer(4.5, runner._client.unpause, (runner.id,))
    pause.start()
    resume.start()
    outcome = runner.run_only(program, wall_s=2.5)
    resume.join()
    assert outcome["verdict"] == "passed", outcome


@pytest.mark.parametrize(("whose", "reason"), [("judge", "judge_died"), ("candidate", "candidate_killed")])
def test_a_kill_from_outside_is_a_fault(runner: Runner, whose: str, reason: str) -> None:
    """False verdict prevented: a judge or a program killed from outside means nothing about the program."""
    nonce = runner.send(
        "import time\ntime.sleep(20)\n" + GOOD,
        {"kind": "python", "setup": "", "functions": ["add"], "classes": [], "test": "assert add(1, 1) == 2"},
        {"wall_s": 30.0},
    )
    time.sleep(1)
    processes = processes_of(runner._client, runner.id).values()
    users = {"judge": range(1, 2), "candidate": range(1000, 31_000)}[whose]
    found = [process.pid for process in processes if process.user > 65_536 and process.user % 65_536 in users]
    assert len(found) == 1
    os.kill(found[0], signal.SIGKILL)
    outcome = runner.receive()
    assert outcome["nonce"] == nonce
    assert outcome.get("fault") == reason, outcome
    assert runner.run_only(GOOD)["verdict"] == "passed"


def test_cpu_time_of_orphans_is_told(runner: Runner) -> None:
    """A timeout by processes that nobody reaps is told with their CPU time, so that it is not confirmed for nothing."""
    program = "import os\ndef add(x, y):\n    if os.fork() == 0:\n        while True: pass\n    while True: pass"
    outcome = runner.run_only(program, cpu_s=0.5)
    assert outcome["verdict"] == "timeout"
    assert outcome["cpu_s"] >= 0.5


def test_a_broken_check_is_a_fault(runner: Runner) -> None:
    """False verdict prevented: a suite whose test does not compile fails no program."""
    assert runner.run(GOOD, "assert add(")["fault"] == "check_broken"


NAMESPACE_CALLS = ("unshare", "setns", "mount", "umount2", "pivot_root")
KILLER = """
import os
def add(x, y):
    for process in map(int, filter(str.isdigit, os.listdir("/proc"))):
        try:
            if process != os.getpid(): os.kill(process, 9)
        except OSError: pass
    return 0
"""


LEAVER = """
import os, time
def add(x, y):
    if os.fork(): os._exit(0)
    time.sleep(0.2)
    return x + y
"""
# the child has answered, and its own child the next call, long before the candidate leaves
LATE_LEAVER = """
import os, time
def add(x, y):
    if os.fork():
        time.sleep(0.5)
        os._exit(0)
    return x + y
"""
# the same by hand, past whatever our own side of the conversation asks before it answers
LEAVER_BY_HAND = """
import json, os, struct, sys, time
def agent():
    frame = sys._getframe()
    while type(frame.f_locals.get("self")).__name__ != "Agent":
        frame = frame.f_back
    return frame.f_locals["self"]
def add(x, y):
    if os.fork():
        time.sleep(0.5)
        os._exit(0)
    served = agent()
    while True:
        reply = json.dumps([served._nonce, "return", x + y]).encode()
        os.write(4, struct.pack(">I", len(reply)) + reply)
        _, served._nonce, _, (x, y), *_ = served._decoder.decode(served._channel.receive())
"""


@pytest.mark.parametrize("program", [LEAVER, LATE_LEAVER, LEAVER_BY_HAND], ids=["early", "late", "by hand"])
def test_a_child_does_not_answer_for_a_program_that_leaves(runner: Runner, program: str) -> None:
    """False pass prevented: the child of a program that ended answered all calls while its end was still to come."""
    assert runner.run(program, "assert add(2, 3) == 5\nassert add(1, 1) == 2")["verdict"] == "error"


def test_who_forks_and_goes_on_in_both_answers_once(runner: Runner) -> None:
    """False fail prevented: the forgotten child of a right program comes out of the function too, and answers also."""
    program = "import os\nos.fork()\ndef add(x, y):\n    os.fork()\n    return x + y"
    outcome = runner.run(program, "assert add(2, 3) == 5\nassert add(1, 1) == 2")
    assert (outcome["verdict"], outcome["detail"]) == ("passed", "")


def test_a_child_that_leaves_the_function_ends_with_its_status(runner: Runner) -> None:
    """False fail prevented: a right program's child says its result by sys.exit, by an exception, or by returning."""
    program = (
        "import os, sys\n"
        "def add(x, y, leave):\n"
        "    if (child := os.fork()) == 0:\n"
        "        print('a child')\n"
        "        return leave(x + y)\n"
        "    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])\n"
        "def exits(x, y): return add(x, y, sys.exit)\n"
        "def raises(x, y): return add(x, y, lambda total: total / 0)\n"
        "def returns(x, y): return add(x, y, lambda total: total)\n"
    )
    test = "assert (exits(2, 3), exits(0, 0), exits(200, 99), raises(2, 3), returns(2, 3)) == (5, 0, 43, 1, 0)"
    outcome = runner.run(program, test, "exits raises returns")
    assert (outcome["verdict"], outcome["detail"]) == ("passed", "")
    assert outcome["output"] == "a child\n" * 5


@pytest.mark.parametrize(
    ("program", "verdict"),
    [
        (GOOD, "passed"),
        (BAD, "failed"),
        ("import os\nif os.fork() == 0:\n    os.setsid()\n    while True: pass\n" + GOOD, "passed"),
        (KILLER, "failed"),
        ("while True: pass", "timeout"),
        ("import os\nos._exit(0)", "error"),
        (LEAVER, "error"),
        (LATE_LEAVER, "error"),
        (LEAVER_BY_HAND, "timeout"),  # nobody hangs up as long as that child is there
    ],
)
def test_without_namespaces_users_keep_samples_apart(sandbox_image: ImageInfo, program: str, verdict: str) -> None:
    """False verdicts prevented without namespaces: a neighbour's doings, a pass by the child of a program that left."""
    client = docker.APIClient(timeout=60)
    with Runner(client, sandbox_image.id, without=NAMESPACE_CALLS) as weaker:
        assert weaker.ready["isolation"] == "user"
        assert weaker.run_only(program, cpu_s=0.5, wall_s=3.0)["verdict"] == verdict
    client.close()
