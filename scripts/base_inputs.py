"""Writes suites/NAME/base_inputs.txt: how many inputs of each problem are the original suite's.

    .venv/bin/python scripts/base_inputs.py NAME RELEASE_FILE

RELEASE_FILE is the file of EvalPlus's release (HumanEvalPlus.jsonl.gz, MbppPlus.jsonl.gz), which keeps `base_input` and
`plus_input` apart. The hub's data set has both in one list, the base ones first, and no input twice.
"""

import json
import sys
from pathlib import Path

from harness.suites import load_definition
from harness.suites.definition import BASE_INPUTS
from harness.suites.files import read_file


def main(name: str, release: Path) -> None:
    """Count the different base inputs of each problem of the release."""
    lines = []
    for _, row in read_file(release):
        assert isinstance(row, dict)
        distinct = {json.dumps(arguments) for arguments in row["base_input"]}
        lines.append(f"{len(distinct)}  {row['task_id']}\n")
    (load_definition(name).folder / BASE_INPUTS).write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
