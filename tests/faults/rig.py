"""A rig to disturb the real `harness` with: processes of it, what they recorded, the containers that are theirs."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from docker import APIClient

from harness.records import Execution
from harness.sandboxes.owner import PROCESS_LABEL, RUN_LABEL
from harness.store import RunDirectory

Verdicts = dict[tuple[str, int], str]
"""The verdict of each sample, by (task_id, index)."""

IMPATIENT = """
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)  # as the real command does before it loads anything
from harness.sandboxes import absence, cell
absence.BACK_S, cell._GRACE_S = float(sys.argv.pop(1)), float(sys.argv.pop(1))
from harness.cli import main
main()
"""
"""The real command with shorter waits, in seconds: for an engine that is away, and for a reply that is overdue."""

PATIENCE_S = 60.0


@dataclass(frozen=True)
class Material:
    """Samples with all ordinary verdicts, the data of their suite, and the verdict that each must get."""

    samples: Path
    data: Path
    verdicts: Verdicts

    def score(self, *more: str) -> list[str]:
        """The arguments that score them."""
        local = ["--data", str(self.data), "--allow-changed"]
        return ["score", str(self.samples), "--suite", "smoke", *local, "--partial", "--parallel", "3", *more]


class Harness:
    """One `harness` process in a folder of its own."""

    def __init__(
        self,
        folder: Path,
        arguments: list[str],
        env: Mapping[str, str] | None = None,
        back_s: float = 2.0,
        grace_s: float = 2.0,
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", IMPATIENT, str(back_s), str(grace_s), *arguments, "-q", "--json"],
            cwd=folder,
            env={**os.environ, "XDG_CONFIG_HOME": str(folder / "config"), **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.pid = self.process.pid
        self.out = self.err = ""

    def end(self) -> int:
        """Its exit code, once it has ended; `out` and `err` then hold what it said."""
        self.out, self.err = self.process.communicate(timeout=3 * PATIENCE_S)
        assert "Traceback" not in self.err, self.err
        return self.process.returncode

    def interrupt(self) -> None:
        """Ctrl-C: SIGINT to its process group."""
        os.killpg(self.pid, signal.SIGINT)

    def kill(self) -> None:
        """SIGKILL, and its end awaited."""
        self.process.kill()
        self.process.communicate(timeout=PATIENCE_S)

    @property
    def run(self) -> RunDirectory:
        """The one run in its folder."""
        [path] = (self.folder / "results" / "runs").glob("*")
        return RunDirectory(path)

    def recorded(self) -> int:
        """How many samples have a line in executions.jsonl."""
        found = list((self.folder / "results" / "runs").glob("*/executions.jsonl"))
        return sum(path.read_bytes().count(b"\n") for path in found)

    def wait_for(self, count: int) -> None:
        """Until so many samples have been judged."""
        wait_until(lambda: self.recorded() >= count or self.process.poll() is not None)
        assert self.process.poll() is None, f"it ended too early: {self.process.communicate()}"


def wait_until(condition: Callable[[], bool]) -> None:
    """Until it holds, a minute at most."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def verdicts_of(run: RunDirectory) -> Verdicts:
    """What a run recorded; a sample without exactly one verdict or failure is an error, a failure reads `failure`."""
    lines = [Execution.model_validate_json(line) for line in (run.path / "executions.jsonl").read_bytes().splitlines()]
    found = {(one.task_id, one.index): str(one.verdict or "failure") for one in lines}
    assert len(found) == len(lines), "a sample was judged twice"
    return found


def assert_no_lies(harness: Harness, truth: Verdicts) -> None:
    """Whatever is recorded is the true verdict or an explicit failure."""
    found = verdicts_of(harness.run)
    lies = {key: word for key, word in found.items() if word not in ("failure", truth[key])}
    assert lies == {}


def assert_whole(harness: Harness, truth: Verdicts) -> None:
    """It ended well, and every sample has exactly one verdict: the true one."""
    code = harness.end()
    assert verdicts_of(harness.run) == truth, harness.err
    assert code == 0, harness.err
    assert json.loads(harness.out)["coverage"] == 1.0


def containers_of(engine: APIClient, pid: int) -> list[str]:
    """The containers that a process made, running or not."""
    found = engine.containers(all=True, filters={"label": RUN_LABEL})
    return [one["Id"] for one in found if one["Labels"][PROCESS_LABEL].split()[0] == str(pid)]


def inhabitants(containers: list[str]) -> list[int]:
    """The processes of this machine that live in these containers, by their control group."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cgroup"):
        try:
            text = path.read_text(encoding="utf-8")
        except OSError:  # it has ended meanwhile
            continue
        if any(container in text for container in containers):
            found.append(int(path.parent.name))
    return found


def fill(ballast: Path) -> None:
    """Take all room that is left."""
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            continue
