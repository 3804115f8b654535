"""Where the engine is: the one that the caller names, else the one that docker's own settings name.

Docker's settings count as they do for its command line: DOCKER_CONTEXT before DOCKER_HOST, that before the context in
use (`docker context use`), that before the local socket. DOCKER_TLS_VERIFY and DOCKER_CERT_PATH hold for every tcp://
address but a context's, which has certificates of its own.
"""

import os
from dataclasses import dataclass
from typing import Any

from docker.constants import DEFAULT_UNIX_SOCKET
from docker.context import ContextAPI
from docker.errors import DockerException
from docker.utils import kwargs_from_env

from harness.errors import MachineError


@dataclass(frozen=True)
class Address:
    """An engine's URL, the TLS settings of docker's client, and its name in messages ("" for the local default)."""

    url: str
    tls: Any = None
    name: str = ""


_LOCAL = Address(DEFAULT_UNIX_SOCKET)


def locate(host: str | None = None) -> Address:
    """The address of the engine `host` (a URL as DOCKER_HOST takes it), or of the one that docker's settings name.

    Raises:
        MachineError: no such context, unreadable certificates, or an address over ssh://.
    """
    try:
        address = _named(host) or _by_context("DOCKER_CONTEXT") or _by_environment() or _by_context("") or _LOCAL
    except DockerException as error:
        raise MachineError(
            f"Docker's settings cannot be used: {error}.", "Correct or unset DOCKER_TLS_VERIFY."
        ) from error
    if address.url.startswith("ssh://"):
        raise MachineError(
            f"{address.name}: an engine over ssh:// is not supported.",
            "Forward its socket (ssh -L /tmp/docker.sock:/var/run/docker.sock HOST) and name that one.",
        )
    return address


def _named(host: str | None) -> Address | None:
    return Address(host, kwargs_from_env().get("tls"), host) if host else None


def _by_environment() -> Address | None:
    settings = kwargs_from_env()
    url = settings.get("base_url")
    return Address(url, settings.get("tls"), f"DOCKER_HOST={url}") if url else None


def _by_context(variable: str) -> Address | None:
    """The context that a variable of the environment names, or (no variable) the one in use."""
    name = os.environ.get(variable)
    if variable and not name:
        return None
    context = ContextAPI.get_context(name)
    if context is None:
        raise MachineError(f"There is no docker context {name or 'as the one in use'}.", "See: docker context ls")
    if context.Name == "default" or not context.Host:
        return None
    return Address(context.Host, context.TLSConfig, f"the docker context {context.Name} ({context.Host})")
