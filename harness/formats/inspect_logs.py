"""Logs of Inspect (inspect_ai): `.eval`, a zip with a file a sample, and the same as one JSON object.

Each sample has `id`, `epoch` and `output`, the model's answer; the answer is extracted anew and judged here, whatever
Inspect's own scorer said. A `.eval` is read sample by sample.
"""

import io
import json
import re
import struct
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.errors import UserError
from harness.formats.chats import read_choices
from harness.formats.found import Found, kind_of, malformed
from harness.pricing.usage import read_usage

ZSTANDARD = 93
"""Number of the compression in a zip's directory."""

LOCAL_HEADER = struct.Struct("<26xHH")
"""A member's own header: after 26 bytes the lengths of its name and of its extra field."""

_EPOCH = re.compile(r"_epoch_(\d+)\.json\Z")
_ATTACHED = "attachment://"


def is_log(content: object) -> bool:
    """Whether a JSON value is an Inspect log."""
    return isinstance(content, dict) and "eval" in content and isinstance(content.get("samples"), list)


def read_json_log(path: Path, content: dict[str, Any]) -> Iterator[Found]:
    """The answers in a log of one JSON object.

    Raises:
        UserError: a sample is not what it must be.
    """
    ordered = sorted(enumerate(content["samples"]), key=lambda pair: (_epoch(pair[1]), pair[0]))
    for number, sample in ordered:
        yield _found(sample, f"{path}, sample {number + 1}")


def read_zip_log(path: Path) -> Iterator[Found]:
    """The answers in a `.eval` file (same errors); those of the first epoch first."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.startswith("samples/") and _EPOCH.search(name)]
            if not names:
                raise UserError(f"{path} is a zip file, but no log of Inspect's.", "Name a .eval file with samples.")
            for name in sorted(names, key=_epoch_of_name):
                yield _found(json.loads(_content_of(archive, name)), f"{path}, {name}")
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise UserError(
            f"{path} cannot be read: {error}.", "`inspect log convert --to json` writes it as plain JSON."
        ) from error


def _content_of(archive: zipfile.ZipFile, name: str) -> bytes:
    """A member of the archive; Inspect writes Zstandard, which Python's own zipfile cannot read before 3.14."""
    info = archive.getinfo(name)
    if info.compress_type != ZSTANDARD or archive.fp is None:
        return archive.read(name)
    import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415 - it comes with `datasets` and takes a while

    archive.fp.seek(info.header_offset)
    header = archive.fp.read(LOCAL_HEADER.size)
    if len(header) < LOCAL_HEADER.size:
        raise zipfile.BadZipFile(f"{name} is cut short")
    name_length, extra_length = LOCAL_HEADER.unpack(header)
    archive.fp.seek(name_length + extra_length, io.SEEK_CUR)
    packed = archive.fp.read(info.compress_size)
    try:
        return bytes(pa.CompressedInputStream(pa.BufferReader(packed), "zstd").read())
    except OSError as error:
        raise zipfile.BadZipFile(f"{name}: {error}") from error


def _found(sample: object, where: str) -> Found:
    if not isinstance(sample, Mapping):
        raise malformed(where, f"it is {kind_of(sample)}, expected an object")
    task = sample.get("id")
    if isinstance(task, bool) or not isinstance(task, str | int):
        raise malformed(where, f"field id is {kind_of(task)}, expected text or a number")
    output = sample.get("output")
    if not isinstance(output, Mapping) or sample.get("error"):
        raise malformed(where, "it has no answer: Inspect ended it with an error")
    choices = output.get("choices")
    [(text, _), *_] = read_choices(output, where) if choices else [("", None)]
    finish = choices[0].get("stop_reason") if choices else None
    text = _attached(text, sample)
    model = output.get("model")
    facts = {
        "finish_reason": finish if isinstance(finish, str) else None,
        "usage": read_usage(_usage(output), answered=bool(text)),
    }
    return Found(
        where,
        task,
        fields={"completion": text, "raw": True, "model": model if isinstance(model, str) else None, **facts},
    )


def _attached(text: str, sample: Mapping[str, Any]) -> str:
    """Long texts lie once in `attachments`, under the hash that stands in their place."""
    attachments = sample.get("attachments")
    if text.startswith(_ATTACHED) and isinstance(attachments, Mapping):
        return str(attachments.get(text.removeprefix(_ATTACHED), text))
    return text


def _usage(output: Mapping[str, Any]) -> dict[str, Any] | None:
    """In the words of the chat API; `input_tokens` may leave out what came from a cache, `total_tokens` holds it."""
    usage = output.get("usage")
    if not isinstance(usage, Mapping):
        return None
    given, answered, total = (_count(usage, name) for name in ("input_tokens", "output_tokens", "total_tokens"))
    return {
        "prompt_tokens": max(given, total - answered),
        "completion_tokens": answered,
        "prompt_tokens_details": {"cached_tokens": _count(usage, "input_tokens_cache_read")},
        "completion_tokens_details": {"reasoning_tokens": _count(usage, "reasoning_tokens")},
    }


def _count(usage: Mapping[str, Any], name: str) -> int:
    value = usage.get(name)
    return value if isinstance(value, int) else 0


def _epoch(sample: object) -> int:
    epoch = sample.get("epoch") if isinstance(sample, Mapping) else None
    return epoch if isinstance(epoch, int) else 1


def _epoch_of_name(name: str) -> int:
    found = _EPOCH.search(name)
    return int(found[1]) if found else 1
