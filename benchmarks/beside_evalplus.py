r"""How fast do we score HumanEval+ and MBPP+ beside EvalPlus, and do the two come to the same verdicts?

    python benchmarks/beside_evalplus.py --suites DIR --answers DIR --peers VENV \
        [--only REGEX] [--rounds 3] [--warm] [--out FILE]

`references` and the files DIR/humanevalplus/*.jsonl and DIR/mbpp/*.jsonl are judged by `evalplus.evaluate` and by
`harness score` in turn, the same file with the same number of workers. EvalPlus refuses a file that lacks a problem, so
of MBPP+ it is given those problems that a file has answers for.

A round is cold, then warm: each tool with an empty cache folder, then with what it left there (EvalPlus keeps expected
results; we keep nothing). EvalPlus's clock stops when its results are written: it then waits up to 20 s for a thread of
its own. Each round's seconds go to standard error, medians are printed; only ratios mean much. `--warm` leaves the cold
part out.

Where verdicts differ, EvalPlus judges these answers again: with nothing beside them, with 60 s for every input, and as
the programs that we put together of them. It goes by the wall clock and runs a solution as it is; this tells a busy
machine, a short limit and a missing import of the prompt's from another judgement.
"""

import argparse
import gzip
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple, Self

from harness.suites import load_suite
from harness.suites.extraction import assemble

WORKERS = os.cpu_count() or 1
PATIENCE_S = 60
TICK_S, STILL_S = 0.1, 1.0
PARTS = ("base", "all")


class Plus(NamedTuple):
    """One of the two suites, as either tool calls it and its data."""

    name: str
    data: str
    evalplus: str
    release: str
    override: str
    answers: str
    prefix: str


SUITES = [
    Plus(
        "humanevalplus",
        "HumanEvalPlus-OriginFmt.jsonl.gz",
        "humaneval",
        "HumanEvalPlus.jsonl.gz",
        "HUMANEVAL_OVERRIDE_PATH",
        "humanevalplus",
        "",
    ),
    Plus("mbppplus", "MbppPlus-OriginFmt.jsonl.gz", "mbpp", "MbppPlus.jsonl.gz", "MBPP_OVERRIDE_PATH", "mbpp", "Mbpp/"),
]

Key = tuple[str, int]
"""task_id and the place among the problem's own answers."""

Verdicts = dict[Key, tuple[bool, bool]]
"""Whether the base and all tests passed."""


