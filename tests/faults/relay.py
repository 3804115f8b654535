"""The engine's socket under another path, in the test's hands: cut, restored, and what containers say spoiled."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_ENGINE = "/var/run/docker.sock"
_CHUNK = 1 << 16

Spoil = Callable[[bytes], bytes]


class Link:
    """One connection of a client's, and ours to the engine on its behalf."""

    def __init__(self, client: socket.socket, engine: socket.socket) -> None:
        self.client = client
        self.engine = engine
        self.attached = False

    def close(self) -> None:
        """Hang up both."""
        for one in (self.client, self.engine):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


class Relay:
    """Carries an engine's connections as a context manager; `url` is what DOCKER_HOST is to say."""

    def __init__(self, path: Path, engine: str = _ENGINE) -> None:
        self.url = f"unix://{path}"
        self._path = path
        self._engine = engine
        self._links: list[Link] = []
        self._spoil: list[Spoil] = []
        self.spoiled = 0

    def __enter__(self) -> "Relay":
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def up(self) -> None:
        """Accept connections from now on."""
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(str(self._path))
        self._door.listen(64)
        threading.Thread(target=self._accept, args=(self._door,), daemon=True).start()

    def down(self) -> None:
        """Cut every connection and accept no other."""
        if self._path.exists():
            self._path.unlink()
            self._door.shutdown(socket.SHUT_RDWR)
            self._door.close()
        for link in self._links:
            link.close()
        self._links.clear()

    def spoil(self, change: Spoil) -> None:
        """Pass the next reply to a job, whichever container gives it, through `change`."""
        self._spoil.append(change)

    def swap(self) -> None:
        """Exchange what two attached clients hear and say: each has the other's container from now on."""
        one, other = [link for link in self._links if link.attached][:2]
        one.engine, other.engine = other.engine, one.engine

    def _accept(self, door: socket.socket) -> None:
        while True:
            try:
                client = door.accept()[0]
            except OSError:
                return
            engine = socket.socket(socket.AF_UNIX)
            engine.connect(self._engine)
            link = Link(client, engine)
            self._links.append(link)
            threading.Thread(target=self._ask, args=(link,), daemon=True).start()
            threading.Thread(target=self._answer, args=(engine,), daemon=True).start()

    def _ask(self, link: Link) -> None:
        """From the client to whichever container is its own now."""
        while data := _read(link.client):
            link.attached = link.attached or b"/attach?" in data
            _write(link.engine, data)
        _write_end(link.engine)

    def _answer(self, engine: socket.socket) -> None:
        """From one container, or the engine itself, to whichever client is its own now."""
        while data := _read(engine):
            link = next((one for one in self._links if one.engine is engine), None)
            if link is None:
                return
            if link.attached and self._spoil and b'"verdict"' in data:
                data = self._spoil.pop()(data)
                self.spoiled += 1
            _write(link.client, data)
        for link in self._links:
            if link.engine is engine:
                link.close()


def _read(connection: socket.socket) -> bytes:
    try:
        return connection.recv(_CHUNK)
    except OSError:
        return b""


def _write(connection: socket.socket, data: bytes) -> None:
    with suppress(OSError):  # whoever is gone hears nothing
        connection.sendall(data)


def _write_end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
