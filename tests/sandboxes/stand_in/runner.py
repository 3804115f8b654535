"""A runner that judges nothing and misbehaves on request: the program is `WHEN:WHAT`, such as `later:wrong_nonce`.

WHEN is `always`, or `later` (in every job of a container but its first, so that a fresh container behaves).
"""

import json
import os
import struct
import sys
import time

READY = {"ready": True, "protocol": 1, "isolation": "namespaces", "python": "0.stand-in"}


def read() -> dict | None:
    head = sys.stdin.buffer.read(4)
    return json.loads(sys.stdin.buffer.read(struct.unpack(">L", head)[0])) if len(head) == 4 else None


def frame(message: dict) -> bytes:
    body = json.dumps(message).encode()
    return struct.pack(">L", len(body)) + body


def write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def grow() -> None:
    hoard = []
    while True:
        hoard.append(b"x" * 8_000_000)


def answer(job: dict, what: str) -> None:
    reply = {"id": job["id"], "nonce": job["nonce"], "verdict": "passed", "mode": "split"}
    reply |= {"detail": "", "output": "", "cpu_s": 0.0, "wall_s": 0.0}
    if what == "die":
        print("last words", file=sys.stderr, flush=True)
        os._exit(7)
    if what == "grow":
        grow()
    if what.startswith("sleep "):
        time.sleep(float(what.split()[1]))
    if what == "fault":
        reply = {"id": job["id"], "nonce": job["nonce"], "fault": "judge_died", "message": "killed"}
    if what == "stall":
        reply |= {"verdict": "timeout", "cpu_s": 0.0}
    if what == "wrong_nonce":
        reply["nonce"] = "f" * 16
    if what == "wrong_id":
        reply["id"] = "somebody else"
    if what == "not_json":
        write(struct.pack(">L", 3) + b"{]}")
        return
    if what == "no_verdict":
        del reply["verdict"]
    if what == "surrogate":
        reply["output"] = "\ud800"
    data = frame(reply)
    write(data[:-3] if what == "truncated" else data * (2 if what == "twice" else 1))


def main() -> None:
    write(frame(READY))
    count = 0
    while (job := read()) is not None:
        count += 1
        when, _, what = job["program"].partition(":")
        answer(job, what if when == "always" or (when == "later" and count > 1) else "")


main()
