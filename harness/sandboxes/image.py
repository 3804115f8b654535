"""The sandbox's image: named by the digest of what it is built from, so that a stale one is never used.

An image whose label names the digest of this version's build context is current, whatever base it was built on.
"""

import hashlib
import io
import tarfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from docker import APIClient
from docker.errors import ImageNotFound

from harness.assets import asset
from harness.errors import MachineError
from harness.languages import language as row_of
from harness.records import Record
from harness.sandboxes.address import locate
from harness.sandboxes.base_image import PUBLIC_BASE, Progress, choose_base, silent
from harness.sandboxes.engine import ENGINE_ERRORS, connect, trouble

REPOSITORY = "harness-sandbox"
CONTEXT_LABEL = "harness.context"
BASE_LABEL = "harness.base"


class ImageInfo(Record):
    """An image that is there: its tag, the engine's content id, what it was built on and from."""

    tag: str
    id: str
    base: str = ""
    context: str = ""


_RUNNER = b"COPY *.py /harness/\n"
_LANGUAGE = b"""# The language's own part (harness/languages/): what builds and runs its programs, prepared once.
COPY language /opt/language
RUN sh /opt/language/warm.sh && chmod -R a-w,a+rX /opt/language
"""


def context_files(folder: Path | None = None, language: str | None = None) -> dict[str, bytes]:
    """What goes into the image, by name: Dockerfile, the runner's modules, the seccomp profile, a language's files.

    Raises:
        UserError: no such language.
        MachineError: the folder lacks them.
    """
    folder = folder or asset("sandbox")
    paths = [folder / "Dockerfile", folder / "seccomp.json", *folder.glob("*.py")]
    try:
        files = {path.name: path.read_bytes() for path in sorted(paths)}
        if language is None:
            return files
        packages = row_of(language).packages
        own = sorted((folder / "languages" / language).iterdir())
        files |= {f"language/{path.name}": path.read_bytes() for path in own}
        files["language/packages"] = "".join(f"{package}\n" for package in packages).encode()
        return {**files, "Dockerfile": files["Dockerfile"].replace(_RUNNER, _LANGUAGE + _RUNNER)}
    except OSError as error:
        raise MachineError(f"The sandbox's sources are incomplete: {error}.", "Reinstall harness.") from error


