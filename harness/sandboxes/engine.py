"""The Docker engine: how it is reached, what it says when it cannot be, and its blocking calls made awaitable."""

import errno
import shutil
import socket
from collections.abc import Callable
from functools import partial
from typing import Any, ParamSpec, TypeVar

import anyio
from anyio import to_thread
from docker import APIClient
from docker.errors import APIError, DockerException
from docker.utils import parse_host
from requests.exceptions import RequestException

from harness.errors import MachineError
from harness.sandboxes.address import Address, locate

P = ParamSpec("P")
T = TypeVar("T")

ENGINE_ERRORS = (DockerException, RequestException)
"""Whatever the docker package raises; a `docker.errors.NotFound` among them is an answer, not an absence."""

_CALL_TIMEOUT_S = 60
_CALLS_AT_ONCE = 64
_PING_S = 0.5
_ANSWER_S = 5
_UNIX = "http+unix://"


def connect(
    host: str | None = None, *, connections: int = _CALLS_AT_ONCE, timeout_s: int = _CALL_TIMEOUT_S
) -> APIClient:
    """A client of the engine at `host`, or of the one that docker's own settings name (address.py). Blocks.

    Args:
        host: where the engine is.
        connections: how many it keeps.
        timeout_s: how long the engine may think about a call.

    Raises:
        MachineError: no engine answers there; the hint says what to do about it.
    """
    address = locate(host)
    try:
        knock(address, timeout_s)
        return APIClient(
            version="auto",
            timeout=timeout_s,
            max_pool_size=connections,
            base_url=address.url,
            tls=address.tls or False,
        )
    except (*ENGINE_ERRORS, OSError, ValueError) as error:
        raise no_engine(error, address) from error


def knock(address: Address, timeout_s: int) -> None:
    """Connect to the engine's Unix socket, where it has one, and hang up: the docker package leaks one it cannot reach.

    Raises:
        OSError: there is no such socket, nobody listens, or this user may not use it.
    """
    url = str(parse_host(address.url))  # its stub says bytes
    if url.startswith(_UNIX):
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(timeout_s)
            door.connect(url.removeprefix(_UNIX))


def no_engine(error: BaseException, address: Address) -> MachineError:
    """What to tell a user whose engine does not answer: not installed, not running, or not permitted."""
    cause = _system_error(error)
    if address.name:
        return MachineError(
            f"No Docker engine answers at {address.name}: {cause or error}.",
            "Correct or unset that, or start the engine there. " + _NEVER_LOCAL,
        )
    if cause is not None and cause.errno in (errno.EACCES, errno.EPERM):
        return MachineError(
            "The Docker engine is there, but this user may not use it (permission denied).",
            "Join its group (sudo usermod -aG docker $USER, then log in again), or run as root. " + _NEVER_LOCAL,
        )
    if shutil.which("dockerd") or shutil.which("docker"):
        return MachineError(
            f"Docker is installed, but its engine is not running: {cause or error}.",
            "Start it (sudo systemctl start docker; without systemd: sudo dockerd &). " + _NEVER_LOCAL,
        )
    return MachineError(
        f"There is no Docker engine on this machine: {cause or error}.",
        "Install one (Debian, Ubuntu: sudo apt-get install docker.io; then start dockerd), "
        "or set DOCKER_HOST to an engine elsewhere. " + _NEVER_LOCAL,
    )


_NEVER_LOCAL = "Programs are never run outside a sandbox."


def _system_error(error: BaseException) -> OSError | None:
    """The operating system's own error below the wrappers of docker, requests and urllib3, if there is one."""
    pending: list[Any] = [error]
    for _ in range(20):
        if not pending:
            return None
        current = pending.pop(0)
        if isinstance(current, OSError) and current.errno and not isinstance(current, RequestException):
            return current
        pending += [current.__cause__, current.__context__, *getattr(current, "args", ())]
        pending = [one for one in pending if isinstance(one, BaseException)]
    return None


def trouble(error: BaseException, address: Address) -> MachineError:
    """What to tell a user whose engine failed at a call that every run needs: it is away, or it refused."""
    if away(error):
        return no_engine(error, address)
    return MachineError(f"The Docker engine refused: {error}.", "Its own log says more; harness doctor checks it.")


def away(error: BaseException) -> bool:
    """True where `error` says that nobody answered, false where the engine answered with a refusal."""
    return isinstance(error, RequestException) and not isinstance(error, APIError)


class Engine:
    """A connected engine. `api` may be used from worker threads; `call` does so."""

    def __init__(self, api: APIClient, host: str | None) -> None:
        self.api = api
        self.address = locate(host)
        self._host = host
        self.info: dict[str, Any] = {}
        self.product = ""
        self._limiter = anyio.CapacityLimiter(_CALLS_AT_ONCE)

    @classmethod
    async def open(cls, host: str | None = None) -> "Engine":
        """Connect, and ask the engine about itself.

        Raises:
            MachineError: no engine answers.
        """
        engine = cls(await to_thread.run_sync(connect, host), host)
        try:
            engine.info = await engine.call(engine.api.info)
            engine.product = product(await engine.call(engine.api.version, api_version=False))
        except ENGINE_ERRORS as error:
            engine.close()
            raise trouble(error, engine.address) from error
        return engine

    async def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a blocking call of the docker package on a worker thread."""
        return await to_thread.run_sync(partial(function, *args, **kwargs), limiter=self._limiter)

    async def back(self, within_s: float) -> bool:
        """True as soon as the engine answers; false where it has not within `within_s` seconds."""
        with anyio.move_on_after(within_s):
            while True:
                try:
                    (await self.call(connect, self._host, connections=1, timeout_s=_ANSWER_S)).close()
                except MachineError:
                    await anyio.sleep(_PING_S)
                else:
                    return True
        return False

    def close(self) -> None:
        """Drop the connections."""
        self.api.close()


def product(version: dict[str, Any]) -> str:
    """Whose engine it is, from what it says of its version: "Docker", "Podman Engine"."""
    components = version.get("Components") or [{}]
    name = str(components[0].get("Name") or "Engine")
    return "Docker" if name == "Engine" else name
