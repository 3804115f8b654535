"""Conformance cases about limits: programs that loop, sleep, hoard, multiply or flood are stopped."""

from harness.records import Limits, Verdict
from harness.sandboxes.cases import ADD, ADD_TEST, PASSED, REFUSED, Case

_SHORT = Limits(cpu_s=0.5, wall_s=10.0, memory_mb=256, processes=32, file_mb=16, output_mb=4)
_BRIEF = _SHORT.model_copy(update={"wall_s": 1.0})
_STOPPED = (Verdict.TIMEOUT, Verdict.OUT_OF_MEMORY, *REFUSED)

_DEAF_LOOP = """
import signal

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass


def solve(a, b):
    while True:
        pass
"""

RESOURCES: tuple[Case, ...] = (
    Case(
        name="endless_loop",
        says="A loop that never ends is stopped by the limit on CPU time.",
        program="def solve(a, b):\n    while True:\n        pass\n",
        test=ADD_TEST,
        accept=(Verdict.TIMEOUT,),
        limits=_SHORT,
    ),
    Case(
        name="deaf_loop",
        says="A loop that ignores every signal it can is stopped all the same.",
        program=_DEAF_LOOP,
        test=ADD_TEST,
        accept=(Verdict.TIMEOUT,),
        limits=_SHORT,
    ),
    Case(
        name="slow_pattern",
        says="A regular expression that backtracks for ever is stopped inside the C code.",
        program="import re\n\n\ndef solve(a, b):\n    return re.match(r'(a+)+$', 'a' * 60 + 'b')\n",
        test=ADD_TEST,
        accept=(Verdict.TIMEOUT,),
        limits=_SHORT,
    ),
    Case(
        name="sleeper",
        says="A program that sleeps for ever is stopped by the wall clock.",
        program="import time\n\n\ndef solve(a, b):\n    time.sleep(1e6)\n",
        test=ADD_TEST,
        accept=(Verdict.TIMEOUT,),
        limits=_BRIEF,
    ),
    Case(
        name="stopped",
        says="A program that stops itself is stopped for good by the wall clock.",
        program="import os\nimport signal\n\n\ndef solve(a, b):\n    os.kill(os.getpid(), signal.SIGSTOP)\n",
        test=ADD_TEST,
        accept=_STOPPED,
        limits=_BRIEF,
    ),
    Case(
        name="memory_eater",
        says="A program that takes ever more memory runs out of it, and its neighbours do not.",
        program="def solve(a, b):\n    hoard = []\n    while True:\n        hoard.append(bytearray(16_000_000))\n",
        test=ADD_TEST,
        accept=(Verdict.OUT_OF_MEMORY,),
    ),
    Case(
        name="fork_bomb",
        says="A program that forks without end harms nobody and does not pass.",
        program="import os\n\n\ndef solve(a, b):\n    while True:\n        try:\n            os.fork()\n"
        "        except OSError:\n            pass\n",
        test=ADD_TEST,
        accept=_STOPPED,
        limits=_BRIEF,
    ),
    Case(
        name="after_fork_bomb",
        says="The sample after a fork bomb is judged as if nothing had been.",
        before="import os\n\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n",
        program=ADD,
        test=ADD_TEST,
        accept=(PASSED,),
        limits=_SHORT.model_copy(update={"wall_s": 3.0}),
    ),
    Case(
        name="output_flood",
        says="A program that prints without end is stopped.",
        program="def solve(a, b):\n    while True:\n        print('x' * 10_000)\n",
        test=ADD_TEST,
        accept=(Verdict.OUTPUT_LIMIT,),
    ),
    Case(
        name="large_file",
        says="A program cannot write more than its share of the disk.",
        program="def solve():\n    with open('big', 'wb') as file:\n        for _ in range(200):\n"
        "            file.write(bytes(1_000_000))\n    return 'written'\n",
        test="assert solve() == 'written'\n",
        accept=REFUSED,
    ),
    Case(
        name="endless_generator",
        says="A generator without end does not keep the judge busy for ever.",
        program="def solve():\n    while True:\n        yield 1\n",
        test="assert sum(solve()) == 5\n",
        accept=_STOPPED,
        limits=_SHORT,
    ),
    Case(
        name="deep_result",
        says="A result nested without end is the program's failure, not the judge's.",
        program="def solve(a, b):\n    result = []\n    for _ in range(100_000):\n        result = [result]\n"
        "    return result\n",
        test=ADD_TEST,
        accept=REFUSED,
    ),
    Case(
        name="colliding_result",
        says="A set made of colliding hashes costs the program its verdict, not the judge its time.",
        program="def solve(a, b):\n    return {i * (2**61 - 1) for i in range(5000)}\n",
        test=ADD_TEST,
        accept=_STOPPED,
    ),
)
