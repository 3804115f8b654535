"""A stub of the Hugging Face hub on loopback: serves data sets in memory to the real `datasets` client.

It answers what the client asks for (revision, tree, paths-info, resolve with HEAD, GET and ranges), at one revision for
each repository, and notes every request.
"""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow
from pyarrow.parquet import write_table

Rows = list[dict[str, Any]]


def parquet_repository(configs: Mapping[str, Mapping[str, Rows]]) -> dict[str, bytes]:
    """The files of a data set: a card that lists its configs, and a parquet file for each config and split."""
    files = {"README.md": _card(configs)}
    for config, splits in configs.items():
        whole = [row for rows in splits.values() for row in rows]
        for split, rows in splits.items():
            files[f"{config}/{split}-00000-of-00001.parquet"] = parquet(rows, like=whole)
    return files


def parquet(rows: Rows, like: Rows | None = None) -> bytes:
    """The rows as a parquet file whose column types fit the rows of `like` (one split may hold empty lists only)."""
    columns = dict.fromkeys(name for row in like or rows for name in row)
    schema = pyarrow.Table.from_pylist([{name: row.get(name) for name in columns} for row in like or rows]).schema
    buffer = io.BytesIO()
    write_table(pyarrow.Table.from_pylist(rows, schema=schema), buffer)
    return buffer.getvalue()


def _card(configs: Mapping[str, Mapping[str, Rows]]) -> bytes:
    entries = [
        {
            "config_name": config,
            "data_files": [{"split": split, "path": f"{config}/{split}-*"} for split in splits],
        }
        for config, splits in configs.items()
    ]
    return f"---\nconfigs: {json.dumps(entries)}\n---\n# A data set\n".encode()


@dataclass
class HubStub:
    """Repositories by name, each a pair of its revision and its files; `url` is what HF_ENDPOINT should be."""

    repositories: dict[str, tuple[str, dict[str, bytes]]]
    url: str = ""
    requests: list[str] = field(default_factory=list)


@contextmanager
def serving(repositories: dict[str, tuple[str, dict[str, bytes]]]) -> Iterator[HubStub]:
    """Run a stub on a free port of the loopback interface while the block lasts."""
    stub = HubStub(repositories)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"stub": stub}))
    stub.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    stub: HubStub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._dispatch()

    def do_HEAD(self) -> None:
        self._dispatch()

    def do_POST(self) -> None:
        self._dispatch()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class's name)
        """Stay silent; requests are noted in the stub."""

    def _dispatch(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = unquote(urlsplit(self.path).path)
        self.stub.requests.append(f"{self.command} {path}")
        parts = path.strip("/").removeprefix("api/").split("/")
        kind, name, action, asked = parts[0], "/".join(parts[1:3]), *(*parts[3:5], "", "")[:2]
        if kind != "datasets" or name not in self.stub.repositories:
            return self._missing("RepoNotFound")
        if asked not in ("main", self.stub.repositories[name][0]):
            return self._missing("RevisionNotFound")
        return self._answer(action, "/".join(parts[5:]), name, body)

    def _answer(self, action: str, path: str, name: str, body: bytes) -> None:
        revision, files = self.stub.repositories[name]
        if action == "resolve":
            self._file(revision, files.get(path))
        elif action == "revision":
            siblings = [{"rfilename": file} for file in files]
            self._json({"id": name, "sha": revision, "siblings": siblings, "private": False, "tags": []})
        elif action == "tree":
            self._tree(files, path)
        elif action == "paths-info":
            self._json([entry for wanted in _wanted(body) for entry in _entries(files, wanted)])
        else:
            self._missing("EntryNotFound")

    def _tree(self, files: dict[str, bytes], folder: str) -> None:
        below = [
            _entry(file, content) for file, content in files.items() if file.startswith(f"{folder}/" * bool(folder))
        ]
        folders = sorted({file.rpartition("/")[0] for file in files if "/" in file} - {folder})
        self._json([*below, *({"type": "directory", "path": path, "oid": "0" * 40, "size": 0} for path in folders)])

    def _file(self, revision: str, content: bytes | None) -> None:
        if content is None:
            return self._missing("EntryNotFound")
        headers = {"ETag": f'"{_sha1(content)}"', "X-Repo-Commit": revision, "Accept-Ranges": "bytes"}
        first, _, last = (self.headers.get("Range") or "").removeprefix("bytes=").partition("-")
        if not first:
            return self._send(200, content, headers)
        piece = content[int(first) : int(last) + 1 if last else None]
        headers["Content-Range"] = f"bytes {first}-{int(first) + len(piece) - 1}/{len(content)}"
        return self._send(206, piece, headers)

    def _json(self, value: object) -> None:
        self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _missing(self, code: str) -> None:
        self._send(404, b"", {"X-Error-Code": code, "X-Error-Message": code})

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _wanted(body: bytes) -> list[str]:
    paths = json.loads(body)["paths"]
    return [paths] if isinstance(paths, str) else list(paths)


def _entries(files: dict[str, bytes], path: str) -> list[dict[str, object]]:
    if path in files:
        return [_entry(path, files[path])]
    if any(file.startswith(f"{path}/") for file in files):
        return [{"type": "directory", "path": path, "oid": "0" * 40, "size": 0}]
    return []


def _entry(path: str, content: bytes) -> dict[str, object]:
    return {"type": "file", "path": path, "size": len(content), "oid": _sha1(content)}


def _sha1(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()
