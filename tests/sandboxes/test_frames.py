"""Framing: whatever way the bytes arrive, the messages are the same, and nonsense is refused."""

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.sandboxes import frames
from harness.sandboxes.frames import MAX_FRAME, FrameError, FrameReader, encode

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
messages = st.dictionaries(st.text(max_size=10), values, max_size=5)


def wrap(payload: bytes, stream: int = 1) -> bytes:
    """As the engine sends it."""
    return struct.pack(">B3xL", stream, len(payload)) + payload


def cut(data: bytes, at: list[int]) -> list[bytes]:
    """The same bytes in pieces."""
    places = sorted({min(place, len(data)) for place in at})
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


@given(st.lists(messages, max_size=5), st.lists(st.integers(0, 500), max_size=8), st.lists(st.integers(0, 600)))
def test_any_portions_give_the_same_messages(sent: list[dict], chunks: list[int], reads: list[int]) -> None:
    """Messages survive any cut by the engine into chunks and by the socket into reads, with noise in between."""
    stream = b"".join(encode(message) for message in sent)
    wire = b"".join(wrap(chunk) + wrap(b"noise", stream=2) for chunk in cut(stream, chunks))
    reader = FrameReader()
    for portion in cut(wire, reads):
        reader.feed(portion)
    assert list(reader.messages) == sent
    reader.messages.clear()
    assert reader.clean


def test_half_a_message_is_not_clean() -> None:
    """A torn message keeps the reader from being taken for one that stands between two messages."""
    reader = FrameReader()
    reader.feed(wrap(encode({"a": 1})[:-3]))
    assert not reader.messages
    assert not reader.clean


@pytest.mark.parametrize(
    "body",
    [b"{]}", b"[1]", b"\xff\xfe", b"", b'{"cpu_s": NaN}', b"[" * 100_000, b'{"n": ' + b"9" * 5000 + b"}"],
    ids=["broken", "no object", "no UTF-8", "empty", "NaN", "deep", "huge integer"],
)
def test_nonsense_is_refused(body: bytes) -> None:
    """A frame that is no JSON object ends the conversation: what follows it may belong to anything."""
    with pytest.raises(FrameError):
        FrameReader().feed(wrap(struct.pack(">L", len(body)) + body))


def test_announced_length_is_capped() -> None:
    """A frame that announces more than the cap is refused before any of it is stored."""
    with pytest.raises(FrameError, match="announced"):
        FrameReader().feed(wrap(struct.pack(">L", MAX_FRAME + 1)))


def test_unknown_stream_is_refused() -> None:
    """Bytes that the engine did not wrap are not mistaken for a message."""
    with pytest.raises(FrameError, match="stream number"):
        FrameReader().feed(b"HTTP/1.1 500 Internal Server Error\r\n")


def test_too_large_message_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job beyond the cap is refused on this side, where it can be explained."""
    monkeypatch.setattr(frames, "MAX_FRAME", 100)
    with pytest.raises(FrameError, match="larger"):
        encode({"program": "x" * 100})


def test_last_words_are_kept_in_bounds() -> None:
    """The end of standard error is kept for the post-mortem, however much there was."""
    reader = FrameReader()
    for _ in range(50):
        reader.feed(wrap(b"x" * 1000, stream=2))
    reader.feed(wrap(b"last words\n", stream=2))
    assert reader.error_tail.endswith("last words")
    assert len(reader.error_tail) <= 8192


def test_surrogates_travel() -> None:
    """A program's text with lone surrogates is sent, as JSON escapes."""
    assert json.loads(encode({"t": "\ud800"})[4:]) == {"t": "\ud800"}
