"""What `harness doctor` looks at."""

import os
import platform
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import typer

from harness import __version__
from harness.errors import HarnessError
from harness.models import all_models
from harness.sandboxes.image import find_image
from harness.settings import load_settings
from harness.suites import load_suite, suite_names

ENOUGH_DISK_GB = 2.0


def diagnose() -> bool:
    """Print a line a finding; False where something that every eval needs is missing."""
    typer.echo(f"harness {__version__}, Python {platform.python_version()}, {os.cpu_count()} cores")
    hosts: tuple[str | None, ...] = load_settings().sandbox.hosts or (None,)
    needed = [_finding("sandbox" + (f" at {host}" if host else ""), partial(_sandbox, host)) for host in hosts]
    needed.append(_finding("disk", _disk))
    for name in suite_names():
        _finding(f"suite {name}", lambda name=name: _suite(name))  # type: ignore[misc]
    _finding("keys", _keys)
    return all(needed)


def _finding(title: str, look: Callable[[], str]) -> bool:
    try:
        typer.echo(f"[ ok ] {title}: {look()}")
    except HarnessError as error:
        typer.echo(f"[miss] {title}: {error}")
        return False
    return True


def _sandbox(host: str | None) -> str:
    return f"the engine answers and has {find_image(host=host).tag}"


def _disk() -> str:
    free = shutil.disk_usage(Path()).free / 1e9
    if free < ENOUGH_DISK_GB:
        raise HarnessError(f"only {free:.1f} GB free in the working directory.", "Make room for results.")
    return f"{free:.0f} GB free"


def _suite(name: str) -> str:
    suite = load_suite(name, settings=load_settings())
    return f"{len(suite.problems)} problems from {suite.origin}"


def _keys() -> str:
    wanted = sorted({model.api_key_env for model in all_models(load_settings()) if model.api_key_env})
    have = [name for name in wanted if os.environ.get(name)]
    return f"{', '.join(have) or 'none'} set; the catalogue also knows {', '.join(sorted(set(wanted) - set(have)))}"
