"""PID 1 of a peer's container: runs the peer's command as an ordinary user, and says what became of it.

Standard input: {"files": {name: text}, "packages": [name], "command": [...], "environment": {}, "collect": [name],
"limit_s"}. Standard output: {"status", "hung", "left", "pwned", "files": {name: text}, "output"}. It is root, so no
program can touch it: what is lost, the peer lost itself.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import IO, Any

USER = 1000
HOME = Path("/home/peer")
SITE = Path("/peers")
OUTPUT_CHUNKS = 16
GRACE_S = 1.0


def main() -> None:
    """Run the command, wait for it, report."""
    job = json.load(sys.stdin)
    tail: deque[bytes] = deque(maxlen=OUTPUT_CHUNKS)
    process = start(job)
    threading.Thread(target=drain, args=(process.stdout, tail), daemon=True).start()
    try:
        status: int | None = process.wait(job["limit_s"])
    except subprocess.TimeoutExpired:
        status = None
    time.sleep(GRACE_S)
    left = [pid for pid in processes() if pid != process.pid]
    found = {name: (HOME / name).read_text("utf-8", "replace") for name in job["collect"] if (HOME / name).is_file()}
    report = {
        "status": status,
        "hung": status is None,
        "left": len(left),
        "pwned": Path("/tmp/PWNED-I20").exists(),
        "files": found,
        "output": b"".join(tail).decode("utf-8", "replace"),
    }
    json.dump(report, sys.stdout)


def start(job: dict[str, Any]) -> subprocess.Popen[bytes]:
    """The command in the user's home; the peer's own packages are the user's to write to, as in a user's venv."""

    def prepare() -> None:
        os.chdir(HOME)
        for name, text in job["files"].items():
            Path(name).write_text(text, encoding="utf-8")
        for name in job["packages"]:
            shutil.copytree(SITE / name, HOME / "site" / name)

    environment = {
        "HOME": str(HOME),
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": f"{HOME}/site:{SITE}",
        **job["environment"],
    }
    return subprocess.Popen(
        job["command"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        user=USER,
        group=USER,
        extra_groups=[],
        preexec_fn=prepare,  # noqa: PLW1509 (no thread runs yet)
        start_new_session=True,
    )


def drain(stream: IO[bytes] | None, tail: deque[bytes]) -> None:
    """Keep the end of what a flood may write."""
    while stream and (chunk := stream.read1(65536)):  # type: ignore[attr-defined]
        tail.append(chunk)


def processes() -> list[int]:
    """The user's processes that still run; a zombie does not."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and entry.stat().st_uid == USER and state(entry) not in "ZX":
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def state(entry: Path) -> str:
    """The letter of the process's state."""
    return (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0]


if __name__ == "__main__":
    main()
