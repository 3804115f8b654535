"""The image's name stands for what it is built from."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import MachineError
from harness.sandboxes.image import REPOSITORY, build_image, context_digest, context_files, find_image, image_tag

contexts = st.dictionaries(
    st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=8),
    st.binary(max_size=20),
    max_size=4,
)


@given(contexts, contexts)
def test_different_contexts_have_different_digests(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    """Two contexts have the same digest exactly when names and contents are the same, in whatever order."""
    assert (context_digest(one) == context_digest(other)) is (one == other)
    assert context_digest(one) == context_digest(dict(reversed(one.items())))


def test_the_tag_depends_on_the_base() -> None:
    """The same runner on another base is another image."""
    files = {"runner.py": b""}
    assert image_tag("a:1", files) != image_tag("b:1", files)
    assert image_tag("a:1", files).startswith(f"{REPOSITORY}:")
    assert len(image_tag("a:1", files).partition(":")[2]) == 12


def test_the_context_is_the_runner_and_its_profile() -> None:
    """What runs inside and what confines it both change the tag; the script that makes a base does not."""
    assert {"Dockerfile", "runner.py", "judge.py", "candidate.py", "seccomp.json"} <= set(context_files())
    assert "build_base.sh" not in context_files()


def test_an_incomplete_context_is_explained(tmp_path: Path) -> None:
    """An installation without its sandbox folder is told from an engine without an image."""
    with pytest.raises(MachineError, match="incomplete"):
        context_files(tmp_path)


@pytest.mark.docker
def test_a_missing_image_names_the_command() -> None:
    """Who has not built the image is told how to."""
    with pytest.raises(MachineError, match="no image") as caught:
        find_image("harness-no-such-image:1")
    assert "harness sandbox build" in caught.value.hint


@pytest.mark.docker
def test_a_missing_base_is_explained() -> None:
    """A base image that is neither here nor can be pulled is named, with the other ways to get one."""
    with pytest.raises(MachineError, match="harness-no-such-base:1") as caught:
        build_image("harness-no-such-base:1")
    assert "--base" in caught.value.hint


@pytest.mark.docker
def test_building_twice_gives_the_same_image() -> None:
    """A second build of the same context finds the first, and says what it does."""
    lines: list[str] = []
    first = build_image(progress=lines.append)
    assert build_image(first.base) == first
    assert find_image(first.tag) == first
    assert any(first.tag in line for line in lines)