def main() -> None:
    """Judge everything with both, print times, then verdicts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suites", type=Path, required=True)
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--peers", type=Path, required=True)
    parser.add_argument("--only", default="references|MapCoder|ldb-gpt")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--warm", action="store_true")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    found: list[dict[str, Any]] = []
    print("| suite | file | answers | round | EvalPlus, s | harness, s | times as fast |\n" + "| --- " * 7 + "|")
    for plus in SUITES:
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(plus, options, Path(folder))
            for name, rows in bench.files():
                if re.search(options.only, f"{plus.name}/{name}"):
                    found += bench.compare(name, rows)
    table(found)
    if options.out:
        options.out.write_text("".join(json.dumps(row) + "\n" for row in found), encoding="utf-8")


class Bench:
    """One suite in a folder for files that come and go."""

    def __init__(self, plus: Plus, options: argparse.Namespace, folder: Path) -> None:
        self.plus, self.options, self.folder = plus, options, folder
        release = gzip.decompress((options.suites / plus.release).read_bytes()).decode()
        self.release = {json.loads(line)["task_id"]: line for line in release.splitlines()}
        self.suite = load_suite(plus.name, data=options.suites / plus.data)
        self.cache, data = folder / "cache", folder / "release.jsonl"
        self.environment = {**os.environ, plus.override: str(data), "XDG_CACHE_HOME": str(self.cache)}

    def files(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Name and answers: the references, then each file of answers, less what the suite does not have."""
        problems = map(json.loads, self.release.values())
        yield (
            "references",
            [{"task_id": row["task_id"], "solution": row["prompt"] + row["canonical_solution"]} for row in problems],
        )
        for path in sorted((self.options.answers / self.plus.answers).glob("*.jsonl")):
            lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
            rows = [{**row, "task_id": f"{self.plus.prefix}{row['task_id']}"} for row in lines]
            yield path.stem, [row for row in rows if row["task_id"] in self.release]

    def compare(self, name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """A line for each round with its seconds; returns what each tool says of each answer."""
        samples = self.write(rows)
        times: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for way in (("warm",) if self.options.warm else ("cold", "warm")) * self.options.rounds:
            if way == "cold":
                shutil.rmtree(self.cache, ignore_errors=True)
            theirs_s, theirs = self.evalplus(samples)
            ours_s, ours = self.harness(samples)
            times[way].append((theirs_s, ours_s))
            print(f"{name}, {way}: EvalPlus {theirs_s:.1f} s, harness {ours_s:.1f} s", file=sys.stderr, flush=True)
        for way, pairs in times.items():
            theirs_s, ours_s = (statistics.median(column) for column in zip(*pairs, strict=True))
            ratio = statistics.median(slow / fast for slow, fast in pairs)
            figures = f"{theirs_s:.1f} | {ours_s:.1f} | {ratio:.2f}"
            print(f"| {self.plus.name} | {name} | {len(rows)} | {way} | {figures} |", flush=True)
        facts = [
            {"suite": self.plus.name, "file": name, "task_id": key[0], "index": key[1], **row, "part": part}
            | {"theirs": theirs[key][place], "ours": ours[key][place]}
            for key, row in keyed(rows)
            for place, part in enumerate(PARTS)
        ]
        self.explain([fact for fact in facts if fact["theirs"] != fact["ours"]])
        return facts

    def explain(self, differing: list[dict[str, Any]]) -> None:
        """What EvalPlus says of these answers one at a time, and with patience."""
        if differing:
            patience = ("--min-time-limit", str(PATIENCE_S))
            for way, rows, more in (
                ("alone", differing, ()),
                ("patient", differing, patience),
                ("assembled", [self.assembled(row) for row in differing], patience),
            ):
                _, verdicts = self.evalplus(self.write(rows), 1, *more)
                for (key, _), fact in zip(keyed(differing), differing, strict=True):
                    fact[way] = verdicts[key][PARTS.index(fact["part"])]

    def assembled(self, row: dict[str, Any]) -> dict[str, Any]:
        """An answer as the program that we make of it."""
        program = assemble(row.get("completion"), row.get("solution"), self.suite.problem(row["task_id"]))
        return {"task_id": row["task_id"], "solution": program.source or ""}

    def write(self, rows: list[dict[str, Any]]) -> Path:
        """A file of samples, and beside it the problems that they answer."""
        have = {row["task_id"] for row in rows}
        release = "".join(f"{line}\n" for task_id, line in self.release.items() if task_id in have)
        (self.folder / "release.jsonl").write_text(release, encoding="utf-8")
        path = self.folder / "samples.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    def evalplus(self, samples: Path, workers: int = WORKERS, *more: str) -> tuple[float, Verdicts]:
        """Seconds until the results are written, and what they are."""
        results = samples.with_name("samples_eval_results.json")
        results.unlink(missing_ok=True)
        python = str(self.options.peers / "bin" / "python")
        command = [python, "-m", "evalplus.evaluate", "--dataset", self.plus.evalplus, "--samples", str(samples)]
        with Watch() as watch:
            found = wait_for(results, [*command, "--parallel", str(workers), *more], self.environment)
        return watch.seconds, {
            (task_id, index): (row["base_status"] == "pass", row["base_status"] == row["plus_status"] == "pass")
            for task_id, rows in found["eval"].items()
            for index, row in enumerate(rows)
        }

    def harness(self, samples: Path) -> tuple[float, Verdicts]:
        """Seconds from start to end of the command, and its verdicts."""
        with tempfile.TemporaryDirectory() as results:
            data = self.options.suites / self.plus.data
            command = [sys.executable, "-m", "harness", "score", str(samples), "--suite", self.plus.name]
            places = ["--data", str(data), "--results", results, "--parallel", str(WORKERS)]
            with Watch() as watch:
                run([*command, *places, "--partial", "--quiet", "--json"], self.environment)
            [lines] = Path(results).glob("runs/*/executions.jsonl")
            rows = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
        return watch.seconds, {
            (row["task_id"], row["index"]): (row["verdict"] == "passed" or "base" in row["stages"], passed)
            for row in rows
            for passed in [row["verdict"] == "passed"]
        }


def keyed(rows: list[dict[str, Any]]) -> Iterator[tuple[Key, dict[str, Any]]]:
    """Each answer with its key."""
    count: Counter[str] = Counter()
    for row in rows:
        task_id = row["task_id"]
        yield (task_id, count[task_id]), {name: row[name] for name in ("solution", "completion") if name in row}
        count[task_id] += 1


def table(found: list[dict[str, Any]]) -> None:
    """How many verdicts agree in each file, then each that does not."""
    print("\n| suite | file | verdicts | same |\n" + "| --- " * 4 + "|")
    files: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for fact in found:
        files[fact["suite"], fact["file"]].append(fact["theirs"] == fact["ours"])
    for (suite, name), same in files.items():
        print(f"| {suite} | {name} | {len(same)} | {sum(same) / len(same):.2%} |")
    total = [fact["theirs"] == fact["ours"] for fact in found]
    print(f"| all | | {len(total)} | {sum(total) / len(total):.2%} |\n")
    for fact in found:
        if fact["theirs"] != fact["ours"]:
            words = {
                name: "pass" if fact[name] else "fail" for name in ("theirs", "alone", "patient", "assembled", "ours")
            }
            print(fact["suite"], fact["file"], fact["task_id"], fact["part"], words)


class Watch:
    """Seconds on the wall clock, less spells in which this process stood still: the machine was asleep, or we were."""

    def __enter__(self) -> Self:
        self._over, self._still_s, self._started = Event(), 0.0, time.monotonic()
        self._thread = Thread(target=self._tick)
        self._thread.start()
        return self

    def _tick(self) -> None:
        while not self._over.is_set():
            before = time.monotonic()
            self._over.wait(TICK_S)
            late = time.monotonic() - before - TICK_S
            self._still_s += late if late > STILL_S else 0.0

    def __exit__(self, *_: object) -> None:
        ended = time.monotonic()
        self._over.set()
        self._thread.join()
        self.seconds = ended - self._started - self._still_s


def wait_for(results: Path, command: list[str], environment: dict[str, str]) -> dict[str, Any]:
    """What a command has written as soon as it is there whole; the command is ended then."""
    with subprocess.Popen(
        command, env=environment, cwd=results.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while True:
            ended = process.poll() is not None
            try:
                found: dict[str, Any] = json.loads(results.read_text(encoding="utf-8"))
            except (FileNotFoundError, ValueError):
                if ended:
                    sys.exit(f"{command[:4]} wrote no results")
                time.sleep(TICK_S)
            else:
                process.kill()
                return found


def run(command: list[str], environment: dict[str, str]) -> None:
    """Run a command that must succeed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        sys.exit(f"{command[:4]}: {done.stderr[-500:]}")


if __name__ == "__main__":
    main()
