"""Our metrics beside the published ones of DevQualityEval v0.4.0's recorded answers, metric by metric, and the totals.

    harness score ANSWERS --suite devqualityeval-v0.4.0 --data CHECKOUT --each model --results DIR
    python benchmarks/devqualityeval.py ANSWERS --results DIR

ANSWERS is a file of recorded answers, or several gzipped ones put one behind the other (`cat a.gz b.gz > c.gz`).
"""

import argparse
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

METRICS = (
    *("response-no-error", "response-not-empty", "response-with-code", "response-no-excess"),
    *("files-executed", "coverage-statement"),
)
NO_MODEL = "symflower/symbolic-execution"
"""A tool of the publisher's, whose files are not recorded."""

Key = tuple[str, str, int]


def main() -> None:
    """Print the table, the differences and the totals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("answers", type=Path)
    parser.add_argument("--results", type=Path, default=Path("results"))
    options = parser.parse_args()
    published, ours = dict(recorded(options.answers)), dict(measured(options.results))
    keys = [key for key in published if key in ours and key[0] != NO_MODEL]
    print(f"{len(keys)} answers; lacking: {sum(key not in ours for key in published)}\n")
    print("| metric | same | of | share |\n| --- | --- | --- | --- |")
    for metric in METRICS:
        same = sum(published[key]["published"][metric] == ours[key]["measures"].get(metric, 0.0) for key in keys)
        print(f"| `{metric}` | {same} | {len(keys)} | {same / len(keys):.2%} |")
    print()
    for key in keys:
        tell(key, published[key], ours[key])
    print()
    totals(keys, published, ours)


def recorded(path: Path) -> Iterator[tuple[Key, dict[str, Any]]]:
    """The published rows by model, problem and number."""
    counts: Counter[tuple[str, str]] = Counter()
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            pair = row["model"], row["repository"]
            yield (*pair, counts[pair]), row
            counts[pair] += 1


def measured(results: Path) -> Iterator[tuple[Key, dict[str, Any]]]:
    """Our executions by the same."""
    for run in sorted((results / "runs").iterdir()):
        model = json.loads((run / "run.json").read_text(encoding="utf-8"))["model"]["name"]
        for line in (run / "executions.jsonl").read_text(encoding="utf-8").splitlines():
            execution = json.loads(line)
            yield (model, execution["task_id"], execution["index"]), execution


def tell(key: Key, row: dict[str, Any], execution: dict[str, Any]) -> None:
    """A line for an answer of which some metric differs."""
    found = execution["measures"]
    differing = [f"{name} {row['published'][name]}" for name in METRICS if row["published"][name] != found.get(name, 0)]
    if differing:
        model, problem, number = key
        what = f"{execution['verdict'] or execution['failure']}: {' '.join(execution['detail'].split())[:160]}"
        print(f"{model} {problem} run {number + 1}: published {', '.join(differing)}; ours {what}")


def totals(keys: list[Key], published: dict[Key, dict[str, Any]], ours: dict[Key, dict[str, Any]]) -> None:
    """Points with coverage weighted 10, by model: how many have the published total, and which have not."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for key in keys:
        for place, found in enumerate((published[key]["published"], ours[key]["measures"])):
            sums[key[0]][place] += sum(found.get(metric, 0) for metric in METRICS)
            sums[key[0]][place] += 9 * found.get("coverage-statement", 0)
    different = {model: pair for model, pair in sums.items() if pair[0] != pair[1]}
    print(f"{len(sums) - len(different)} of {len(sums)} models have the published total.")
    for model, (theirs, own) in different.items():
        print(f"{model}: published {theirs:g}, ours {own:g}")


if __name__ == "__main__":
    main()
