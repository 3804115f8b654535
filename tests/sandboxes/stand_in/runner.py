"""A runner that judges nothing and misbehaves on request: the program is `WHEN:WHAT`, such as `later:wrong_nonce`.

WHEN is `always`, `later` (in every job of a container but its first, so that a fresh container behaves) or `second` (in
the second job of a container only).
"""

import json
import os
import struct
import sys
import time

READY = {"ready": True, "protocol": 1, "isolation": "namespaces", "python": "0.stand-in"}


def read() -> dict | None:
    """The next job; None at the end."""
    head = sys.stdin.buffer.read(4)
    return json.loads(sys.stdin.buffer.read(struct.unpack(">L", head)[0])) if len(head) == 4 else None


def frame(message: dict) -> bytes:
    """A message as it crosses."""
    body = json.dumps(message).encode()
    return struct.pack(">L", len(body)) + body


def write(data: bytes) -> None:
    """Send it at once."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def grow() -> None:
    """Take memory until the kernel steps in."""
    hoard = []
    while True:
        hoard.append(b"x" * 8_000_000)


def answer(job: dict, what: str, count: int) -> None:
    """Answer a job, or do what the program asks instead."""
    reply = {"id": job["id"], "nonce": job["nonce"], "verdict": "passed", "mode": "split"}
    reply |= {"detail": "", "output": "", "cpu_s": 0.0, "wall_s": 0.0}
    if what == "die":
        os.write(2, b"last words\n")
        os._exit(7)
    if what == "grow":
        grow()
    if what.startswith("sleep "):
        time.sleep(float(what.split()[1]))
    if what == "fault":
        reply = {"id": job["id"], "nonce": job["nonce"], "fault": "judge_died", "message": "killed"}
    if what == "broken":
        reply = {"id": job["id"], "nonce": job["nonce"], "fault": "check_broken", "message": "no such name"}
    if what == "stall":
        reply |= {"verdict": "timeout", "cpu_s": 0.0}
    if what == "lack":
        reply["verdict"] = "out_of_memory"
    if what == "wrong_nonce":
        reply["nonce"] = "f" * 16
    if what == "wrong_id":
        reply["id"] = "somebody else"
    if what == "not_json":
        write(struct.pack(">L", 3) + b"{]}")
        return
    if what == "count":
        reply["detail"] = str(count)
    if what == "no_verdict":
        del reply["verdict"]
    if what == "surrogate":
        reply["output"] = "\ud800"
    data = frame(reply)
    write(data[:-3] if what == "truncated" else data * (2 if what == "twice" else 1))


def main() -> None:
    """Greet, then answer until the stream ends."""
    write(frame(READY))
    count = 0
    while (job := read()) is not None:
        count += 1
        when, _, what = job["program"].partition(":")
        due = {"always": True, "later": count > 1, "second": count == 2}
        answer(job, what if due.get(when) else "", count)


main()
