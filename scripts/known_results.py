"""Writes suites/NAME/known_results.txt: what the results of references are known by, where the data set lists none.

    .venv/bin/python scripts/known_results.py NAME DATA

DATA is the suite's own data set. A line for each such problem of which anything is known: its id, the digest of its
reference and inputs, and for each input what the result is known by (sandbox/digests.py). "-" stands where nothing
tells it, or where the result is floats, which set EvalPlus's tolerance from there on: that is always computed.
"""

import sys
from copy import deepcopy
from importlib import import_module
from pathlib import Path
from typing import Any

from harness.assets import asset
from harness.suites import load_definition, load_suite
from harness.suites.definition import KNOWN_RESULTS
from harness.suites.evalplus import results_digest


def main(name: str, data: Path) -> None:
    """Run each reference of the suite that computes results."""
    path = load_definition(name).folder / KNOWN_RESULTS
    path.unlink(missing_ok=True)
    lines = []
    for problem in load_suite(name, data=data).problems:
        *setup, cases = problem.check.setup.splitlines()
        if "Computed(" in cases:
            source = "\n".join(setup)
            known = known_results(source)
            if set(known) != {"-"}:
                lines.append(f"{problem.task_id} {results_digest(source)} {' '.join(known)}\n")
    path.write_text("".join(lines), encoding="utf-8")


def known_results(setup: str) -> list[str]:
    """Of a check's setup, without its last line, what each result of the reference is known by."""
    sys.path.insert(0, str(asset("sandbox")))
    digests, oracles = import_module("digests"), import_module("oracles")  # plain names, as in the sandbox
    names: dict[str, Any] = {}
    exec(setup, names)  # noqa: S102 - trusted code, which the judge runs as well
    results = (names["ref_func"](*arguments) for arguments in deepcopy(names["inputs"]))
    return ["-" if oracles.is_floats(result) else digests.known_by(result, equal=True) or "-" for result in results]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
