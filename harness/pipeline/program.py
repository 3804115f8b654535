"""From a recorded sample to the program that the sandbox runs."""

from harness.records import Problem, Program, PromptMode, Sample
from harness.suites.extraction import assemble, extract


def program_of(sample: Sample, problem: Problem, mode: PromptMode, stop: tuple[str, ...] = ()) -> Program:
    """Extract a model's own answer; take somebody else's sample as the program it claims to be."""
    if sample.raw:
        return extract(sample.completion or "", problem, mode, stop=stop)
    return assemble(sample.completion, sample.solution, problem)
