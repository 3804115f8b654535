"""A loaded suite: its problems, and the ways to name one and to ask it."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from harness.checks import PYTHON
from harness.errors import UserError
from harness.records import Problem, Prompt, PromptMode, SuiteInfo
from harness.suites.definition import SuiteDefinition
from harness.suites.prompting import Preset, render


@dataclass(frozen=True)
class Suite:
    """A suite in memory. `shots` are the solved problems that few-shot presets show, `origin` is where rows came from.

    `changed` says how the content differs from the pinned one, where that was allowed; it is empty otherwise.
    """

    info: SuiteInfo
    definition: SuiteDefinition
    problems: tuple[Problem, ...]
    shots: Mapping[str, Problem]
    origin: str
    changed: str = ""

    def problem(self, task_id: str | int) -> Problem:
        """The problem of that id, however it is written.

        Raises:
            UserError: the suite (this split of it) has no such problem.
        """
        return self._by_id[self.resolve(task_id)]

    def resolve(self, raw: str | int) -> str:
        """The id as the data set writes it: for `mbpp`, 11, "11", "MBPP/11" and "Mbpp/11" all mean "11".

        Raises:
            UserError: the suite (this split of it) has no such problem; the nearest are named.
        """
        task_id = self._by_key.get(self._key(raw))
        if task_id is None:
            near = difflib.get_close_matches(str(raw), self._by_id, n=3)
            raise UserError(
                f"The suite {self.info.name} (split {self.info.split}) has no problem {str(raw)!r}.",
                f"Near: {', '.join(near)}." if near else f"Its ids look like {self.problems[0].task_id}.",
            )
        return task_id

    def nth(self, place: int, program: str) -> str:
        """The id of the problem that a program without one answers: it stands `place` (from 0) in a list.

        Python's data sets are ordered by number, those of other languages anyhow: there the prompt tells it, with which
        the program begins.

        Raises:
            UserError: there is no such problem.
        """
        if self.definition.language != PYTHON:
            return self._begun(program)
        if place >= len(self.problems):
            raise UserError(f"the suite has no such problem: it has {len(self.problems)}, in this order.")
        return self.problems[place].task_id

    def preset(self, name: str | None, mode: PromptMode) -> Preset:
        """The prompt preset of that name and mode; without a name, the mode's default.

        Raises:
            UserError: there is no such preset, or the loaded data lacks a problem that it shows as solved.
        """
        preset = self.definition.preset(name, mode)
        missing = [task_id for task_id in (preset.shots.ids if preset.shots else ()) if task_id not in self.shots]
        if missing:
            raise UserError(
                f"The preset {preset.name} of {self.info.name} shows the problems {', '.join(missing)}, which "
                f"{self.origin} does not hold.",
                "Use a file of the whole data set, or another preset.",
            )
        return preset

    def mode_of(self, name: str | None) -> PromptMode | None:
        """The mode of the preset of that name; None where there is none of it."""
        return next((preset.mode for preset in self.definition.presets if preset.name == name), None)

    def prompt(self, problem: Problem, preset: Preset | str) -> Prompt:
        """What the model is sent for `problem` with a preset, which may be named.

        Raises:
            UserError: there is no preset of that name.
        """
        if isinstance(preset, str):
            preset = self.preset(preset, self.mode_of(preset) or "chat")
        return render(preset, problem, self.shots)

    def _begun(self, program: str) -> str:
        """The problem whose signature comes first in a program; of several with the same the one whose prompt does."""
        places = {signature: found for signature in self._by_signature if (found := program.find(signature)) >= 0}
        fits = self._by_signature[min(places, key=lambda one: places[one])] if places else []
        if len(fits) > 1:
            fits = [problem for problem in fits if problem.prefix.strip() in program]
        if len(fits) != 1:
            raise UserError("it begins with no prompt of the suite, so nothing tells which problem it answers.")
        return fits[0].task_id

    def _key(self, raw: str | int) -> str:
        text = str(raw)
        head, slash, tail = text.partition("/")
        prefixes = {prefix.lower() for prefix in self.definition.id_prefixes}
        return tail if slash and head.lower() in prefixes else text

    @cached_property
    def _by_signature(self) -> dict[str, list[Problem]]:
        found: dict[str, list[Problem]] = {}
        for problem in self.problems:
            found.setdefault(problem.prefix.rstrip().rpartition("\n")[2].strip(), []).append(problem)
        return found

    @cached_property
    def _by_id(self) -> dict[str, Problem]:
        return {problem.task_id: problem for problem in self.problems}

    @cached_property
    def _by_key(self) -> dict[str, str]:
        return {self._key(task_id): task_id for task_id in self._by_id}
