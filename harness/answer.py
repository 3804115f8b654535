"""Answer: one sample of a run with everything that is known of it, as exports and reports of single answers need it."""

from dataclasses import dataclass

from harness.records import Execution, Problem, Program, Prompt, Sample


@dataclass(frozen=True)
class Answer:
    """A sample, its problem, what the model was sent, the program in it, and what became of that.

    `prompt` is None for somebody else's samples, `execution` where the sample has not been judged.
    """

    problem: Problem
    prompt: Prompt | None
    sample: Sample
    program: Program
    execution: Execution | None
