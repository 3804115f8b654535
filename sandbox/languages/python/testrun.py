"""Runs a file of tests inside the candidate: unittest's and pytest's plain forms, with what little of pytest they use.

Everything here shares its process with the tests and may be replaced by them; the judge believes no more of the report
than that the tests say so (subject.py). This text is put in front of the answer, which is bound to `__answer__`.
"""

import contextlib
import inspect
import math
import re
import sys
import types
import unittest


class _Skip(Exception):  # noqa: N818 - its name tells the tests nothing
    pass


class _Raises:
    def __init__(self, expected, match=None):
        self.expected, self.match, self.value = expected, match, None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            raise AssertionError(f"DID NOT RAISE {self.expected}")
        if not issubclass(kind, self.expected):
            return False
        if self.match is not None and not re.search(self.match, str(error)):
            raise AssertionError(f"{self.match!r} does not match {str(error)!r}")
        self.value = error
        self.type = kind
        return True


class _Approx:
    def __init__(self, expected, rel=1e-6, abs=1e-12):  # noqa: A002 - pytest names it so
        self.expected, self.rel, self.abs = expected, 1e-6 if rel is None else rel, 1e-12 if abs is None else abs

    def __eq__(self, other):
        return self._close(other, self.expected)

    def _close(self, found, expected):
        if isinstance(expected, dict):
            return found.keys() == expected.keys() and all(self._close(found[key], expected[key]) for key in expected)
        if isinstance(expected, (list, tuple)):
            return len(found) == len(expected) and all(map(self._close, found, expected))
        return math.isclose(found, expected, rel_tol=self.rel, abs_tol=self.abs)

    __hash__ = None


class _Mark:
    def parametrize(self, names, rows, **_):
        wanted = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
        sets = [dict(zip(wanted, row if len(wanted) > 1 else (row,), strict=True)) for row in rows]

        def mark(test):
            test.__sets__ = [old | new for old in getattr(test, "__sets__", [{}]) for new in sets]
            return test

        return mark

    def __getattr__(self, name):
        def mark(*arguments, **_):
            plain = len(arguments) == 1 and callable(arguments[0])
            return _skipped(arguments[0]) if plain and name == "skip" else arguments[0] if plain else _mark(name)

        return mark


def _mark(name):
    return _skipped if name == "skip" else lambda test: test


def _skipped(test):
    test.__unittest_skip__ = True
    return test


def _raises(expected, *arguments, match=None, **keywords):
    if not arguments:
        return _Raises(expected, match)
    with _Raises(expected, match):
        return arguments[0](*arguments[1:], **keywords)


def _fixture(function=None, **_):
    def mark(made):
        made.__fixture__ = True
        return made

    return mark(function) if function is not None else mark


def _fail(reason=""):
    raise AssertionError(reason)


def _skip(reason=""):
    raise _Skip(reason)


def _pytest():
    module = types.ModuleType("pytest")
    module.raises, module.approx, module.mark = _raises, _Approx, _Mark()
    module.fixture, module.fail, module.skip = _fixture, _fail, _skip
    module.param = lambda *values, **_: values if len(values) > 1 else values[0]
    return module


def __run__(name, functions):  # noqa: N807 - no test file has this name by chance
    """Run the tests against the module `name` of these functions: [executed, tests, passed, why the first failed]."""
    under_test = types.ModuleType(name)
    for function_name, function in functions.items():
        function.__name__ = function.__qualname__ = function_name
        setattr(under_test, function_name, function)
    sys.modules[name] = under_test
    sys.modules["pytest"] = _pytest()
    tests = types.ModuleType(f"test_{name}")
    sys.modules[tests.__name__] = tests
    try:
        exec(compile(__answer__, f"test_{name}.py", "exec", dont_inherit=True), tests.__dict__)  # noqa: F821
        found = _collect(tests)
    except BaseException as error:
        return [0, 0, 0, _said(error)]
    results = [_tried(test) for test in found]
    ran = [why for why in results if why is not None]
    failures = [why for why in ran if why]
    return [1, len(ran), len(ran) - len(failures), failures[0] if failures else ""]


def _collect(module):
    """Every test as something to call."""
    found = []
    names = module.__dict__
    fixtures = {name: value for name, value in names.items() if getattr(value, "__fixture__", False)}
    for name, value in list(names.items()):
        if isinstance(value, type) and issubclass(value, unittest.TestCase):
            suite = unittest.defaultTestLoader.loadTestsFromTestCase(value)
            found += [_case(case) for case in suite]
        elif isinstance(value, type) and name.startswith("Test"):
            for method in [method for method in dir(value) if method.startswith("test")]:
                found += _calls(getattr(value, method), fixtures, value)
        elif inspect.isfunction(value) and name.startswith("test"):
            found += _calls(value, fixtures)
    return found


def _case(case):
    def test():
        result = unittest.TestResult()
        case.run(result)
        if result.skipped or not result.testsRun:
            raise _Skip
        for _, text in result.errors + result.failures:
            raise AssertionError(text.strip().rpartition("\n")[2].removeprefix("AssertionError: "))

    return test


def _calls(function, fixtures, owner=None):
    if getattr(function, "__unittest_skip__", False):
        return []
    return [_bound(function, values, fixtures, owner) for values in getattr(function, "__sets__", [{}])]


def _bound(function, values, fixtures, owner):
    def test():
        with contextlib.ExitStack() as stack:
            instance = () if owner is None else (owner(),)
            for self in instance:
                getattr(self, "setup_method", lambda *_: None)()
            wanted = list(inspect.signature(function).parameters)[len(instance) :]
            needed = {name: _made(fixtures, name, stack) for name in wanted if name not in values}
            function(*instance, **needed, **values)

    return test


def _made(fixtures, name, stack):
    function = fixtures[name]
    value = function(**{part: _made(fixtures, part, stack) for part in inspect.signature(function).parameters})
    if inspect.isgenerator(value):
        stack.callback(next, value, None)
        return next(value)
    return value


def _tried(test):
    """Why it failed, "" where it passed, None where it was skipped."""
    try:
        test()
    except (_Skip, unittest.SkipTest):
        return None
    except BaseException as error:
        return _said(error)
    return ""


def _said(error):
    return f"{type(error).__name__}: {error}"[:300]
