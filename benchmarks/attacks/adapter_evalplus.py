"""Adapter between `run_attacks.py` and EvalPlus 0.3.1: its own command with its defaults, in a throw-away container.

    adapter_evalplus.py SUITES SITE CORPUS BATCH RESULTS

EvalPlus computes the expected values of the batch's few problems afresh in each container, before it reads an answer.
A pass is a pass of the base and the plus tests; of the base tests alone where the corpus says that the plus tests do
not fit (`base_only`). Its memory limit is set to 2 GiB by its own variable (default 4), below the container's.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

from cell import Row, jsonl, problems, run, write

COMMAND = ["python3", "-m", "evalplus.evaluate", "--dataset", "humaneval", "--samples", "samples.jsonl"]
ENVIRONMENT = {"HUMANEVAL_OVERRIDE_PATH": "problems.jsonl", "EVALPLUS_MAX_MEMORY_BYTES": str(2 * 2**30)}
RESULTS = "samples_eval_results.json"
SUITES = ("humaneval", "humanevalplus")


def main() -> None:
    """Evaluate the batch as one file of samples."""
    suites, site, corpus, batch, results = map(Path, sys.argv[1:6])
    rows = [json.loads(line) for line in batch.read_text(encoding="utf-8").splitlines()]
    known = [row for row in rows if row["suite"] in SUITES]
    asked = problems(suites / "HumanEvalPlus.jsonl.gz", (row["task_id"] for row in known))
    files = {"samples.jsonl": jsonl(map(sample, known)), "problems.jsonl": jsonl(asked)}
    report = run(site, COMMAND, files, [RESULTS], packages=["evalplus"], environment=ENVIRONMENT)
    evaluated = json.loads(report["files"].get(RESULTS, '{"eval": {}}'))["eval"]
    base_only, waiting = unfit(corpus), defaultdict(list, evaluated)
    judged = [verdict(row, waiting[row["task_id"]].pop(0), base_only) for row in known if waiting[row["task_id"]]]
    foreign = [{"id": row["id"], "verdict": "n/a"} for row in rows if row not in known]
    write(results, judged + foreign, report)


def sample(row: Row) -> Row:
    """The row as a line of EvalPlus's samples."""
    field = "solution" if row.get("mode") == "solution" else "completion"
    return {"task_id": row["task_id"], field: row["completion"]}


def unfit(corpus: Path) -> set[str]:
    """The cases for which EvalPlus's own tests are too strict."""
    rows = (
        json.loads(line) for path in corpus.glob("*.jsonl") for line in path.read_text(encoding="utf-8").splitlines()
    )
    return {row["id"] for row in rows if row.get("base_only")}


def verdict(row: Row, result: Row, base_only: set[str]) -> Row:
    """EvalPlus's verdict in the corpus's words."""
    base, plus = result["base_status"], result["plus_status"]
    passed = base == "pass" and (plus == "pass" or row["id"] in base_only)
    return {"id": row["id"], "verdict": "pass" if passed else "fail", "detail": f"base {base}, plus {plus}"}


if __name__ == "__main__":
    main()
