"""The candidate's side where commands build and run a program: writes files, runs the steps, hands out the results.

The first process of the candidate's PID namespace, with its user, limits and scratch disk; compilers and the program
are its children. Nothing here is trusted: what it says is compared with what only the judge knows (programs.py).

    judge   {"files": {name: text}, "steps": [{"command", "env"}], "results": name, "cpu_s": of the last step, "token"}
    here    {"step": number of the last step that ran, "status": its wait status, "cpu_s"}, then the results as they are

With a token the results are no file of that name: the last command reads the token from its standard input, and what it
writes to its standard output are the results. Nothing of either can be read again, by whatever that command runs.
"""

import json
import os
import resource
import signal
from typing import Any

from frames import Channel, TooLargeError

MAX_RESULTS = 8 << 20
_SPARE_CPU = 1
_CANNOT_RUN = 127
_SPOOL = ".report"


def serve(channel: Channel) -> None:
    """Build and run one program, and report."""
    for descriptor in (channel.reader, channel.writer):
        os.set_inheritable(descriptor, False)
    channel.send(b"ready")
    order = json.loads(channel.receive())
    for name, text in order["files"].items():
        _write(name, text)
    last = len(order["steps"]) - 1
    results, streams = _streams(order["token"]) if order["token"] else (order["results"], ())
    for number, step in enumerate(order["steps"]):
        status, cpu_s = _run(step, order["cpu_s"], streams) if number == last else _run(step)
        if status:
            break
    channel.send(json.dumps({"step": number, "status": status, "cpu_s": cpu_s}).encode(), _results(results))


def _write(name: str, text: str) -> None:
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    with open(name, "w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        file.write(text)


def _streams(token: str) -> tuple[int, tuple[int, int]]:
    """A file without a name, to be read here, and the two ends that the command gets: of the token and of that file."""
    writer = os.open(_SPOOL, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
    reader = os.open(_SPOOL, os.O_RDONLY)
    os.unlink(_SPOOL)
    token_reader, token_writer = os.pipe()
    os.write(token_writer, token.encode())
    os.close(token_writer)
    return reader, (token_reader, writer)


def _run(step: dict[str, Any], cpu_s: float = 0.0, streams: tuple[int, ...] = ()) -> tuple[int, float]:
    """One command from start to end: wait status, CPU seconds. `cpu_s` bounds it, where it is not 0.

    `streams` become its standard input and output.
    """
    process = os.fork()
    if process == 0:
        try:
            for place, stream in enumerate(streams):
                os.dup2(stream, place)
            for number in (signal.SIGPIPE, signal.SIGXFSZ):
                signal.signal(number, signal.SIG_DFL)  # Python ignores them, and a command would inherit that
            if cpu_s:
                resource.setrlimit(resource.RLIMIT_CPU, (int(cpu_s) + 1, int(cpu_s) + 1 + _SPARE_CPU))
            os.execvpe(step["command"][0], step["command"], {**os.environ, **step["env"]})
        except OSError as error:
            os.write(2, f"sandbox: {step['command'][0]}: {error}\n".encode())
        finally:
            os._exit(_CANNOT_RUN)
    _, status, usage = os.wait4(process, 0)
    return status, usage.ru_utime + usage.ru_stime


def _results(name: str | int) -> bytes:
    """What the program left as results, in a file or on a descriptor: nothing where it left none."""
    try:
        with open(name, "rb") as file:
            data = file.read(MAX_RESULTS + 1)
    except OSError:
        return b""
    if len(data) > MAX_RESULTS:
        raise TooLargeError("results too large")
    return data
