"""The answer proper: reasoning, special tokens and whatever follows a stop sequence are removed from the raw text."""

import re
from bisect import bisect
from html import unescape

_TAG = re.compile(
    r"""(?<!["'])(?<!(?<!``)`)  # not one that is quoted, though a fence may touch it
        (?:<(?P<close>/?)(?:\w+:)?+(?:think|thinking|thought|reasoning|scratchpad|reflection)>|\[(?P<closed>/?)THINK\])
        (?!["']|`(?!``))""",
    re.IGNORECASE | re.VERBOSE,
)
_FINAL_CHANNEL = "<|channel|>final<|message|>"
_HEADER = re.compile(
    r"(?:\s*+(?:<s>|<\|begin_of_text\|>|(?:<\|im_start\|>|<\|start_header_id\|>|<\|start\|>)\s*+(?:assistant)?"
    r"(?:<\|end_header_id\|>)?|<\|assistant\|>))++\n*+"
)
_END_OF_TURN = re.compile(
    r"(?:<\|(?:eot_id|im_end|im_start|end|endoftext|end_of_text|end_of_turn|return|eom_id|eos|user|fim_\w+|repo_name|file_sep\w*)\|>"
    r"|</s>|<end_of_turn>|<\uff5cend\u2581of\u2581sentence\uff5c>)(?=[^\S\n]*+(?:\n|\Z|<))(?P<last>(?=\s*+\Z))?"
)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)
_MARKER = re.compile(r"^([ \t]*\[(?:PYTHON|BEGIN)\])(?=[^\n])", re.MULTILINE)
_MARKER_END = re.compile(r"(?<![\"'`\n])\[/PYTHON\]")
_QUOTATION = re.compile(r"(?:^>(?!>)[^\n]*(?:\n|\Z))++", re.MULTILINE)
_QUOTED_FENCE = re.compile(r"^>[ \t]*(?:```|~~~)", re.MULTILINE)
_HTML = re.compile(r"(?m)^[ \t]*+<pre>\s*+<code[^>\n]*+>(?P<code>(?:[^<]++|<(?!/code>))*+)</code>(?:\s*+</pre>)?")


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
        (_without_quotation, "a quoted block unquoted"),
        (_without_html, "HTML read as text"),
    ):
        before, text = text, remove(text)
        if text != before:
            notes.append(note)
    return _with_markers_apart(text), tuple(notes)


def _without_reasoning(text: str) -> str:
    """Drops tagged reasoning; an unclosed tag hides all that follows it, a stray closing one all before it."""
    _, final, after = text.rpartition(_FINAL_CHANNEL)
    text = after if final else text
    fences = _fences(text)
    kept: list[str] = []
    position: int | None = 0
    for tag in _TAG.finditer(text):
        if position is None:
            position = tag.end() if tag["close"] or tag["closed"] else None
        elif tag["close"] or tag["closed"]:
            kept.clear()
            position = tag.end()
        elif not _is_fenced(tag.start(), fences):
            kept.append(text[position : tag.start()])
            position = None
    if position is not None:
        kept.append(text[position:])
    return "".join(kept)


def _without_special_tokens(text: str) -> str:
    """Drops the header of a turn, and everything from the first token that ends one."""
    header = _HEADER.match(text)
    text = text[header.end() :] if header else text
    fences = _fences(text)
    for token in _END_OF_TURN.finditer(text):
        if token["last"] is not None or not _is_fenced(token.start(), fences):
            return text[: token.start()]
    return text


def _without_quotation(text: str) -> str:
    """Takes the `>` off quotations that hold a fence."""

    def unquoted(run: re.Match[str]) -> str:
        return re.sub(r"(?m)^> ?", "", run.group()) if _QUOTED_FENCE.search(run.group()) else run.group()

    return _QUOTATION.sub(unquoted, text)


def _without_html(text: str) -> str:
    """Makes fences of `<pre><code>` elements, their entities decoded, in an answer without a fence."""
    inside, end, after = text.rpartition("</code>")
    if not end or _FENCE.search(text):
        return text
    return _HTML.sub(lambda element: f"\n```\n{unescape(element['code'])}\n```\n", inside + end) + after


def _with_markers_apart(text: str) -> str:
    """Puts `[PYTHON]` and its like on lines of their own."""
    return _MARKER_END.sub("\n[/PYTHON]", _MARKER.sub(r"\1\n", text))


def _fences(text: str) -> list[int]:
    return [fence.start() for fence in _FENCE.finditer(text)]


def _is_fenced(position: int, fences: list[int]) -> bool:
    """Whether a position lies inside a fenced block, where a tag or token is rather the program's own text."""
    return bisect(fences, position) % 2 == 1


def _cut_at_stop(text: str, stop: tuple[str, ...]) -> str:
    """Cuts at the earliest stop sequence that has some text before it."""
    begin = len(text) - len(text.lstrip())
    ends = [position for sequence in stop if sequence and (position := text.find(sequence, begin)) >= 0]
    return text[: min(ends, default=len(text))]
