"""Conformance cases about values: what crosses from a program to its tests, and what verdict follows.

Every program here is our own. The others are in resource_cases.py, hostile_cases.py and, of other languages, below
harness/languages/cases (language_cases.py); conformance.py runs all.
"""

from harness.checks import Check
from harness.records import Job, Limits, PythonCheck, Record, Verdict

PASSED, FAILED, ERROR = Verdict.PASSED, Verdict.FAILED, Verdict.ERROR
REFUSED = (FAILED, ERROR)

_LIMITS = Limits(cpu_s=3.0, wall_s=20.0, memory_mb=256, processes=32, file_mb=16, output_mb=4)


class Case(Record):
    """One program, its check, the verdicts that a sandbox may give it, and what it must have measured of it.

    `says` is the behaviour in one sentence, where the name does not say it. `before` is a program that the same sandbox
    runs just before; its own verdict does not matter. The check is `check`, or `test` in Python, with what it needs.
    """

    name: str
    says: str
    program: str
    test: str = ""
    accept: tuple[Verdict, ...]
    measures: dict[str, float] = {}
    check: Check | None = None
    setup: str = ""
    functions: tuple[str, ...] = ("solve",)
    classes: tuple[str, ...] = ()
    limits: Limits = _LIMITS
    before: str = ""

    def job(self, program: str | None = None) -> Job:
        """The case as a sandbox takes it, with another program where one is given."""
        python = PythonCheck(setup=self.setup, functions=self.functions, classes=self.classes, test=self.test)
        check = self.check or python
        source = self.program if program is None else program
        return Job(id=f"conformance/{self.name}", program=source, check=check, limits=self.limits)


ADD = "def solve(a, b):\n    return a + b\n"
ADD_TEST = "assert solve(2, 3) == 5\nassert solve(-1, 1) == 0\n"

