"""Which of an answer's blocks is the program, and which others it needs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from textwrap import dedent
from typing import Literal

from harness.suites.extraction.fences import Block, Kind
from harness.suites.extraction.runs import before_prose, is_statement, is_transcript, starts_indented, without_prompts
from harness.suites.extraction.survey import Survey, survey

_NOT_CODE_TAGS = frozenset(
    {"text", "txt", "plaintext", "plain", "output", "out", "none", "log", "csv", "diff", "markdown", "md", "latex"}
    | {"console", "shell", "sh", "bash", "zsh", "powershell", "cmd", "json", "yaml", "yml", "toml", "xml", "html"}
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A block, and what its text defines and needs."""

    block: Block
    survey: Survey


@dataclass(frozen=True, slots=True)
class Chosen:
    """The text of a program, where it stood, and why it was taken."""

    text: str
    kind: Kind | Literal["solution"]
    needed: frozenset[str]
    notes: tuple[str, ...] = ()


def candidates(blocks: Sequence[Block]) -> list[Candidate]:
    """The blocks in the answer's order, interpreter transcripts turned into source."""
    ordered = sorted((_as_source(block) for block in blocks), key=lambda block: block.line)
    return [Candidate(block, survey(block.text)) for block in ordered]


def choose(found: Sequence[Candidate], entry_point: str) -> Chosen | None:
    """The last complete block that defines the entry point, joined with the blocks it needs; None where none does.

    Fenced blocks come before code among prose, a function or class before another kind of definition, and a complete
    block (closed, with every string and bracket closed, not a stub) before an incomplete one.
    """
    defining = [index for index, candidate in enumerate(found) if _defines(candidate, entry_point)]
    if not defining:
        return None
    best = max(defining, key=lambda index: (*_rank(found[index], entry_point), index))
    notes = [f"{len(defining)} blocks define {entry_point}: took the last complete one"] if len(defining) > 1 else []
    indices = _with_helpers(found, best, entry_point)
    if len(indices) > 1:
        notes.append(f"joined with {len(indices) - 1} block(s) whose definitions it needs")
    texts = [_at_margin(found[index].block.text) for index in indices]
    return _joined(texts, [found[index] for index in indices], found[best].block.kind, notes)


def choose_body(found: Sequence[Candidate], known: frozenset[str]) -> Chosen | None:
    """The longest block that is the inside of a function, followed by the blocks it needs; None where there is none.

    A block is a body where it returns outside any function, or begins indented. `known` are the names that the prompt
    provides, such as the function's parameters.
    """
    bodies = [
        i for i, one in enumerate(found) if is_code(one) and (one.survey.returns or starts_indented(one.block.text))
    ]
    if not bodies:
        return None
    best = max(bodies, key=lambda index: len(found[index].block.text))
    helpers = [index for index in _with_helpers(found, best, "", known) if index != best]
    kind = found[best].block.kind
    texts = [found[best].block.text, *(_at_margin(found[index].block.text) for index in helpers)]
    parts = [found[index] for index in (best, *helpers)]
    return _joined(texts, parts, kind, [f"a body without its signature ({kind})"])


def fallback(found: Sequence[Candidate]) -> Chosen | None:
    """The code of an answer that does not define the entry point; None where there is no code at all."""
    code = [candidate for candidate in found if is_code(candidate)]
    defining = [candidate for candidate in code if candidate.survey.functions]
    if not code:
        return None
    if not defining:
        defining = [max(code, key=lambda candidate: len(candidate.block.text))]
    texts = [_at_margin(candidate.block.text) for candidate in defining]
    return _joined(texts, defining, defining[0].block.kind, [])


def is_code(candidate: Candidate) -> bool:
    """Whether a block holds code of any language, rather than prose, output or a shell's commands."""
    block = candidate.block
    if not block.text.strip() or block.language in _NOT_CODE_TAGS:
        return False
    return bool(block.language) or any(is_statement(line) for line in block.text.split("\n"))


def _defines(candidate: Candidate, entry_point: str) -> bool:
    """Whether a block defines the entry point; a variable of that name inside a body is another matter."""
    facts = candidate.survey
    return entry_point in facts.functions or (entry_point in facts.defined and not _is_body(candidate))


def _is_body(candidate: Candidate) -> bool:
    return is_code(candidate) and (candidate.survey.returns or starts_indented(candidate.block.text))


def _rank(candidate: Candidate, entry_point: str) -> tuple[bool, bool, bool, bool]:
    block, facts = candidate.block, candidate.survey
    return (
        block.kind == "fence",
        entry_point in facts.functions,
        entry_point not in facts.stubs,
        facts.complete and block.closed,
    )


def _with_helpers(
    found: Sequence[Candidate], best: int, entry_point: str, known: frozenset[str] = frozenset()
) -> list[int]:
    """The indices of `best` and of every block that defines a name which those taken so far lack."""
    taken = {best}
    provider = _providers(found, best, entry_point)
    lacking = set(found[best].survey.needed - known)
    while lacking:
        index = provider.get(lacking.pop())
        if index is not None and index not in taken:
            taken.add(index)
            lacking |= found[index].survey.needed
    return sorted(taken)


def _providers(found: Sequence[Candidate], best: int, entry_point: str) -> dict[str, int]:
    """For each name, the block to take it from: the nearest one before `best`, else the first after it."""
    provider: dict[str, int] = {}
    own = found[best].survey.defined
    for index in (*range(len(found) - 1, best, -1), *range(best)):
        candidate = found[index]
        replaces_entry = index > best and entry_point in candidate.survey.defined
        if candidate.survey.complete and not replaces_entry:
            provider.update(dict.fromkeys(candidate.survey.defined - own, index))
    return provider


def _joined(texts: Sequence[str], parts: Sequence[Candidate], kind: Kind, notes: list[str]) -> Chosen:
    needed = frozenset[str]().union(*(part.survey.needed for part in parts))
    defined = frozenset[str]().union(*(part.survey.defined for part in parts))
    return Chosen("\n\n".join(texts), kind, needed - defined, tuple(notes))


def _at_margin(text: str) -> str:
    return dedent(text) if starts_indented(text) else text


def _as_source(block: Block) -> Block:
    text = block.text if block.closed else before_prose(block.text)
    return replace(block, text=without_prompts(text) if is_transcript(text) else text)
