"""Adapter between `run_attacks.py` of the attack corpus and `harness score`: BATCH.jsonl in, RESULTS.jsonl out.

Its one argument of its own is the folder with the suites' data:
`run_attacks.py --adapter "python benchmarks/attacks/adapter_harness.py SUITES" --containers label=harness.run ...`
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> None:
    """Score the batch as one file of samples; a row's verdict is the one of its line."""
    suites, batch, results = (Path(argument) for argument in sys.argv[1:4])
    rows = [json.loads(line) for line in batch.read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        samples = Path(folder) / "samples.jsonl"
        samples.write_text("".join(sample(row) for row in rows), encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "harness",
            "score",
            str(samples),
            "--suite",
            "humaneval",
            "--partial",
            "--quiet",
        ]
        data = str(suites / "HumanEval.jsonl.gz")
        process = subprocess.Popen([*command, "--data", data, "--results", folder], stdout=subprocess.DEVNULL)
        process.wait()
        [path] = Path(folder).glob("runs/*/executions.jsonl")
        executions = {(e["task_id"], e["index"]): e for e in map(json.loads, path.read_text().splitlines())}
    count: dict[str, int] = {}
    with results.open("w", encoding="utf-8") as out:
        for row in rows:
            index = count[row["task_id"]] = count.get(row["task_id"], -1) + 1
            execution = executions[row["task_id"], index]
            out.write(json.dumps({"id": row["id"], **judged(execution)}) + "\n")
        output = "\n".join(execution["output"] for execution in executions.values())
        evidence = [line for line in output.splitlines() if "HK-EVIDENCE" in line or "LEAK" in line]
        out.write(json.dumps({"meta": {"left": containers(process.pid), "evidence": evidence}}) + "\n")


def containers(pid: int) -> int:
    """How many containers a process that has ended left behind."""
    listed = ["docker", "ps", "--all", "--filter", "label=harness.process", "--format", '{{.Label "harness.process"}}']
    owners = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.splitlines()
    return sum(owner.split()[0] == str(pid) for owner in owners)


def sample(row: dict[str, str]) -> str:
    """The row as a line of a samples file."""
    field = "solution" if row.get("mode") == "solution" else "completion"
    return json.dumps({"task_id": row["task_id"], field: row["completion"]}) + "\n"


def judged(execution: dict[str, str]) -> dict[str, str]:
    """Our verdict in the corpus's words; a failure is no verdict."""
    if execution["verdict"] is None:
        return {"verdict": "infra", "detail": str(execution["failure"])[:200]}
    return {
        "verdict": "pass" if execution["verdict"] == "passed" else execution["verdict"],
        "detail": execution["detail"],
    }


if __name__ == "__main__":
    main()
