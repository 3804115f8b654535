"""The judge: runs the suite's own tests in a process that no program can reach, and says what they showed.

The tests call proxies (session.py), so that nothing of the program ever takes part in a comparison. `passed` is said
here and only here, after the test has run to its end.

    passed  the test ran to its end            failed  an assertion of the test, or the test choking on a wrong result
    error   the program raised, or answered outside the protocol ("odd error")      compile_error  it does not compile
    out_of_memory  it raised MemoryError       gone    it hung up: how it ended decides      fault  nobody's verdict
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import starmap
from typing import Any

import oracles
from foreseen import EACH, foresee
from frames import Channel, ClosedError
from progress import Progress
from remote import RemoteError
from session import Ended, Function, Session, returned

_DETAIL = 2000
_TEST = "<test>"
_SHORT = 8192  # characters


def judge(check: dict[str, Any], program: str, channel: Channel, progress: Progress | None = None) -> tuple[str, str]:
    """Run one check against the candidate behind `channel`. `progress` hears of calls, and of each `__stage__()`.

    Returns:
        The verdict, its detail (at most 2 kB) where there is one. Besides the verdicts: "gone", the candidate hung up
        (whoever sees how it ended says what that means); "odd error", it broke the protocol; "fault REASON", nobody's
        verdict.
    """
    progress = progress or Progress()
    session = Session(channel, check["test"])
    try:
        session.load(program, [*check["functions"], *check["classes"]], bool(check["classes"]))
        names = _prepare(check)
        greet(channel)
        session.loaded()
        session.turn = progress.turn
        names |= {name: Function(session, name) for name in check["functions"]}
        names |= {name: Function(session, name, keep=True) for name in check["classes"]}
        names |= {"__stage__": progress.reach, EACH: _in_turn if check["classes"] else _ahead}
        exec(_compiled(check["test"], _TEST), names)
        if session.ended:
            raise session.ended
        return "passed", ""
    except Ended as ended:
        return ended.verdict, ended.detail[:_DETAIL]
    except RemoteError as remote:
        return "error", remote.error.candidate_text[:_DETAIL]  # type: ignore[attr-defined]
    except BaseException as error:  # the test's own outcome, whatever it is
        if session.ended:
            return session.ended.verdict, session.ended.detail[:_DETAIL]
        return _outcome(session, error, check["test"])


class BrokenError(Exception):
    """The check or the sandbox does not work: nobody's verdict. `reason` is a short stable word."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def _prepare(check: dict[str, Any]) -> dict[str, Any]:
    """The test's names: what `setup` defines. Its helpers keep a namespace where no candidate's name reaches them."""
    names: dict[str, Any] = {"__name__": "check", "Cases": oracles.Cases, "Computed": oracles.Computed}
    try:
        exec(_compiled(check["setup"], "<setup>"), names)
        _compiled(check["test"], _TEST)
    except BaseException as error:  # trusted code: whatever it raises, the check is at fault
        raise BrokenError("check_broken", f"the check does not run: {type(error).__name__}: {error}") from None
    return dict(names)


def _compiled(source: str, name: str) -> Any:
    """The code of trusted source: of all the short checks that a suite may have, and of the last few long ones."""
    return (_compile_short if len(source) <= _SHORT else _compile_long)(source, name)


@lru_cache(maxsize=2048)
def _compile_short(source: str, name: str) -> Any:
    return compile(foresee(source) if name == _TEST else source, name, "exec", dont_inherit=True)


@lru_cache(maxsize=4)
def _compile_long(source: str, name: str) -> Any:
    return compile(source, name, "exec", dont_inherit=True)


def _ahead(target: Any, argument_lists: list[list[Any]]) -> Callable[[], Any]:
    """What gives the results of calls that the test makes one after the other (foreseen.py)."""
    results = target.each(argument_lists) if type(target) is Function else starmap(target, argument_lists)
    return results.__next__  # type: ignore[no-any-return]


def _in_turn(target: Any, argument_lists: Iterable[Any]) -> Callable[[], Any]:
    """The same where a result may be a handle, of which a comparison can ask something."""
    return starmap(target, argument_lists).__next__


def greet(channel: Channel) -> None:
    """The candidate is confined and has not looked at the program yet: if it fails so far, the sandbox did."""
    try:
        if channel.receive() != b"ready":
            raise BrokenError("candidate_not_started", "the candidate's process did not greet")
    except ClosedError:
        raise BrokenError("candidate_not_started", "the candidate's process ended before it was ready") from None


def _outcome(session: Session, error: BaseException, test: str) -> tuple[str, str]:
    if isinstance(error, BrokenError):
        return f"fault {error.reason}", str(error)[:_DETAIL]
    text = getattr(error, "candidate_text", None)
    if text is not None:
        call = session.last if isinstance(session.last, str) else returned(session.last)
        return "error", f"{text}\nin {call}"[:_DETAIL]
    line = _line(error, test)
    shown = f"{type(error).__name__}: {_message(error)}".removesuffix(": ")
    call = returned(session.last) if isinstance(session.last, tuple) else session.last
    return "failed", "\n".join(part for part in (shown, line, call) if part)[:_DETAIL]


def _message(error: BaseException) -> str:
    """The exception's own words. They may show a result, such as an int too long to be printed."""
    try:
        return str(error)[:500]
    except Exception as second:  # str of whatever the program returned
        return type(second).__name__


def _line(error: BaseException, test: str) -> str:
    """The line of the test that failed."""
    trace, number = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _TEST:
            number = trace.tb_lineno
        trace = trace.tb_next
    lines = test.splitlines()
    return lines[number - 1].strip()[:500] if 0 < number <= len(lines) else ""
