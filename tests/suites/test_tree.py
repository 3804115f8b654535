"""Suites made of source files: from a checkout, from an archive, and what is said where one lacks a file."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from harness.errors import UserError
from harness.suites.definition import TreeRow, TreeSource
from harness.suites.tree import read_tree

SOURCE = TreeSource(
    kind="tree",
    repo="example.org/suite",
    tag="v1",
    rows=(TreeRow(columns={"id": "go/a"}, files={"a.go": "data/go/a.go", "go.mod": "data/go/go.mod"}),),
)
FILES = {"data/go/a.go": "package a\n", "data/go/go.mod": "module a\n"}
ROW = {"id": "go/a", "files": {"a.go": "package a\n", "go.mod": "module a\n"}, "source": "package a\n"}


def checkout(folder: Path) -> Path:
    """The files as a checkout has them."""
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def archive(path: Path, top: str) -> Path:
    """The files as an archive, below one top folder."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as packed:
            for name, text in FILES.items():
                packed.writestr(f"{top}{name}", text)
        return path
    with tarfile.open(path, "w:gz") as tarred:
        for name, text in FILES.items():
            entry = tarfile.TarInfo(f"{top}{name}")
            entry.size = len(text)
            tarred.addfile(entry, io.BytesIO(text.encode()))
    return path


@pytest.mark.parametrize("top", ["", "suite-v1/"])
@pytest.mark.parametrize("form", ["folder", "a.zip", "a.tar.gz"])
def test_a_checkout_and_every_archive_of_it_give_the_same_rows(form: str, top: str, tmp_path: Path) -> None:
    """The files may lie below one top folder, as GitHub's archives have them."""
    path = archive(tmp_path / form, top) if "." in form else tmp_path
    if path is tmp_path:
        checkout(tmp_path / top)
    [(where, row)] = read_tree(SOURCE, "s", path)
    assert row == ROW
    assert "data/go/a.go" in where


def test_what_is_no_checkout_is_explained(tmp_path: Path) -> None:
    """Nothing given, nothing there, no archive and a missing file are errors that say what to give."""
    (tmp_path / "text.tar.gz").write_text("no archive")
    for path, words in (
        (None, "--data"),
        (tmp_path / "none.zip", "There is no"),
        (tmp_path / "text.tar.gz", "no archive"),
        (tmp_path, "has no file data/go/"),
    ):
        with pytest.raises(UserError, match=words):
            list(read_tree(SOURCE, "s", path))
