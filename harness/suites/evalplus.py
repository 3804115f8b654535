"""The check of an EvalPlus problem, from the script that its data set holds in a column.

The script has an `inputs` line, a `results` line or else a function `ref_func`, a comparison made with numpy, and a
last line that calls it with the problem's tolerance. Inputs and results are taken over as text (they are ten megabytes
in all, and only the judge needs their values); the comparison is left out: sandbox/oracles.py has EvalPlus's own.

Where a reference computes the results, `known_results.txt` beside suite.yaml has what each is known by, so that the
judge need not compute it of an answer that tells the same (sandbox/digests.py).

Which inputs are the original suite's is not in the data set: `base_inputs.txt` beside suite.yaml counts them. They come
first.
"""

import ast
import hashlib
import re
from collections.abc import Sequence

from harness.errors import UserError
from harness.records import PythonCheck
from harness.suites.definition import EvalPlusCheckMap, Special, SuiteDefinition
from harness.suites.prompting import fill
from harness.suites.rows import Row

_DATA = re.compile(r"^ *(inputs|results) = \[.*\]$", re.MULTILINE)
_CALL = re.compile(r"^ *assertion\((\w+)\(\*inp\), (?:exp|ref_func\(\*inp\)), ([0-9.e-]+)\)$", re.MULTILINE)
_COMPARISON = ("is_floats", "assertion", "_poly")


def evalplus_check(
    definition: SuiteDefinition, mapped: EvalPlusCheckMap, task_id: str, row: Row, special: Special
) -> PythonCheck:
    """The check of one row.

    Raises:
        UserError: the script has another form, or nothing says how many of its inputs are the original suite's.
    """
    script = fill(mapped.script, row.values)
    data = {match[1]: match for match in _DATA.finditer(script)}
    call = _CALL.search(script)
    tolerance = special.tolerance if special.tolerance is not None else call and float(call[2])
    base = definition.base_inputs.get(task_id)
    if "inputs" not in data or tolerance is None or (mapped.function is None and not call):
        raise UserError(f"{row.where}: the test is not in EvalPlus's form.", "Is this the data set that the hub has?")
    if base is None:
        raise UserError(f"{row.where}: {task_id} is no problem of {definition.name}.", "Drop this row.")
    function = fill(mapped.function, row.values) if mapped.function else str(call and call[1])
    setup = [
        *_definitions(script[: data["inputs"].start()], row),
        *(match[0].strip() for match in data.values()),
    ]
    expected = "results" if "results" in data else "Computed(ref_func)"
    if "results" not in data and (known := definition.known_results.get(results_digest("\n".join(setup)))):
        setup.append(f"known = '{' '.join(known)}'.split()")
        expected = "Computed(ref_func, known)"
    setup.append(f"__cases__ = Cases(inputs, {expected}, {base}, {tolerance:g}, {special.oracle!r})")
    test = f"__cases__.check_base({function})\n__stage__()\n__cases__.check_plus({function})\n"
    return PythonCheck(setup="\n".join(setup) + "\n", functions=(function,), test=test, stages=mapped.stages)


def results_digest(setup: str) -> str:
    """Sixteen hex digits of SHA-256 over a reference and its inputs, which decide the results."""
    return hashlib.sha256(setup.encode()).hexdigest()[:16]


def _definitions(head: str, row: Row) -> Sequence[str]:
    """What stands in front of the inputs and is not the comparison: the reference and what it imports."""
    try:
        body = ast.parse(head.removesuffix("def check(candidate):\n")).body
    except SyntaxError as error:
        raise UserError(f"{row.where}: the test is not valid Python: {error}.", "Correct this row.") from error
    return [ast.unparse(node) for node in body if not _compares(node)]


def _compares(node: ast.stmt) -> bool:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names] == ["numpy"]
    return isinstance(node, ast.FunctionDef) and node.name in _COMPARISON
