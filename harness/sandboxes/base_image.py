"""The image that the sandbox's own is built on.

It is, in this order: the one the user names; one that the engine has; the public one, where a registry answers; one
made from this machine's own package sources by sandbox/build_base.sh. That of a language is named by what it is made
of, so that one with other packages is never taken for it.
"""

import hashlib
import io
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from docker import APIClient
from docker.errors import APIError, ImageNotFound

from harness.assets import asset
from harness.errors import MachineError
from harness.languages import ALL, packages_of

PUBLIC_BASE = "python:3.11-slim-bookworm"
LOCAL_BASES = "harness-base"
PUBLIC_LANGUAGE_BASE = "debian:bookworm-slim"
_LANGUAGE_BASES = "harness-language"

Progress = Callable[[str], None]


def silent(_: str) -> None:
    """A progress that nobody watches."""


def choose_base(api: APIClient, wanted: str | None, progress: Progress, language: str | None = None) -> str:
    """The name of a base image that the engine has, after pulling or making one where needed. Blocks.

    With a `language`: Debian with Python and that language's packages (harness/languages/), or those of all.

    Raises:
        MachineError: there is none to be had; the message says what was tried.
        docker.errors.DockerException, requests.exceptions.RequestException: the engine refused or is away.
    """
    if wanted:
        if not _is_local(api, wanted) and not _pull(api, wanted, progress):
            raise MachineError(f"There is no base image {wanted}, and it cannot be pulled.", base_hint())
        return wanted
    if language:
        return _language_base(api, language, progress)
    local: list[str] = [tag for image in api.images(LOCAL_BASES) for tag in image.get("RepoTags") or ()]
    for candidate in (PUBLIC_BASE, *sorted(local)):
        if _is_local(api, candidate):
            return candidate
    if _pull(api, PUBLIC_BASE, progress):
        return PUBLIC_BASE
    return _make_base(api, progress)


def _language_base(api: APIClient, name: str, progress: Progress) -> str:
    """One that the engine has; else the public Debian with the packages installed; else one of our own making."""
    own, packages = language_base(name), packages_of(name)
    for there in (own, language_base(ALL)):
        if _is_local(api, there):
            return there
    if _is_local(api, PUBLIC_LANGUAGE_BASE) or _pull(api, PUBLIC_LANGUAGE_BASE, progress):
        progress(f"installing {', '.join(packages)} into {PUBLIC_LANGUAGE_BASE}")
        return install(api, own, install_order(packages), progress)
    return _make_base(api, progress, own, packages)


def language_base(name: str) -> str:
    """`harness-language:go-` and twelve digits that stand for its packages and for how they are installed."""
    made_of = install_order(packages_of(name)).encode() + asset("sandbox", "build_base.sh").read_bytes()
    return f"{_LANGUAGE_BASES}:{name}-{hashlib.sha256(made_of).hexdigest()[:12]}"


def install_order(packages: tuple[str, ...], base: str = PUBLIC_LANGUAGE_BASE) -> str:
    """The Dockerfile that puts Debian packages, beside Python, into a public image."""
    return f"""FROM {base}
RUN mkdir -p /usr/share/man/man1 && apt-get update && apt-get install -y --no-install-recommends python3 \\
    {" ".join(packages)} && rm -rf /var/lib/apt/lists/*
"""


def install(api: APIClient, tag: str, order: str, progress: Progress) -> str:
    """Build a Dockerfile that needs no files, and return the image's `tag`. Blocks.

    Raises:
        MachineError: the build failed; the message holds its words.
        docker.errors.DockerException, requests.exceptions.RequestException: the engine refused or is away.
    """
    for event in api.build(fileobj=io.BytesIO(order.encode()), tag=tag, rm=True, forcerm=True, decode=True):
        if words := str(event.get("stream", "")).strip():
            progress(words)
        if "error" in event:
            raise MachineError(f"{tag} cannot be made: {str(event['error']).strip()}", "Name another: --base IMAGE.")
    return tag


def _is_local(api: APIClient, name: str) -> bool:
    try:
        api.inspect_image(name)  # type: ignore[no-untyped-call]
    except ImageNotFound:
        return False
    return True


def _pull(api: APIClient, name: str, progress: Progress) -> bool:
    progress(f"pulling {name}")
    try:
        for event in api.pull(name, stream=True, decode=True):
            if "error" in event:
                progress(str(event["error"]))
                return False
    except APIError as error:
        progress(f"{name} cannot be pulled: {error.explanation or error}")
        return False
    return _is_local(api, name)


def _make_base(
    api: APIClient, progress: Progress, name: str = f"{LOCAL_BASES}:python", packages: tuple[str, ...] = ()
) -> str:
    """Debian or Ubuntu with Python and `packages`, from the machine's own package sources."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise MachineError("No base image can be pulled or made here.", base_hint(packages))
    progress("making a base image from this machine's package sources")
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "base.tar"
        with archive.open("wb") as output:
            made = subprocess.run(
                ["bash", str(asset("sandbox", "build_base.sh")), *packages],
                stdout=output,
                stderr=subprocess.PIPE,
                check=False,
            )
        if made.returncode:
            words = made.stderr.decode("utf-8", "replace").strip()[-2000:]
            raise MachineError(f"No base image can be pulled, and making one failed: {words}", base_hint(packages))
        api.import_image_from_file(str(archive), repository=name)  # with its tag in it: Podman overlooks one beside it
    return name


def base_hint(packages: tuple[str, ...] = ()) -> str:
    """What a user can do who has no base image, or none with `packages`."""
    if packages:
        return (
            f"Name an image with Python 3.11 or later and the Debian packages {', '.join(packages)} "
            "(harness sandbox build --language NAME --base IMAGE)."
        )
    return (
        "Name an image with Python 3.11 or later (harness sandbox build --base NAME), or make one on Debian or Ubuntu: "
        f"sudo bash {asset('sandbox', 'build_base.sh')} | docker import - {LOCAL_BASES}:python"
    )
