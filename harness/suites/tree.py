"""Problems made of source files: a checkout of their repository, or an archive of one (.tar, .tar.gz, .tgz, .zip).

The files may lie below one top folder, as in the archives that GitHub makes.
"""

import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from harness.errors import UserError
from harness.suites.definition import TreeSource

MOST_BYTES = 1 << 20
"""No source file of a problem is longer."""


def read_tree(source: TreeSource, suite: str, path: Path | None) -> Iterator[tuple[str, object]]:
    """Every row of the source with the texts of its files, and where it stands.

    Raises:
        UserError: no checkout was given, it is not readable, or it lacks one of the files.
    """
    if path is None:
        raise UserError(f"{suite} is made of source files of {source}.", "Give a checkout or an archive: --data PATH.")
    wanted = {place for row in source.rows for place in row.files.values()}
    texts = _folder(path, wanted) if path.is_dir() else _archive(path, wanted)
    for row in source.rows:
        if lacking := [place for place in row.files.values() if place not in texts]:
            raise UserError(f"{path} has no file {lacking[0]}.", f"Give a checkout of {source}.")
        files = {name: texts[place] for name, place in row.files.items()}
        yield (
            f"{path}, {next(iter(row.files.values()))}",
            {**row.columns, "files": files, "source": next(iter(files.values()))},
        )


def _folder(path: Path, wanted: set[str]) -> dict[str, str]:
    below = [entry for entry in sorted(path.iterdir()) if entry.is_dir()]
    root = next((root for root in (path, *below) if all((root / place).is_file() for place in wanted)), path)
    return {place: _text(root / place, (root / place).read_bytes()) for place in wanted if (root / place).is_file()}


def _archive(path: Path, wanted: set[str]) -> dict[str, str]:
    try:
        found = _zipped(path) if zipfile.is_zipfile(path) else _tarred(path)
        parts = ((PurePosixPath(name), content) for name, content in found)
        named = [(str(name), str(PurePosixPath(*name.parts[1:])), content) for name, content in parts]
    except FileNotFoundError as error:
        raise UserError(f"There is no {path}.", "Give a checkout or an archive.") from error
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} is no folder and no archive: {error}.", "Give a checkout, .tar.gz or .zip.") from error
    return {
        place: _text(path / place, content)
        for whole, below_top, content in named
        for place in (whole, below_top)
        if place in wanted
    }


def _zipped(path: Path) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir() and entry.file_size <= MOST_BYTES]
        return [(entry.filename, archive.read(entry)) for entry in entries]


def _tarred(path: Path) -> list[tuple[str, bytes]]:
    with tarfile.open(path) as archive:
        entries = [entry for entry in archive if entry.isfile() and entry.size <= MOST_BYTES]
        return [(entry.name, file.read()) for entry in entries if (file := archive.extractfile(entry)) is not None]


def _text(where: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{where} is not UTF-8 text (byte {error.start}).", "Fetch it again.") from error
