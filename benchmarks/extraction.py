"""Is our extraction the best of the extractors on real answers?

    python benchmarks/extraction.py --answers DIR --suites DIR

DIR/raw/*.jsonl hold whole chat replies, one a line: task_id, response and passed (the publisher's verdict). Each file
is scored by `harness score` and audited by `harness audit`, as a user would; the table says what each extractor passes,
and the script fails where another one passes an answer that ours does not. MBPP's replies were asked with MultiPL-E's
typed variant and are judged by it (agreement.py says more).
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from agreement import DATA, TYPED_DATA, humaneval_shaped


def main() -> None:
    """Score and audit every file, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--suites", type=Path, required=True)
    options = parser.parse_args()
    gained: dict[str, Any] = {}
    for path in sorted((options.answers / "raw").glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        extractors = audited(path, options.suites)
        if not gained:
            print(
                f"| file | answers | published | {' | '.join(extractors)} |\n" + "| --- " * (len(extractors) + 3) + "|"
            )
        passed = " | ".join(str(facts["passed"]) for facts in extractors.values())
        print(f"| {path.stem} | {len(rows)} | {sum(row['passed'] for row in rows)} | {passed} |", flush=True)
        gained[path.stem] = {name: facts["gained"] for name, facts in extractors.items() if facts["gained"]}
    lost = {name: found for name, found in gained.items() if found}
    if lost:
        sys.exit(f"Another extractor passes what ours does not: {json.dumps(lost)}")


def audited(path: Path, suites: Path) -> dict[str, Any]:
    """Of each extractor: how many answers pass, and which pass or fail for it alone."""
    with tempfile.TemporaryDirectory() as folder:
        data, changed = suites / DATA["humaneval"], []
        if "-mbpp-" in path.name:
            data, changed = Path(folder) / "typed.jsonl", ["--allow-changed"]
            data.write_text("".join(humaneval_shaped(suites / TYPED_DATA)), encoding="utf-8")
        common = ["--results", folder, "--quiet", "--json"]
        suite = ["--suite", "humaneval", "--data", str(data), *changed, "--partial"]
        report = harness("score", str(path), *suite, *common)
        extractors: dict[str, Any] = harness("audit", report["run_id"], *common)["extractors"]
        return extractors


def harness(*arguments: str) -> Any:
    """What a command of ours prints as JSON."""
    done = subprocess.run([sys.executable, "-m", "harness", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{arguments}: {done.stderr}")
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
