"""Calls sent ahead of replies: the same results and verdicts as one call at a time, and no deadlock."""

import os
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.driver import Runner

Tried = Callable[..., tuple[str, str]]

SETUP = "calls = [[n] for n in range(400)]\n"
ONE_BY_ONE = "for [n] in calls:\n    assert f(n) == n + 1\n"
AHEAD = "for [n], result in zip(calls, f.each(calls)):\n    assert result == n + 1\n"
# The program reaches for the agent that serves it, and speaks in its name at the fourth call.
SPEAKS = """
import sys
def f(n):
    agent = sys._getframe(1).f_locals["self"]
    agent.first = getattr(agent, "first", agent._nonce)
    if n == 3: {}
    return n + 1
"""
MISBEHAVING = {
    "wrong": "def f(n): return n + (n != 3)",
    "raises": "def f(n): return n + 1 if n < 3 else {}[n]",
    "leaves": "import os\ndef f(n): return n + 1 if n < 3 else os._exit(0)",
    "hangs up": "import os\ndef f(n):\n    if n == 3: os.closerange(3, 64)\n    return n + 1",
    "exits": "def f(n): return n + 1 if n < 3 else exit()",
    "out of memory": "def f(n):\n    if n == 3: raise MemoryError\n    return n + 1",
    "unsendable": "def f(n): return n + 1 if n < 3 else {1: [[]] * 3_000_000}",
    "too large": "def f(n): return n + 1 if n < 3 else 'x' * (17 << 20)",
    "answers twice": SPEAKS.format("agent._channel.send(agent._reply('return', 4))"),
    "garbage": SPEAKS.format("agent._channel.send(b'junk')"),
    "replays": SPEAKS.format("agent._nonce = agent.first"),
    "calls back": SPEAKS.format("agent._channel.send(agent._reply('callback', 0, [], {}))"),
}


@pytest.mark.parametrize("program", MISBEHAVING.values(), ids=MISBEHAVING)
def test_a_program_that_misbehaves_midway_gets_the_verdict_of_one_call_at_a_time(tried: Tried, program: str) -> None:
    """Prevents a verdict, or a failing call in its detail, that depends on how far ahead the judge has asked."""
    word, detail = tried(program, AHEAD, setup=SETUP)
    assert (word, detail.replace(AHEAD.splitlines()[1].strip(), "")) == _told(tried(program, ONE_BY_ONE, setup=SETUP))
    assert "f(3)" in detail or "f(4)" in detail


def _told(report: tuple[str, str]) -> tuple[str, str]:
    return report[0], report[1].replace(ONE_BY_ONE.splitlines()[1].strip(), "")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.sampled_from([0, 1, 50, 1000, 4000, 30_000, 70_000, 300_000]), max_size=40), big=st.booleans())
def test_results_come_in_order_whatever_their_size(tried: Tried, sizes: list[int], big: bool) -> None:
    """Full pipes in both directions make neither side wait for ever."""
    program = (
        f"count = 0\ndef f(text, size):\n    global count; count += 1; return [count, len(text), 'x' * size * {big}]"
    )
    setup = f"sizes = {sizes} * 4\ncalls = [['a' * size, size] for size in sizes]\n"
    test = (
        "for place, (result, size) in enumerate(zip(f.each(calls), sizes, strict=True), start=1):\n"
        f"    assert result == [place, size, 'x' * size * {big}]\n"
    )
    assert tried(program, test, setup=setup) == ("passed", "")


@settings(max_examples=200)
@given(batches=st.lists(st.integers(1, 30_000), max_size=200))
def test_what_is_under_way_fits_into_the_pipe(inside: SimpleNamespace, batches: list[int]) -> None:
    """However the bytes are cut into writes, the room that is counted on is there."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        left = inside.ahead.room(inside.frames.Channel(reader, writer, 1))
        for size in batches:
            if size <= left:
                assert os.write(writer, bytes(size)) == size
                left -= size
    finally:
        os.close(reader)
        os.close(writer)


def test_arguments_are_made_when_they_are_sent(tried: Tried) -> None:
    """A hundred thousand calls take no more memory than a few hundred."""
    setup = "made = []\ndef calls():\n    for n in range(100_000):\n        made.append(n)\n        yield [n]\n"
    test = "results = f.each(calls())\nassert next(results) == 0\nassert len(made) < 2000\n"
    assert tried("def f(n): return n", test, setup=setup) == ("passed", "")


def test_a_callable_among_the_arguments_is_called_back_before_the_next_call(tried: Tried) -> None:
    """Prevents a false fail: a request that was sent ahead is not taken for the answer of the test's own callable."""
    program = "kept = []\ndef f(g, n): kept.append(g); return sum(h(n) for h in kept)"
    test = (
        "calls = [[lambda v: v, n] for n in range(20)]\nassert list(f.each(calls)) == [(n + 1) * n for n in range(20)]"
    )
    assert tried(program, test) == ("passed", "")


def test_an_argument_that_cannot_be_sent_counts_at_its_place(tried: Tried) -> None:
    """A wrong result before it decides first."""
    test = "for n, result in enumerate(f.each([[0], [1], [object()]])): assert result == n"
    assert tried("def f(n): return 5", test)[0] == "failed"
    assert "cannot pass on" in tried("def f(n): return n", test)[1]


@pytest.mark.parametrize("ask", ["f(9)", "next(result)"])
def test_nothing_else_is_asked_while_calls_are_under_way(tried: Tried, ask: str) -> None:
    """A reply is never taken for that of another request."""
    word, detail = tried("def f(n): return iter([n])", f"for result in f.each([[1], [2], [3]]): {ask}")
    assert (word, "sent ahead" in detail) == ("failed", True)


@pytest.mark.docker
def test_an_endless_loop_midway_is_the_same_timeout(runner: Runner) -> None:
    """A hang at the fourth call says what it says when calls are made one by one, and base stages stay passed."""
    outcomes = []
    for test in (ONE_BY_ONE, AHEAD):
        check = {
            "kind": "python",
            "setup": SETUP,
            "functions": ["f"],
            "classes": [],
            "stages": ["base"],
            "test": f"__stage__()\n{test}",
        }
        runner.send("def f(n):\n    while n == 3: pass\n    return n + 1", check, {"cpu_s": 0.5, "wall_s": 50.0})
        outcome = runner.receive()
        outcomes.append((outcome["verdict"], outcome["stages"], outcome["detail"].partition(" used ")[0]))
    assert outcomes == [("timeout", ["base"], "It")] * 2
