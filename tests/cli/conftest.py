"""The command line, run as its users run it: in this process where that is fast, as a process where signals matter."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.cli import main


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str


Cli = Callable[..., Result]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Cli:
    """Run `harness ARGS` in this process, from an empty directory and without the user's own settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def run(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["harness", *arguments])
        capsys.readouterr()
        code: object = 0
        try:
            main()
        except SystemExit as left:
            code = left.code or 0
        captured = capsys.readouterr()
        return Result(code if isinstance(code, int) else 1, captured.out, captured.err)

    return run


def spawn(directory: Path, *arguments: str) -> "subprocess.Popen[str]":
    """Start `harness ARGS` as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "harness", *arguments],
        cwd=directory,
        env={**os.environ, "XDG_CONFIG_HOME": str(directory / "config")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
