"""Do the reference solutions always pass? Every suite again and again, one to sixteen programs at once.

    python benchmarks/stability.py --suites DIR [--times 10] [--only NAME]

Each time takes the next of the parallelisms 1, 2, 4 and 16. Prints a Markdown table, a row for each run, and ends with
status 1 if a single reference did not pass.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path

SUITES = {"humaneval": "test", "humanevalplus": "test", "mbpp": "all", "mbppplus": "test"}
PARALLEL = (1, 2, 4, 16)


def main() -> None:
    """Run, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suites", type=Path, required=True)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--only", choices=SUITES)
    options = parser.parse_args()
    print("| time | parallel | suite | passed | seconds |\n| --- | --- | --- | --- | --- |")
    whole = True
    for number, parallel in zip(range(1, options.times + 1), cycle(PARALLEL), strict=False):
        for suite, split in SUITES.items():
            if options.only in (None, suite):
                started = time.monotonic()
                passed, samples, others = references(suite, split, options.suites, parallel)
                whole = whole and passed == samples
                took = time.monotonic() - started
                print(f"| {number} | {parallel} | {suite} | {passed}/{samples} {others} | {took:.0f} |", flush=True)
    sys.exit(not whole)


def references(suite: str, split: str, data: Path, parallel: int) -> tuple[int, int, str]:
    """Passed, samples, and what became of the others."""
    with tempfile.TemporaryDirectory() as results:
        command = [sys.executable, "-m", "harness", "eval", "--model", "reference", "--suite", suite, "--split", split]
        command += ["--data", str(data), "--results", results, "--parallel", str(parallel), "--quiet", "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout:
        sys.exit(done.stderr)
    report = json.loads(done.stdout)
    passed = report["verdicts"].pop("passed")
    others = {name: count for name, count in (report["verdicts"] | report["failures"]).items() if count}
    return passed, report["samples"], ", ".join(f"{count} {name}" for name, count in others.items())


if __name__ == "__main__":
    main()
