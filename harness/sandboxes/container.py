"""How the container of a cell is confined: pure functions from limits to the options of docker's `create_container`.

The runner inside makes the walls between samples (docs/sandbox.md); these options are the wall around all of it.
"""

import json
from dataclasses import dataclass
from typing import Any

from docker import APIClient
from docker.types import LogConfig, Ulimit

from harness.assets import asset
from harness.errors import MachineError
from harness.records import Limits

MIB = 1024 * 1024

_COMMAND = ["python3", "-I", "-B", "/harness/runner.py"]
_OWN_MEMORY_MB = 512  # judge, runner and the samples' files come on top of the program's own memory
_OWN_PROCESSES = 64
_TMPFS = f"rw,nosuid,nodev,noexec,mode=1777,size={64 * MIB}"


def seccomp_profile() -> str:
    """The system calls allowed inside, as the engine takes them: JSON on one line.

    Raises:
        MachineError: the profile is missing from this installation.
    """
    path = asset("sandbox", "seccomp.json")
    try:
        return json.dumps(json.loads(path.read_text(encoding="utf-8")), separators=(",", ":"))
    except (OSError, ValueError) as error:
        raise MachineError(f"{path} cannot be read: {error}.", "Reinstall harness.") from error


@dataclass(frozen=True)
class Terms:
    """How one engine is to be told: its security options, the options of a tmpfs, the OCI runtime (None: its own)."""

    security: list[str]
    tmpfs: str = _TMPFS
    runtime: str | None = None


def terms(product: str, info: dict[str, Any], runtime: str | None = None) -> Terms:
    """The terms of the engine that is a `product` and describes itself by `info`.

    Podman takes no seccomp profile but a file of its own machine, and no number of inodes for a tmpfs.

    Raises:
        MachineError: the engine has no such runtime, or the seccomp profile is missing from this installation.
    """
    known = info.get("Runtimes") or {}
    if runtime and known and runtime not in known:
        raise MachineError(
            f"The engine has no runtime {runtime}; it has {', '.join(sorted(known))}.",
            "Install it and make it known to the engine (docs/engines.md).",
        )
    podman = product.startswith("Podman")
    profile = str(asset("sandbox", "seccomp.json")) if podman else seccomp_profile()
    security = ["no-new-privileges", f"seccomp={profile}"]
    if any("apparmor" in option for option in info.get("SecurityOptions") or ()):
        # docker-default refuses every mount, also the ones that the runner makes in a sample's own user namespace.
        security.append("apparmor=unconfined")
    return Terms(security, _TMPFS if podman else f"{_TMPFS},nr_inodes=16384", runtime)


def create_options(api: APIClient, image: str, limits: Limits, terms: Terms, labels: dict[str, str]) -> dict[str, Any]:
    """The keyword arguments of `create_container` for a cell whose programs may use at most `limits`."""
    return {
        "image": image,
        "entrypoint": _COMMAND,
        "command": [],
        "user": "0:0",
        "hostname": "cell",
        "working_dir": "/",
        "environment": {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"},
        "stdin_open": True,
        "stop_signal": "SIGKILL",  # there is nothing to save inside: an engine that stops need not wait ten seconds
        "network_disabled": True,
        "labels": labels,
        "use_config_proxy": False,  # a proxy's address may hold a password
        "host_config": _host_config(api, limits, terms),
    }


def _host_config(api: APIClient, limits: Limits, terms: Terms) -> dict[str, Any]:
    memory = (limits.memory_mb + _OWN_MEMORY_MB) * MIB
    return api.create_host_config(
        network_mode="none",
        ipc_mode="private",
        shm_size=16 * MIB,
        read_only=True,
        log_config=LogConfig(type="none"),
        tmpfs={"/tmp": terms.tmpfs},  # noqa: S108  the container's own, not this machine's
        cap_drop=["ALL"],
        cap_add=["SETUID", "SETGID"],
        security_opt=terms.security,
        runtime=terms.runtime,
        mem_limit=memory,
        memswap_limit=memory,
        pids_limit=limits.processes + _OWN_PROCESSES,
        oom_score_adj=500,
        ulimits=[
            Ulimit(name=name, soft=value, hard=value)
            for name, value in (
                ("nofile", 1024),
                ("core", 0),
                ("fsize", limits.file_mb * MIB),
                ("memlock", 0),
                ("msgqueue", 0),
                ("sigpending", 256),
            )
        ],
    )
