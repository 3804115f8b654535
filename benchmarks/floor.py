"""The floor of speed: every program forked from a warm interpreter and run with its tests, no isolation.

    python benchmarks/floor.py SAMPLES.jsonl WORKERS LIMIT_S      SAMPLES: {"source", "passes"} a line

`source` is a program with its tests, `passes` whether they should pass; an alarm ends what runs for LIMIT_S seconds.
Prints one JSON object: samples, wall_s, cpu_s, wrong (verdicts). Its own file, since nothing of ours may be imported in
the process that forks.
"""

import gc
import importlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

WARM = (
    *(
        "bisect",
        "collections",
        "copy",
        "datetime",
        "decimal",
        "fractions",
        "functools",
        "hashlib",
        "heapq",
        "itertools",
    ),
    *("math", "operator", "random", "re", "statistics", "string", "typing"),
)


def main() -> None:
    """Fork the workers, wait, print."""
    samples = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    workers, limit_s = int(sys.argv[2]), int(sys.argv[3])
    for name in WARM:
        importlib.import_module(name)
    gc.freeze()
    started = time.monotonic()
    processes = [fork(lambda part=part: work(part, limit_s)) for part in (samples[n::workers] for n in range(workers))]
    wrong = sum(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in processes)
    wall, used = time.monotonic() - started, os.times()
    cpu = used.children_user + used.children_system
    print(json.dumps({"samples": len(samples), "wall_s": wall, "cpu_s": cpu, "wrong": wrong}))


def work(samples: list[dict[str, Any]], limit_s: int) -> int:
    """Run each sample in a fork of its own; how many verdicts are wrong."""
    return sum(passes(sample["source"], limit_s) != sample["passes"] for sample in samples)


def passes(source: str, limit_s: int) -> bool:
    """Whether the tests passed in time."""
    return os.waitpid(fork(lambda: run(source, limit_s)), 0)[1] == 0


def run(source: str, limit_s: int) -> int:
    """0 if the tests passed."""
    signal.alarm(limit_s)
    try:
        exec(source, {"__name__": "program"})
    except BaseException:
        return 1
    return 0


def fork(body) -> int:  # type: ignore[no-untyped-def]
    """The PID of a child that runs `body` and leaves with what it returns."""
    process = os.fork()
    if process == 0:
        os._exit(min(255, body()))
    return process


if __name__ == "__main__":
    main()
