"""Do our verdicts agree with those that were published with real model answers?

    python benchmarks/agreement.py --answers DIR --suites DIR [--leaderboard FILE] [--only REGEX] [--out FILE]

DIR/humaneval/*.jsonl, DIR/humanevalplus/*.jsonl and DIR/mbpp/*.jsonl hold one answer a line: task_id, completion or
solution, passed (the publisher's verdict); of HumanEval+ also base_passed, which is compared as a verdict of its own.
Each file is scored by `harness score` as a user would; the table says how many verdicts agree, and every disagreement
is printed with our reason. A second table has the pass@1 of each file, as published and as judged here; with EvalPlus's
results.json also the leaderboard's figure for the model, which is of other answers. docs/agreement.md explains it all.

The MBPP answers of `reflexion` and `mapcoder` were asked with MultiPL-E's typed MBPP, which renames functions, drops
arguments and changes expected values. They are judged by those tests, brought into HumanEval's shape.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA = {
    "humaneval": "HumanEval.jsonl.gz",
    "humanevalplus": "HumanEvalPlus-OriginFmt.jsonl.gz",
    "mbpp": "mbpp.jsonl",
}
TYPED_DATA = "mbpp-py-multiple-typed-397.jsonl"
LEADERBOARD = {
    "ldb-gpt-4-1106": "GPT-4-Turbo (Nov 2023)",
    "ldb-starcoder": "StarCoder-15B",
    "mapcoder-Gemini-Direct": "Gemini Pro 1.0",
}
"""Files whose model EvalPlus's leaderboard has too."""

TYPED = re.compile(r"mbpp/(reflexion|mapcoder)-")


def main() -> None:
    """Score every file, print the table, then what disagrees."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--suites", type=Path, required=True)
    parser.add_argument("--leaderboard", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    total = agreeing = 0
    differing: list[dict[str, Any]] = []
    files: dict[str, list[dict[str, Any]]] = {}
    for suite, data in DATA.items():
        for path in sorted((options.answers / suite).glob("*.jsonl")):
            if not re.search(options.only, f"{suite}/{path.name}"):
                continue
            started = time.monotonic()
            rows = list(compare(path, suite, options.suites / data))
            files[f"{suite}/{path.stem}"] = rows
            wrong = [row for row in rows if row["published"] != row["ours"]]
            total, agreeing = total + len(rows), agreeing + len(rows) - len(wrong)
            differing += wrong
            share = 1 - len(wrong) / len(rows)
            took = time.monotonic() - started
            print(f"{suite + '/' + path.stem:60} {len(rows):5} {share:8.2%} {took:6.0f} s", flush=True)
    print(f"{'all':60} {total:5} {agreeing / total:8.2%}\n")
    for row in differing:
        words = f"{row['part']} published {row['published']}, ours {row['verdict']}: {row['detail']}"
        print(f"{row['file']} {row['task_id']}: {words}")
    board = json.loads(options.leaderboard.read_text(encoding="utf-8")) if options.leaderboard else {}
    print_pass_at_1(files, board)
    if options.out:
        options.out.write_text("".join(json.dumps(row) + "\n" for row in differing), encoding="utf-8")


def print_pass_at_1(files: dict[str, list[dict[str, Any]]], board: dict[str, Any]) -> None:
    """Of each file the share of problems solved, the mean over a problem's answers, and the difference in problems."""
    print("\n| file | problems | published | ours | problems apart | leaderboard |\n" + "| --- " * 6 + "|")
    for name, rows in files.items():
        for part in dict.fromkeys(row["part"] for row in rows):
            chosen = [row for row in rows if row["part"] == part]
            answers = Counter(row["task_id"] for row in chosen)
            published, ours = (
                sum(row[whose] / answers[row["task_id"]] for row in chosen) for whose in ("published", "ours")
            )
            shares = f"{published / len(answers):.1%} | {ours / len(answers):.1%} | {ours - published:+.3g}"
            print(f"| {name}, {part} | {len(answers)} | {shares} | {on_leaderboard(name, part, board)} |")


def on_leaderboard(name: str, part: str, board: dict[str, Any]) -> str:
    """The leaderboard's figure for the model of a file of HumanEval answers, or nothing."""
    suite, _, stem = name.partition("/")
    model = next((model for start, model in LEADERBOARD.items() if stem.startswith(start)), None)
    if model not in board or suite == "mbpp":
        return ""
    key = "humaneval" if suite == "humaneval" or part == "base" else "humaneval+"
    return f"{board[model]['pass@1'][key]} ({model})"


def compare(path: Path, suite: str, data: Path) -> Iterator[dict[str, Any]]:
    """Each answer of a file with the published verdict and ours."""
    executions = {(e["task_id"], e["index"]): e for e in score(path, suite, data)}
    count: Counter[str] = Counter()
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        key = str(row["task_id"]), count[str(row["task_id"])]
        count[key[0]] += 1
        execution = executions[key]
        passed = execution["verdict"] == "passed"
        facts = {
            "file": f"{suite}/{path.stem}",
            "task_id": key[0],
            "index": key[1],
            "verdict": execution["verdict"] or execution["failure"]["reason"],
            "detail": " ".join(execution["detail"].split())[:160],
            "cpu_s": execution["cpu_s"],
        }
        yield {**facts, "part": "all", "published": row["passed"], "ours": passed}
        if "base_passed" in row:
            base = passed or "base" in execution["stages"]
            yield {**facts, "part": "base", "published": row["base_passed"], "ours": base}


def score(path: Path, suite: str, data: Path) -> list[dict[str, Any]]:
    """The lines of executions.jsonl that `harness score` leaves."""
    with tempfile.TemporaryDirectory() as results:
        command = [sys.executable, "-m", "harness", "score", str(path)]
        if TYPED.match(f"{suite}/{path.name}"):
            converted = Path(results) / "typed.jsonl"
            converted.write_text("".join(humaneval_shaped(data.with_name(TYPED_DATA))), encoding="utf-8")
            command += ["--suite", "humaneval", "--data", str(converted), "--allow-changed"]
        else:
            command += ["--suite", suite, "--data", str(data)]
        done = subprocess.run(
            [*command, "--partial", "--quiet", "--json", "--results", results],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            sys.exit(f"{path}: {done.stderr}")
        [lines] = Path(results).glob("runs/*/executions.jsonl")
        return [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]


def humaneval_shaped(path: Path) -> Iterator[str]:
    """MultiPL-E's rows as HumanEval's; `mbpp_234_volume_cube` is problem 234."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        kept = {name: row[name] for name in ("prompt", "test", "entry_point")}
        yield json.dumps({"task_id": row["name"].split("_")[1], "canonical_solution": "    ...\n", **kept}) + "\n"


if __name__ == "__main__":
    main()
