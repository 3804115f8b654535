"""The floor of speed: every program forked from a warm interpreter and run with its tests, no isolation.

    python benchmarks/floor.py SAMPLES.jsonl WORKERS      SAMPLES: {"source": program and tests} a line

Prints one JSON object: samples, wall_s, cpu_s, failed. Its own file, since nothing of ours may be imported in the
process that forks.
"""

import gc
import importlib
import json
import os
import sys
import time
from pathlib import Path

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
    sources = [json.loads(line)["source"] for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    workers = int(sys.argv[2])
    for name in WARM:
        importlib.import_module(name)
    gc.freeze()
    started = time.monotonic()
    processes = [fork(lambda part=part: work(part)) for part in (sources[n::workers] for n in range(workers))]
    failed = sum(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in processes)
    wall, used = time.monotonic() - started, os.times()
    cpu = used.children_user + used.children_system
    print(json.dumps({"samples": len(sources), "wall_s": wall, "cpu_s": cpu, "failed": failed}))


def work(sources: list[str]) -> int:
    """Run each source in a fork of its own; how many failed."""
    return sum(os.waitpid(fork(lambda source=source: run(source)), 0)[1] != 0 for source in sources)


def run(source: str) -> int:
    """0 if the tests passed."""
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
