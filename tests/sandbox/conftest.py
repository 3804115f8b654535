"""The modules of sandbox/ as tests see them, a judged sample without Docker, and the runner in a real container."""

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import docker
import pytest

from harness.assets import asset
from harness.sandboxes.image import ImageInfo
from tests.sandbox.driver import Runner

NAMES = (
    *("codec", "decoder", "digests", "frames", "ahead", "remote", "session", "oracles", "foreseen", "judge"),
    *("candidate", "verdicts", "seccomp", "meters", "rehearsal", "loose", "programs", "progress", "clocks", "replies"),
)


@pytest.fixture(scope="session")
def inside() -> Iterator[SimpleNamespace]:
    """The runner's modules by name; they import each other by plain names, as they do in the container."""
    folder = str(asset("sandbox"))
    sys.path.insert(0, folder)
    modules: dict[str, ModuleType] = {name: importlib.import_module(name) for name in NAMES}
    yield SimpleNamespace(**modules)
    sys.path.remove(folder)
    for name in NAMES:
        sys.modules.pop(name, None)


@pytest.fixture
def tried(inside: SimpleNamespace) -> Callable[..., tuple[str, str]]:
    """Judge a program against a test with the candidate in a child process: (the judge's word, its detail)."""

    def run(program: str, test: str, *, functions: str = "f", classes: str = "", setup: str = "") -> tuple[str, str]:
        check = {"setup": setup, "functions": functions.split(), "classes": classes.split(), "test": test}
        answer: list[tuple[str, str]] = []

        def judge(channel: Any) -> None:
            answer.append(inside.judge.judge(check, program, channel))

        def agent(channel: Any) -> None:
            null = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(null, descriptor)
            inside.candidate.Agent(channel).serve()

        inside.rehearsal._play(judge, agent)
        return answer[0]

    return run


@pytest.fixture(scope="session")
def runner(sandbox_image: ImageInfo) -> Iterator[Runner]:
    """One runner in one container for all tests: what one sample leaves behind, the next ones find."""
    client = docker.APIClient(timeout=60)
    with Runner(client, sandbox_image.id) as started:
        yield started
    client.close()
