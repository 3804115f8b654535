"""One made-up sample played through before the first job, so that every later fork starts from warmed-up code.

The interpreter rewrites its bytecode while it runs; a fork that has to do so itself pays for it in copied pages.
"""

import os
from collections.abc import Callable

import candidate
import codec
from frames import Channel

_PROGRAM = "def echo(*values):\n    return values[0]\n"
_TEST = """
for value in [1, -1.5, "text", None, True, [1, 2], ["a"], [[1], [2]], (1, "a"), {"a": 1}, {1, 2}] * 8:
    assert echo(value) == value
    assert echo([value], 2) == [value]
"""
_CHECK = {"setup": "import math\n", "functions": ["echo"], "classes": [], "test": _TEST}


def warm_judge() -> None:
    """Play the judge's part in this process. RuntimeError: the sample did not pass."""
    _play(_judge, _answer)


def warm_agent() -> None:
    """Play the candidate's part in this process, against a passing judge in another."""
    _play(_answer, _judge)


def _judge(channel: Channel) -> None:
    import judge  # here, so that the process that candidates are forked from never has it

    verdict, detail = judge.judge(_CHECK, _PROGRAM, channel)
    if verdict != "passed":
        raise RuntimeError(f"the rehearsal ended with {verdict}: {detail}")


def _answer(channel: Channel) -> None:
    candidate.Agent(channel).serve()


def _play(here: Callable[[Channel], None], there: Callable[[Channel], None]) -> None:
    """Run one part in this process and the other in a child of it."""
    (read_here, write_there), (read_there, write_here) = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(read_here)
            os.close(write_here)
            there(Channel(read_there, write_there, codec.MAX_BYTES))
        finally:
            os._exit(0)
    os.close(read_there)
    os.close(write_there)
    try:
        here(Channel(read_here, write_here, codec.MAX_BYTES))
    finally:
        os.close(read_here)
        os.close(write_here)
        os.waitpid(child, 0)
