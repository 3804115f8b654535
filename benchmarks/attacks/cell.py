"""A throw-away container for a peer: what runs hostile programs unprotected never runs on this machine itself.

One container per batch: no network, read-only, bounded in memory, processes and disk, no capability left to the peer.
Its image is the sandbox's own, so peers and we use the same interpreter; the peer's packages come from its virtual
environment, mounted read-only. The environment holds one canary for a key and nothing of ours.
"""

import gzip
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from harness.sandboxes.image import find_image

Row = dict[str, Any]

LIMIT_S = 150
SECURITY = (
    *(
        "--network",
        "none",
        "--read-only",
        "--log-driver",
        "none",
        "--pull",
        "never",
        "--security-opt",
        "no-new-privileges",
    ),
    *("--cap-drop", "ALL", "--cap-add", "SETUID", "--cap-add", "SETGID", "--cap-add", "KILL"),
    *("--memory", "3g", "--memory-swap", "3g", "--pids-limit", "16384", "--ulimit", "core=0", "--shm-size", "64m"),
    *("--tmpfs", "/tmp:exec,size=256m,mode=1777", "--tmpfs", "/home/peer:exec,size=256m,uid=1000,gid=1000"),
)


def run(site: Path, command: list[str], files: dict[str, str], collect: list[str], **more: Any) -> Row:
    """Run a peer's command on the files; the report of inside.py.

    `site` is the site-packages folder with the peer; `more`: packages to copy where the programs can write to them
    (`packages`), variables (`environment`).
    """
    name = f"harness-peer-{uuid.uuid4().hex[:12]}"
    key = {"OPENAI_API_KEY": os.environ.get("OPENAI_API_KEY", "")}
    job = {"files": files, "command": command, "collect": collect, "limit_s": LIMIT_S, "packages": [], **more}
    job["environment"] = key | more.get("environment", {})
    driver = Path(__file__).with_name("inside.py").read_text(encoding="utf-8")
    mounts = ["--volume", f"{site.resolve()}:/peers:ro"]
    start = ["docker", "run", "--rm", "--interactive", "--name", name, "--entrypoint", "python3", *SECURITY, *mounts]
    try:
        done = subprocess.run(
            [*start, find_image().tag, "-I", "-c", driver],
            input=json.dumps(job).encode(),
            capture_output=True,
            check=False,
            timeout=LIMIT_S + 20,
        )
    finally:
        subprocess.run(["docker", "rm", "--force", name], capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"The container of a peer failed, not the peer: {done.stderr.decode()}")
    report: Row = json.loads(done.stdout)
    return report


def problems(path: Path, wanted: Iterable[str]) -> list[Row]:
    """The wanted problems of a compressed JSONL file."""
    ids = set(wanted)
    rows = map(json.loads, gzip.decompress(path.read_bytes()).decode().splitlines())
    return [row for row in rows if row["task_id"] in ids]


def jsonl(rows: Iterable[Row]) -> str:
    """One JSON object a line."""
    return "".join(json.dumps(row) + "\n" for row in rows)


def write(path: Path, rows: Iterable[Row], report: Row) -> None:
    """The verdicts, then what the container showed besides."""
    evidence = [line[:300] for line in report["output"].splitlines() if "HK-EVIDENCE" in line or "LEAK" in line]
    meta = {name: report[name] for name in ("status", "left")} | {"hang": report["hung"], "evidence": evidence}
    notes = {"meta": meta, "post": {"pwned": report["pwned"]}, "end": report["output"][-300:]}
    path.write_text(jsonl(rows) + jsonl([notes]), encoding="utf-8")
