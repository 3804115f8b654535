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


CHANGES = {
    "fault": {"verdict": None, "fault": "judge_died", "message": "killed"},
    "broken": {"verdict": None, "fault": "check_broken", "message": "no such name"},
    "stall": {"verdict": "timeout", "by_wall": True},
    "lack": {"verdict": "out_of_memory"},
    "wrong_nonce": {"nonce": "f" * 16},
    "wrong_id": {"id": "somebody else"},
    "no_verdict": {"verdict": None},
    "surrogate": {"output": "\ud800"},
}


def reply_to(job: dict, what: str, count: int) -> bytes:
    """A passed job, or what the program asks for instead."""
    reply = {"id": job["id"], "nonce": job["nonce"], "verdict": "passed", "mode": "split", "detail": str(count)}
    reply |= {"output": "", "cpu_s": 0.0, "wall_s": 0.0} | CHANGES.get(what, {})
    data = frame({key: value for key, value in reply.items() if value is not None})
    return {"not_json": struct.pack(">L", 3) + b"{]}", "truncated": data[:-3], "twice": data * 2}.get(what, data)


def misbehave(what: str) -> None:
    """Whatever comes before the answer, or instead of it."""
    if what == "die":
        os.write(2, b"last words\n")
        os._exit(7)
    if what == "close":
        os.close(1)
        os.close(2)
    if what in ("close", "silent"):
        time.sleep(60)
    if what == "garbage":
        write(os.urandom(4000))
    if what == "grow":
        grow()
    if what.startswith("sleep "):
        time.sleep(float(what.split()[1]))


def main() -> None:
    """Greet, then answer until the stream ends."""
    write(frame(READY))
    count = 0
    while (job := read()) is not None:
        count += 1
        when, _, what = job["program"].partition(":")
        due = {"always": True, "later": count > 1, "second": count == 2}
        what = what if due.get(when) else ""
        misbehave(what)
        write(reply_to(job, what, count))


main()
