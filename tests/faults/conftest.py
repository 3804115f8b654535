"""What the tests of faults share: samples, how to launch a harness that must leave nothing behind, engines."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from docker import APIClient

from harness.assets import asset
from harness.sandboxes.engine import connect
from harness.sandboxes.image import ImageInfo
from tests.faults.rig import Harness, Material, Verdicts, assert_whole, containers_of

SLOWLY = "import time\n\ntime.sleep(0.1)\n\n\n"
LIMITS = {"cpu_s": 2, "wall_s": 3}
ORDINARY = ("failed", "error", "compile_error")
PROBLEMS = 12

Launch = Callable[..., Harness]


@pytest.fixture(scope="session")
def material(tmp_path_factory: pytest.TempPathFactory, sandbox_image: ImageInfo) -> Material:
    """Two samples a problem: the reference, which passes, and a known-bad program; each takes a moment.

    What an undisturbed run makes of them is what the suite says of them; that is seen to once.
    """
    folder = tmp_path_factory.mktemp("material")
    rows = [json.loads(line) for line in (asset("suites") / "smoke" / "problems.jsonl").read_bytes().splitlines()]
    samples, verdicts = [], Verdicts()
    for row in rows[:PROBLEMS]:
        bad = next(wrong for wrong in row["wrong"] if wrong["verdict"] in ORDINARY)
        good = {"program": row["prompt"] + row["canonical_solution"], "verdict": "passed"}
        for index, sample in enumerate((good, bad)):
            samples.append({"task_id": row["task_id"], "solution": SLOWLY + sample["program"]})
            verdicts[row["task_id"], index] = sample["verdict"]
    data = [row | {"limits": LIMITS} for row in rows]
    found = Material(_written(folder / "samples.jsonl", samples), _written(folder / "data.jsonl", data), verdicts)
    assert_whole(Harness(folder / "undisturbed", found.score()), verdicts)
    return found


def _written(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def engine() -> Iterator[APIClient]:
    """The machine's engine."""
    with closing(connect()) as api:
        yield api


@pytest.fixture
def launch(tmp_path: Path, engine: APIClient) -> Iterator[Launch]:
    """Start `harness` processes; when the test ends, none of them, no container and no process in one may be left."""
    started: list[Harness] = []

    def start(arguments: list[str], folder: str = "run", **options: Any) -> Harness:
        started.append(Harness(tmp_path / folder, arguments, **options))
        return started[-1]

    yield start
    alive = [harness.pid for harness in started if harness.process.poll() is None]
    for harness in started:
        harness.kill()
    assert alive == []
    assert [containers_of(engine, harness.pid) for harness in started] == [[] for _ in started]


@pytest.fixture
def needs_root() -> None:
    """Some faults take a user who may kill another's processes and mount disks."""
    if os.geteuid() != 0:
        pytest.skip("only root can bring this fault about")
