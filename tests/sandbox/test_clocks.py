"""What a single call has used, as the supervisor sees it."""

from types import SimpleNamespace

import pytest

from tests.sandbox.driver import Runner

LONG = "import time\ndef used(s):\n    end = time.process_time() + s\n    while time.process_time() < end: pass\n"


@pytest.fixture
def watched(inside: SimpleNamespace) -> SimpleNamespace:
    """A call's clock, with the sample's clock and the judge's progress as the test sets them."""
    clock = SimpleNamespace(cpu=0.0, wall=0.0)
    clock.cpu_s, clock.wall_s = lambda: clock.cpu, lambda: clock.wall
    progress = inside.progress.Progress()
    call = inside.clocks.CallClock(clock, SimpleNamespace(progress=progress))
    return SimpleNamespace(clock=clock, progress=progress, call=call)


def test_a_call_is_charged_from_the_first_look_at_it_on(watched: SimpleNamespace) -> None:
    """Prevents a false timeout: what came before a call, or before anybody looked, is not the call's."""
    watched.clock.cpu, watched.clock.wall = 5.0, 7.0
    watched.progress.turn()
    assert watched.call.used() == (0.0, 0.0)
    watched.clock.cpu, watched.clock.wall = 6.0, 9.0
    assert watched.call.used() == (1.0, 2.0)


def test_another_call_begins_anew(watched: SimpleNamespace) -> None:
    """Prevents a false timeout of a program whose calls are short, but many."""
    for _ in range(10):
        watched.progress.turn()
        watched.call.used()
        watched.clock.cpu += 0.5
        assert watched.call.used()[0] <= 0.5
        watched.progress.turn()


def test_while_the_judge_does_not_wait_no_call_is_charged(watched: SimpleNamespace) -> None:
    """Prevents a false timeout of calls sent ahead, which go on while the judge compares an earlier result."""
    watched.progress.turn()
    watched.call.used()
    watched.progress.turn()
    for _ in range(3):
        watched.clock.cpu += 10
        assert watched.call.used() == (0.0, 0.0)


def test_a_new_sample_has_no_turns_and_no_stages(watched: SimpleNamespace) -> None:
    """Prevents stages of one sample that count for the next."""
    watched.progress.reach()
    watched.progress.turn()
    assert (watched.progress.stages, watched.progress.turns) == (1, 1)
    watched.progress.clear()
    assert (watched.progress.stages, watched.progress.turns) == (0, 0)


@pytest.mark.docker
@pytest.mark.parametrize(
    "test",
    ["assert f(3600) == 1", "for _ in f.each([[0.01], [3600]]): pass", "assert f(0.01) == 1\nassert f(3600) == 1"],
    ids=["alone", "ahead", "the second"],
)
def test_an_endless_call_ends_at_its_own_limit(runner: Runner, test: str) -> None:
    """An endless call costs what a call may cost, not what a sample may."""
    outcome = runner.run_only(LONG + "def f(s): used(s); return 1", test, "f", cpu_s=30, wall_s=60, call_cpu_s=0.5)
    assert outcome["verdict"] == "timeout"
    assert outcome["detail"] == "A single call used 0.5 s of CPU time, which is its limit."
    assert 0.5 <= outcome["cpu_s"] < 2
    assert outcome["by_wall"] is False


@pytest.mark.docker
@pytest.mark.parametrize(
    "test",
    ["for _ in f.each([[0.3]] * 5): pass", "for _ in range(5): f(0.3)", "assert [g(0.3) for g in [f] * 5]"],
    ids=["ahead", "one by one", "in a list"],
)
def test_many_calls_may_take_longer_than_one(runner: Runner, test: str) -> None:
    """False timeout prevented: loading and every call stay under the limit of a call, together they do not."""
    program = LONG + "used(0.8)\ndef f(s): used(s); return [1]"
    outcome = runner.run_only(program, test, "f", cpu_s=30, wall_s=60, call_cpu_s=0.6)
    assert outcome["verdict"] == "passed", outcome
    assert outcome["cpu_s"] > 2


@pytest.mark.docker
def test_processes_that_a_call_starts_count_for_it(runner: Runner) -> None:
    """False pass prevented: a call that lets a child compute for ever and waits for it."""
    program = "import os\ndef f():\n    child = os.fork()\n    while not child: pass\n    return os.waitpid(child, 0)"
    outcome = runner.run_only(program, "f()", "f", cpu_s=30, wall_s=60, call_cpu_s=0.5)
    assert (outcome["verdict"], outcome["by_wall"]) == ("timeout", False)


@pytest.mark.docker
def test_a_call_that_sleeps_ends_by_its_share_of_the_wall_clock(runner: Runner) -> None:
    """A sleeping call is a timeout soon, and marked as one that the machine may have caused."""
    program = "import time\ndef f(): time.sleep(3600)"
    outcome = runner.run_only(program, "f()", "f", cpu_s=10, wall_s=20, call_cpu_s=0.5)
    assert outcome["verdict"] == "timeout"
    assert outcome["detail"] == "A single call took longer than its share of 20 s of wall time."
    assert outcome["by_wall"] is True
    assert outcome["wall_s"] < 5
