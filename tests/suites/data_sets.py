"""Small data sets of our own in the shapes of the public ones, and ways to write them in every format."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.settings import Settings
from tests.hub_stub import parquet

Rows = list[dict[str, Any]]

SHARED = Path(__file__).parents[3] / "shared" / "data" / "suites"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="needs the public data sets beside the checkout")
NO_SETTINGS = Settings()


def humaneval_rows(count: int = 3) -> Rows:
    """Problems in HumanEval's shape, the one numbered 10 after the one numbered 2."""
    return [
        {
            "task_id": f"HumanEval/{number}",
            "prompt": f'import math\n\n\ndef add_{number}(x: int) -> int:\n    """Add {number}, not {{x}}."""\n',
            "canonical_solution": f"    return x + {number}\n",
            "test": f"def check(candidate):\n    assert candidate(1) == 1 + {number}\n",
            "entry_point": f"add_{number}",
        }
        for number in (1, 2, 10, *range(11, 100))[:count]
    ]


def mbpp_rows(ids: tuple[int, ...] = (2, 3, 4, 11, 12, 600)) -> Rows:
    """Problems in MBPP's shape, with the line ends of the original."""
    return [
        {
            "text": f"Write a function that adds {number}.",
            "code": f"def add_{number}(x):\r\n  return x + {number}",
            "task_id": number,
            "test_setup_code": "",
            "test_list": [f"assert add_{number}(0) == {number}", f"assert add_{number}(1) == 1 + {number}"],
            "challenge_test_list": [],
        }
        for number in ids
    ]


_COMPARISON = """
import numpy as np
{extra}
def is_floats(x) -> bool:
    return isinstance(x, float)

def assertion(out, exp, atol):
    exact_match = out == exp
    assert exact_match

"""


def humanevalplus_rows() -> Rows:
    """HumanEval's rows with tests in the shape of EvalPlus's: listed results, and for the last computed ones."""
    rows = humaneval_rows()
    for row, number in zip(rows, (1, 2, 10), strict=True):
        results, reference, last = f"results = {[n + number for n in range(8)]}", "", "exp"
        if number == 10:
            results, reference, last = (
                "",
                "from math import floor\ndef ref_func(n): return floor(n) + 10",
                "ref_func(*inp)",
            )
        row["test"] = _COMPARISON.replace("{extra}", "") + (
            f"{reference}\n\ndef check(candidate):\n"
            f"    inputs = {[[n] for n in range(8)]}\n    {results}\n"
            "    for i, (inp, exp) in enumerate(zip(inputs, results)):\n"
            f"        assertion(candidate(*inp), {last}, 0)\n"
        )
    return rows


def mbppplus_rows() -> Rows:
    """MBPP's rows in the shape of MBPP+, the script at the top level and with a tolerance."""
    return [
        {"task_id": row["task_id"], "code": row["code"], "prompt": row["text"], "test_list": row["test_list"]}
        | {"source_file": "", "test_imports": []}
        | {
            "test": _COMPARISON.replace("{extra}", "from math import inf")
            + f"inputs = [[1], [2], [inf], [4]]\nresults = {[1 + n, 2 + n]}"[:-1]
            + f", inf, {4 + n}]\nfor i, (inp, exp) in enumerate(zip(inputs, results)):\n"
            + f"    assertion(add_{n}(*inp), exp, 0.0001)\n"
        }
        for row in mbpp_rows((2, 3, 7))
        for n in [row["task_id"]]
    ]


def smoke_rows() -> Rows:
    """Problems in the shape of our own suite: known-bad programs, and limits for one of them."""
    rows = humaneval_rows(2)
    for number, row in enumerate(rows):
        row["task_id"] = f"smoke/{number}"
        row["wrong"] = [{"program": f"def {row['entry_point']}(x):\n    return 0\n", "verdict": "failed"}]
    rows[1]["limits"] = {"cpu_s": 9}
    return rows


def jsonl(rows: Rows) -> bytes:
    """One JSON object a line."""
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


FORMATS: dict[str, Callable[[Rows], bytes]] = {
    "jsonl": jsonl,
    "jsonl.gz": lambda rows: gzip.compress(jsonl(rows)),
    "json": lambda rows: json.dumps(rows, indent=1).encode(),
    "json.gz": lambda rows: gzip.compress(json.dumps(rows).encode()),
    "parquet": parquet,
}


def written(folder: Path, rows: Rows, form: str = "jsonl") -> Path:
    """The rows as a file of that format."""
    path = folder / f"data.{form}"
    path.write_bytes(FORMATS[form](rows))
    return path