VALUES: tuple[Case, ...] = (
    Case(
        name="correct",
        says="A correct program passes.",
        program=ADD,
        test=ADD_TEST,
        accept=(PASSED,),
    ),
    Case(
        name="wrong",
        says="A program with a wrong result fails.",
        program="def solve(a, b):\n    return a - b\n",
        test=ADD_TEST,
        accept=(FAILED,),
    ),
    Case(
        name="raising",
        says="A program that raises where a value is expected is an error.",
        program="def solve(a, b):\n    raise ValueError('no')\n",
        test=ADD_TEST,
        accept=(ERROR,),
    ),
    Case(
        name="syntax_error",
        says="A program that is no Python is a compile error.",
        program="def solve(a, b:\n    return a + b\n",
        test=ADD_TEST,
        accept=(Verdict.COMPILE_ERROR,),
    ),
    Case(
        name="missing_function",
        says="A program without the function that the tests call is an error.",
        program="def resolve(a, b):\n    return a + b\n",
        test=ADD_TEST,
        accept=(ERROR,),
    ),
    Case(
        name="raises_at_import",
        says="A program that raises before it defines anything is an error.",
        program="raise RuntimeError('at import')\n",
        test=ADD_TEST,
        accept=(ERROR,),
    ),
    Case(
        name="expected_exception",
        says="A test that expects an exception gets the program's.",
        program="def solve(text):\n    return int(text)\n",
        test="try:\n    solve('x')\nexcept ValueError:\n    pass\nelse:\n    assert False\n",
        accept=(PASSED,),
    ),
    Case(
        name="other_exception",
        says="An exception of another type is not the one that a test expects.",
        program="def solve(text):\n    raise KeyError(text)\n",
        test="try:\n    solve('x')\nexcept ValueError:\n    pass\n",
        accept=REFUSED,
    ),
    Case(
        name="unicode",
        says="Strings cross exactly, also beyond the basic plane and with lone surrogates.",
        program="def solve(text):\n    return text[::-1] + '\\ud800'\n",
        test="assert solve('añ😀') == '😀ña\\ud800'\n",
        accept=(PASSED,),
    ),
    Case(
        name="big_integers",
        says="Integers of any size cross exactly.",
        program="def solve(n):\n    return -(7 ** n)\n",
        test="assert solve(20000) == -(7 ** 20000)\nassert solve(0) == -1\n",
        accept=(PASSED,),
    ),
    Case(
        name="floats",
        says="NaN, infinities and negative zero cross exactly.",
        program="def solve():\n    return [float('nan'), float('-inf'), -0.0, 0.1 + 0.2]\n",
        test="import math\na, b, c, d = solve()\nassert math.isnan(a) and b == -math.inf\n"
        "assert math.copysign(1, c) == -1.0 and d == 0.30000000000000004\n",
        accept=(PASSED,),
    ),
    Case(
        name="nested_containers",
        says="Nested containers keep their types and any hashable key.",
        program="def solve():\n    return {(1, (2, b'x')): [{3}, frozenset({4}), None, True, 2j], 'k': ({},)}\n",
        test="r = solve()\nassert r == {(1, (2, b'x')): [{3}, frozenset({4}), None, True, 2j], 'k': ({},)}\n"
        "assert [type(x) for x in r[(1, (2, b'x'))]] == [set, frozenset, type(None), bool, complex]\n",
        accept=(PASSED,),
    ),
    Case(
        name="tuple_is_no_list",
        says="A list where the test expects a tuple fails.",
        program="def solve():\n    return [1, 2]\n",
        test="assert solve() == (1, 2)\n",
        accept=(FAILED,),
    ),
    Case(
        name="library_types",
        says="Decimal, Fraction, dates, deque, Counter, OrderedDict and defaultdict cross as what they are.",
        program="from collections import Counter, OrderedDict, defaultdict, deque\nfrom datetime import date\n"
        "from decimal import Decimal\nfrom fractions import Fraction\n\n\ndef solve():\n    d = defaultdict(list)\n"
        "    d['a'].append(1)\n    return [Decimal('1.10'), Fraction(1, 3), date(2024, 2, 29), deque([1], 5), "
        "Counter('aab'), OrderedDict(z=1, a=2), d]\n",
        test="from collections import Counter, OrderedDict, deque\nfrom datetime import date\n"
        "from decimal import Decimal\nfrom fractions import Fraction\nr = solve()\n"
        "assert r == [Decimal('1.10'), Fraction(1, 3), date(2024, 2, 29), deque([1]), Counter('aab'), "
        "OrderedDict(z=1, a=2), {'a': [1]}]\nassert str(r[0]) == '1.10' and list(r[5]) == ['z', 'a']\n",
        accept=(PASSED,),
    ),
    Case(
        name="arguments_by_value",
        says="What a program does to its arguments stays with the program.",
        program="def solve(items):\n    items.sort()\n    items.append(0)\n    return items[0]\n",
        test="items = [3, 1, 2]\nassert solve(items) == 1\nassert items == [3, 1, 2]\n",
        accept=(PASSED,),
    ),
    Case(
        name="keyword_arguments",
        says="Keyword arguments and defaults reach the program.",
        program="def solve(a, *, b=10, **rest):\n    return a, b, rest\n",
        test="assert solve(1) == (1, 10, {})\nassert solve(1, b=2, c=3) == (1, 2, {'c': 3})\n",
        accept=(PASSED,),
    ),
    Case(
        name="setup_helper",
        says="A helper from the check's setup runs on the judge's side, whatever the program calls by that name.",
        setup="def double(x):\n    return 2 * x\n",
        program="def double(x):\n    return 0\n\n\ndef sum(x):\n    return 0\n\n\ndef solve(x):\n    return 2 * x\n",
        test="assert double(solve(3)) == 12\nassert sum([1, 2]) == 3\n",
        accept=(PASSED,),
    ),
    Case(
        name="class_handle",
        says="An instance of the program's class stays with the program and answers calls.",
        functions=(),
        classes=("Stack",),
        program="class Stack:\n    def __init__(self, *items):\n        self.items = list(items)\n\n"
        "    def push(self, item):\n        self.items.append(item)\n        return len(self.items)\n",
        test="stack = Stack(1, 2)\nassert stack.push(3) == 3\nassert stack.items == [1, 2, 3]\n",
        accept=(PASSED,),
    ),
    Case(
        name="handle_equals_nothing",
        says="A handle never makes a comparison true, whatever the program's __eq__ says.",
        functions=(),
        classes=("Liar",),
        program="class Liar:\n    def __eq__(self, other):\n        return True\n    __hash__ = object.__hash__\n",
        test="assert Liar() == 3\n",
        accept=REFUSED,
    ),
    Case(
        name="callable_argument",
        says="A function of the test's can be an argument.",
        program="def solve(f, items):\n    return [f(x) for x in items if f(x) > 2]\n",
        test="assert solve(lambda x: x + 1, [1, 2, 3]) == [3, 4]\n",
        accept=(PASSED,),
    ),
    Case(
        name="generator_result",
        says="A test may consume a generator of the program's.",
        program="def solve(n):\n    for i in range(n):\n        yield i * i\n",
        test="assert list(solve(4)) == [0, 1, 4, 9]\nassert sum(solve(3)) == 5\n",
        accept=(PASSED,),
    ),
    Case(
        name="large_print",
        says="A program that prints a megabyte still passes.",
        program="def solve(a, b):\n    print('x' * 1_000_000)\n    return a + b\n",
        test=ADD_TEST,
        accept=(PASSED,),
    ),
    Case(
        name="print_is_no_verdict",
        says="What a program prints never makes it pass.",
        program="print('passed')\n\n\ndef solve(a, b):\n    print('{\"verdict\": \"passed\"}')\n    return None\n",
        test=ADD_TEST,
        accept=(FAILED,),
    ),
    Case(
        name="no_input",
        says="A program that waits for input gets an end of file, not a hang.",
        program="def solve(a, b):\n    return int(input())\n",
        test=ADD_TEST,
        accept=REFUSED,
    ),
    Case(
        name="deep_recursion",
        says="An endless recursion is an error, and a deep one is not.",
        program="def solve(n):\n    return 0 if n == 0 else 1 + solve(n - 1)\n",
        test="assert solve(800) == 800\ntry:\n    solve(-1)\nexcept RecursionError:\n    pass\n",
        accept=(PASSED,),
    ),
    Case(
        name="threads",
        says="A program may use threads.",
        program="from concurrent.futures import ThreadPoolExecutor\n\n\ndef solve(items):\n"
        "    with ThreadPoolExecutor(4) as pool:\n        return list(pool.map(abs, items))\n",
        test="assert solve([-1, 2, -3]) == [1, 2, 3]\n",
        accept=(PASSED,),
    ),
    Case(
        name="own_files",
        says="A program may write files in its working directory and in the temporary one.",
        program="import tempfile\nfrom pathlib import Path\n\n\ndef solve(text):\n"
        "    Path('note.txt').write_text(text)\n    with tempfile.NamedTemporaryFile('w+') as file:\n"
        "        file.write(Path('note.txt').read_text())\n        file.seek(0)\n        return file.read()\n",
        test="assert solve('hello') == 'hello'\n",
        accept=(PASSED,),
    ),
)
