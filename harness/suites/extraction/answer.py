"""The answer proper: reasoning, special tokens and whatever follows a stop sequence are removed from the raw text."""

import re

_TAG = re.compile(
    r"(?<![\"'`])<(?P<close>/?)(?:think|thinking|thought|reasoning|scratchpad|reflection)>(?![\"'`])", re.IGNORECASE
)
_FINAL_CHANNEL = "<|channel|>final<|message|>"
_HEADER = re.compile(
    r"(?:\s*+(?:<s>|<\|begin_of_text\|>|(?:<\|im_start\|>|<\|start_header_id\|>|<\|start\|>)\s*+(?:assistant)?"
    r"(?:<\|end_header_id\|>)?|<\|assistant\|>))*+\n*+"
)
_END_OF_TURN = re.compile(
    r"(?:<\|(?:eot_id|im_end|im_start|end|endoftext|end_of_text|end_of_turn|return|eom_id|eos|user|file_separator)\|>"
    r"|</s>|<end_of_turn>|<\uff5cend\u2581of\u2581sentence\uff5c>)(?=[^\S\n]*+(?:\n|\Z|<))"
)


def normalize(text: str) -> str:
    """`text` with Unix line ends, without a byte order mark, and with U+FFFD for what UTF-8 cannot carry."""
    valid = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return valid.removeprefix("\ufeff").replace("\r\n", "\n")


def clean(answer: str, stop: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The answer's own text, and notes on what was taken away from it."""
    text = normalize(answer)
    notes: list[str] = []
    for remove, note in (
        (_without_reasoning, "reasoning removed"),
        (_without_special_tokens, "special tokens removed"),
        (lambda shown: _cut_at_stop(shown, stop), "cut at a stop sequence"),
    ):
        before, text = text, remove(text)
        if text != before:
            notes.append(note)
    return text, tuple(notes)


def _without_reasoning(text: str) -> str:
    """Drops tagged reasoning; an unclosed tag hides all that follows it, a stray closing one all before it."""
    _, final, after = text.rpartition(_FINAL_CHANNEL)
    text = after if final else text
    kept: list[str] = []
    position: int | None = 0
    for tag in _TAG.finditer(text):
        if not tag["close"]:
            if position is not None:
                kept.append(text[position : tag.start()])
            position = None
        else:
            if position is not None:
                kept.clear()
            position = tag.end()
    if position is not None:
        kept.append(text[position:])
    return "".join(kept)


def _without_special_tokens(text: str) -> str:
    header = _HEADER.match(text)
    text = text[header.end() :] if header else text
    end = _END_OF_TURN.search(text)
    return text[: end.start()] if end else text


def _cut_at_stop(text: str, stop: tuple[str, ...]) -> str:
    """Cuts at the earliest stop sequence that has some text before it."""
    begin = len(text) - len(text.lstrip())
    ends = [position for sequence in stop if sequence and (position := text.find(sequence, begin)) >= 0]
    return text[: min(ends, default=len(text))]
