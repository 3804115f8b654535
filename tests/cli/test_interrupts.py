"""Ctrl-C outside a run; inside one see test_end_to_end.py and tests/faults/test_host.py."""

import signal
import subprocess
import sys
from pathlib import Path

# Python calls a finalizer at any time, while modules load many times, and only prints what is raised in one.
AT_A_BAD_MOMENT = """
import os, signal, sys

class Finalized:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        sum(range(1000))

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "harness.cli.cataloguing":
            Finalized()

from harness.cli import main
sys.meta_path.insert(0, Finder())
main()
"""


def test_ctrl_c_is_never_lost_while_modules_load(tmp_path: Path) -> None:
    """A whole paid run prevented: Ctrl-C at the wrong moment of the start was printed, and the command went on."""
    command = [sys.executable, "-c", AT_A_BAD_MOMENT, "models", "list"]
    ended = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == -signal.SIGINT, ended.stderr
    assert ended.stdout == ""
