"""The judge's side of a trial of tests: a version of the module under test lives here, where no test file can reach it.

The test file calls its functions over the conversation with the judge, so what it covered is what was really called:
there is nothing that it could write, replace or leave early to be said to have covered more. This text is the `setup`
of a check (harness/sandboxes/test_files.py), trusted and run in the judge.
"""

import ast
import json
import sys

STEPS = 300_000
"""Operations that one call may run: a broken version may never end."""


class TooManyStepsError(Exception):
    """A call went on for too long."""


class Subject:
    """One version of the module under test. `reached` are the lines that ran."""

    def __init__(self, name, source):
        self.name = name
        self.file = f"<{name}>"
        self.reached = set()
        self.steps = 0
        self.names = {"__name__": name}
        self.call(exec, compile(source, self.file, "exec"), self.names)

    def functions(self):
        """The module's own functions by name, as the test file calls them."""
        own = {name: value for name, value in self.names.items() if getattr(value, "__module__", None) == self.name}
        return {name: self.traced(value) for name, value in own.items() if callable(value)}

    def traced(self, function):
        """The function, with its lines counted."""
        return lambda *arguments, **keywords: self.call(function, *arguments, **keywords)

    def call(self, function, *arguments, **keywords):
        """Call it. Raises what it raises; RuntimeError: it took too many steps."""
        self.steps = 0
        sys.settrace(self.trace)
        try:
            return function(*arguments, **keywords)
        except TooManyStepsError:
            raise RuntimeError(f"more than {STEPS} steps") from None
        finally:
            sys.settrace(None)

    def trace(self, frame, event, _):
        """Count the lines of this module's frames, and of no others."""
        if frame.f_code.co_filename != self.file:
            return None
        frame.f_trace_opcodes = True  # an empty loop has no lines to count
        if event == "line":
            self.reached.add(frame.f_lineno)
        self.steps += 1
        if self.steps > STEPS:
            raise TooManyStepsError
        return self.trace


def statements(source):
    """The lines of every statement that does something: (first, last), of a compound one those of its head."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.stmt) or isinstance(node, (ast.Global, ast.Nonlocal)):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        body = getattr(node, "body", None)
        found.append((node.lineno, body[0].lineno - 1 if body else node.end_lineno))
    return [(first, max(first, last)) for first, last in found]


def measured(run, name, source):
    """What the test file said of its tests and what it reached, as measures; and why the first test failed."""
    try:
        subject = Subject(name, source)
    except Exception:
        return json.dumps({"executed": 1, "tests": 1, "tests_passed": 0}), "This version does not even load."
    said = run(name, subject.functions())
    if type(said) is not list or [type(part) for part in said] != [int, int, int, str] or not 0 <= said[2] <= said[1]:
        said = [0, 0, 0, "The tests reported outside the protocol."]
    executed, tests, passed, why = said
    wanted = statements(source)
    covered = sum(any(line in subject.reached for line in range(first, last + 1)) for first, last in wanted)
    numbers = {"executed": executed, "tests": tests, "tests_passed": passed, "statements": len(wanted)}
    return json.dumps({**numbers, "covered": covered if executed else 0}), " ".join(why.split())[:250]