def context_digest(files: dict[str, bytes]) -> str:
    """SHA-256 over names and contents, in hexadecimal."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def image_tag(base: str = PUBLIC_BASE, files: dict[str, bytes] | None = None) -> str:
    """`harness-sandbox:` and twelve digits that stand for the build context and the base's name.

    Raises:
        MachineError: the build context is incomplete.
    """
    context = context_digest(context_files() if files is None else files)
    return f"{REPOSITORY}:{hashlib.sha256(f'{context} {base}'.encode()).hexdigest()[:12]}"


def find_image(
    name: str | None = None, *, language: str | None = None, host: str | None = None, api: APIClient | None = None
) -> ImageInfo:
    """The image called `name`, or the newest one built from this version's build context (for `language`). Blocks.

    `host` is where the engine is (address.py), `api` a client that is connected to it already.

    Raises:
        MachineError: there is none, or no engine answers.
    """
    if api is None:
        with closing(connect(host)) as own:
            return find_image(name, language=language, host=host, api=own)
    try:
        if name:
            return _named(api, name)
        return _built(api, host, context_digest(context_files(language=language)), language)
    except ImageNotFound as error:
        raise MachineError(
            f"The engine has no image {name}.", "harness sandbox build makes the sandbox's own."
        ) from error
    except ENGINE_ERRORS as error:
        raise trouble(error, locate(host)) from error


def prepare_base(language: str, progress: Progress = silent, *, host: str | None = None) -> str:
    """Have the base of a language's image there, or one for all of them, which costs less than one for each. Blocks.

    Raises:
        MachineError: no engine, or no base image to be had.
    """
    with closing(connect(host)) as api:
        try:
            return choose_base(api, None, progress, language)
        except ENGINE_ERRORS as error:
            raise trouble(error, locate(host)) from error


def build_image(
    base: str | None = None,
    progress: Progress = silent,
    *,
    folder: Path | None = None,
    language: str | None = None,
    host: str | None = None,
) -> ImageInfo:
    """Build the image and return it; takes about ten seconds once the base is there. Blocks.

    Args:
        base: an image with Python 3.11 or later; default: see base_image.py.
        progress: is told what happens, a line at a time.
        folder: the build context; default: sandbox/ of this installation.
        language: with what this language needs (harness/languages/); default: Python alone.
        host: where the engine is (address.py).

    Raises:
        MachineError: no engine, no base image to be had, or the build failed (the message holds its last words).
    """
    files = context_files(folder, language)
    with closing(connect(host)) as api:
        try:
            chosen = choose_base(api, base, progress, language)
            tag = image_tag(chosen, files)
            progress(f"building {tag} on {chosen}")
            _build(api, chosen, tag, files, progress)
            return _named(api, tag)
        except ENGINE_ERRORS as error:
            raise MachineError(
                f"The engine failed to build the image: {error}.", "See the engine's own log."
            ) from error


def copy_image(image: ImageInfo, source: str | None, target: str | None) -> ImageInfo:
    """Bring `image` from the engine at `source` to the one at `target`, byte for byte. Blocks.

    Raises:
        MachineError: an engine does not answer, or refuses.
    """
    with closing(connect(source)) as here, closing(connect(target)) as there:
        try:
            for event in there.load_image(here.get_image(image.tag)):  # type: ignore[no-untyped-call]
                if "error" in event:
                    raise MachineError(f"{image.tag} cannot be loaded there: {event['error']}", "Free disk space.")
        except ENGINE_ERRORS as error:
            raise MachineError(f"{image.tag} cannot be copied: {error}.", "See the engines' own logs.") from error
        return _built(there, target, image.context)


def _named(api: APIClient, name: str) -> ImageInfo:
    found: dict[str, Any] = api.inspect_image(name)  # type: ignore[no-untyped-call]
    labels = found.get("Config", {}).get("Labels") or {}
    return ImageInfo(tag=name, id=found["Id"], base=labels.get(BASE_LABEL, ""), context=labels.get(CONTEXT_LABEL, ""))


def _built(api: APIClient, host: str | None, context: str, language: str | None = None) -> ImageInfo:
    label = f"{CONTEXT_LABEL}={context}"
    found = [image for image in api.images(filters={"label": label}) if _tags(image)]
    if not found:
        options = (f" --language {language}" if language else "") + (f" --docker-host {host}" if host else "")
        what = f"The sandbox's image for {language}" if language else "The sandbox's image"
        raise MachineError(f"{what} has not been built on this engine.", f"Run: harness sandbox build{options}")
    newest = max(found, key=lambda image: int(image["Created"]))
    return _named(api, _tags(newest)[0])


def _tags(image: dict[str, Any]) -> list[str]:
    """An image's names; one that lost its last name to another image is listed as `<none>:<none>` by some engines."""
    return [tag for tag in image.get("RepoTags") or [] if "<none>" not in tag]


def _build(api: APIClient, base: str, tag: str, files: dict[str, bytes], progress: Progress) -> None:
    events = api.build(
        fileobj=_archive(files),
        custom_context=True,
        tag=tag,
        buildargs={"BASE": base},
        labels={CONTEXT_LABEL: context_digest(files), BASE_LABEL: base},
        network_mode="none",
        use_config_proxy=False,
        rm=True,
        forcerm=True,
        decode=True,
    )
    _follow(events, progress)


def _follow(events: Iterable[dict[str, Any]], progress: Progress) -> None:
    for event in events:
        if words := str(event.get("stream", "")).strip():
            progress(words)
        if "error" in event:
            raise MachineError(
                f"The image's build failed: {str(event['error']).strip()}",
                "Free disk space if it ran out, or build on another base: harness sandbox build --base NAME.",
            )


def _archive(files: dict[str, bytes]) -> io.BytesIO:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.mode = 0o444
            tar.addfile(member, io.BytesIO(content))
    archive.seek(0)
    return archive
