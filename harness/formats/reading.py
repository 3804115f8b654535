"""Opening and parsing somebody else's files, gzipped or not; what is wrong with one is said with its place."""

import gzip
import json
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from harness.errors import UserError
from harness.formats.found import malformed


@contextmanager
def open_file(path: Path) -> Generator[IO[bytes], None, None]:
    """A file to read, unzipped on the way where it is gzipped.

    Raises:
        OSError: it cannot be opened or read.
        UserError: it is not a whole gzip file.
    """
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    try:
        with cast("IO[bytes]", gzip.open(path, "rb")) if zipped else path.open("rb") as content:
            yield content
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UserError(f"{path} is not a whole gzip file: {error}.", "Download or compress it again.") from error


def parse_json(text: bytes, where: str, hint: str = "Correct or remove it") -> object:
    """A JSON value.

    Raises:
        UserError: it is not UTF-8 or no JSON; `where` and `hint` are in the message.
    """
    try:
        return json.loads(text.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise malformed(where, f"it is not UTF-8 ({error.reason})", "Save the file as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise malformed(where, f"it is not JSON ({error})", hint) from error
