"""A model provider on loopback that behaves as it is told: real HTTP, any fault, in a thread of its own.

    with Provider(status(429, retry_after="0"), answer("def f(): ...")) as provider:
        Model(..., base_url=provider.url)

The k-th POST gets the k-th behaviour and every later one gets `then`, an answer by default. A behaviour is a function
from the request's JSON to a `Reply`. GET answers /v1/models with `serves`, and /health, /version, /metrics as vLLM does
where `vllm=True`. Every request is kept in `requests`. Nothing but 127.0.0.1 is ever listened on.
"""

import asyncio
import json
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

Body = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """What goes over the wire.

    After `reset_after` bytes of the body the connection is reset, after `close_after` bytes it is closed in good
    manners, its content-length unfulfilled; `trickle_s` is the pause before each byte; `hang` sends nothing at all.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    trickle_s: float | None = None
    reset_after: int | None = None
    close_after: int | None = None
    hang: bool = False
    declare_length: bool = True


Behaviour = Callable[[Body], Reply]


@dataclass(frozen=True)
class Received:
    """One request as it came in; `body` is its JSON, empty for GET."""

    method: str
    path: str
    headers: dict[str, str]
    body: Body


def reply(**fields: Any) -> Behaviour:
    """The same reply to any request."""
    return lambda _: Reply(**fields)


def status(code: int, error: Any = "no", *, html: bool = False, **headers: str) -> Behaviour:
    """An error answer in OpenAI's shape; `error` is its message or the whole object, `retry_after="2"` a header."""
    detail = error if isinstance(error, dict) else {"message": error, "type": "test", "param": None, "code": None}
    body = f"<html><body><h1>{error}</h1></body></html>" if html else json.dumps({"error": detail})
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    kind = "text/html" if html else "application/json"
    return reply(status=code, body=body.encode(), headers={"content-type": kind, **names})


def answer(text: str | None = "ok", *, delay_s: float = 0.0, **changes: Any) -> Behaviour:
    """A right answer with `n` choices of the same text; `changes` replace top-level fields (None removes one)."""

    def behave(request: Body) -> Reply:
        body = {**answer_body(request, [text] * request.get("n", 1)), **changes}
        kept = {name: value for name, value in body.items() if value is not None}
        return Reply(body=json.dumps(kept).encode(), delay_s=delay_s)

    return behave


def message(text: str | None, **fields: Any) -> Behaviour:
    """An answer whose one message has further fields, such as `refusal` or `reasoning_content`."""

    def behave(request: Body) -> Reply:
        body = answer_body(request, [text])
        body["choices"][0]["message"] |= fields
        return Reply(body=json.dumps(body).encode())

    return behave


def choices(*given: Body, **changes: Any) -> Behaviour:
    """An answer with exactly these choices."""
    return answer(choices=list(given), **changes)


def choice(text: str | None, index: int = 0, finish_reason: str = "stop") -> Body:
    """One choice that holds for chat and for completions alike."""
    return {
        "index": index,
        "finish_reason": finish_reason,
        "message": {"role": "assistant", "content": text},
        "text": text,
    }


def answer_body(request: Body, texts: Sequence[str | None]) -> Body:
    """The JSON of a right answer: 10 tokens in, 5 out for each choice."""
    output = 5 * len(texts)
    return {
        "id": "cmpl-1",
        "object": "chat.completion",
        "created": 1700000000,
        "model": request.get("model"),
        "choices": [choice(text, index) for index, text in enumerate(texts)],
        "usage": {"prompt_tokens": 10, "completion_tokens": output, "total_tokens": 10 + output},
    }


class Provider:
    """The server; start and stop it with `with`."""

    def __init__(
        self, *script: Behaviour, then: Behaviour | None = None, serves: Sequence[str] = ("tiny",), vllm: bool = False
    ) -> None:
        self.script = script
        self.then = then or answer()
        self.serves = list(serves)
        self.vllm = vllm
        self.gets: dict[str, Reply] = {}
        self.requests: list[Received] = []
        self.most_at_once = 0
        self._now = 0
        self._posts = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        """The base URL to give to a client."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def posts(self) -> list[Received]:
        """The requests for completions."""
        return [received for received in self.requests if received.method == "POST"]

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went away, or the test is over
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        received = await _read(reader)
        self.requests.append(received)
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        try:
            return await _write(writer, self._reply(received))
        finally:
            self._now -= 1

    def _reply(self, received: Received) -> Reply:
        if received.method == "GET":
            return self.gets.get(received.path) or self._get(received.path)
        position, self._posts = self._posts, self._posts + 1
        behaviour = self.script[position] if position < len(self.script) else self.then
        return behaviour(received.body)

    def _get(self, path: str) -> Reply:
        cards = [{"id": name, "object": "model", "max_model_len": 2048} for name in self.serves]
        pages = {"/v1/models": json.dumps({"object": "list", "data": cards}).encode()}
        if self.vllm:
            pages |= {"/health": b"", "/version": b'{"version": "0.9.9"}', "/metrics": self._metrics().encode()}
        return Reply(body=pages[path]) if path in pages else Reply(status=404, body=b'{"detail": "Not Found"}')

    def _metrics(self) -> str:
        given = sum(10 * received.body.get("n", 1) for received in self.posts)  # vLLM counts a prompt once a sample
        output = sum(5 * received.body.get("n", 1) for received in self.posts)
        labels = f'{{engine="0",model_name="{self.serves[0]}"}}'
        return (
            f"# HELP vllm:prompt_tokens_total Number of prefill tokens.\n"
            f"# TYPE vllm:prompt_tokens_total counter\n"
            f"vllm:prompt_tokens_total{labels} {100 + given}.0\n"
            f"vllm:generation_tokens_total{labels} {50 + output}.0\n"
        )


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method, path, headers, json.loads(body) if body else {})


async def _write(writer: asyncio.StreamWriter, reply: Reply) -> bool:
    """Send `reply`; true where the connection may serve another request."""
    await asyncio.sleep(3600 if reply.hang else reply.delay_s)
    headers = {"content-type": "application/json", **reply.headers}
    headers |= {"content-length": str(len(reply.body))} if reply.declare_length else {"connection": "close"}
    lines = [f"HTTP/1.1 {reply.status} Status", *(f"{name}: {value}" for name, value in headers.items())]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    ends = [end for end in (reply.reset_after, reply.close_after) if end is not None]
    sent = reply.body[: min(ends)] if ends else reply.body
    if reply.trickle_s is None:
        writer.write(sent)
        await writer.drain()
    else:
        for byte in sent:
            await asyncio.sleep(reply.trickle_s)
            writer.write(bytes([byte]))
            await writer.drain()
    if reply.reset_after is not None:
        await asyncio.sleep(0.01)
        _reset(writer)
    return not ends and reply.declare_length


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN, as a crashed server or a dropped NAT entry does."""
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
