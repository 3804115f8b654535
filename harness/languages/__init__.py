"""The languages beside Python that programs can be written in: a table (table.yaml), read into frozen records.

A language is a row of data: packages of its image, how an answer becomes a program, how that is built, run and called.
Nothing in harness knows a language by name but this table.
"""

from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

from harness.checks import Record
from harness.errors import UserError


class AnswerShape(Record):
    """How an answer becomes the file `program`; patterns are of Python's `re`, with ^ at each line's start.

    `definition` finds the function NAME. An answer that `whole` does not find in gets the prompt's preamble in front
    (only its first line, where `imports` finds its own), or, with `wrap`, that preamble and a class around it. `open`
    is how many braces a prompt leaves for the tests to close, `rewrite` replaces patterns, `used` has names that an
    import must not make an error (import path: an expression that uses it).
    """

    program: str
    definition: str
    whole: str = ""
    imports: str = ""
    wrap: str = ""
    open: int = 0
    rewrite: tuple[tuple[str, str], ...] = ()
    used: dict[str, str] = {}


class TestShape(Record):
    """How one test of MultiPL-E reads: `case` has groups call and right, or test, which multipl_e.py takes apart.

    `put` and `expect` write one result and one expected value, `inside` compares both where a pattern of `unsplit`,
    which says why, is found in the prompt. `repairs` mend expected values that do not compile as they were published.
    """

    __test__ = False

    case: str
    put: str
    expect: str
    name: str = ""
    returns: str = ""
    inside: str = ""
    unsplit: dict[str, str] = {}
    repairs: tuple[tuple[str, str], ...] = ()


class Language(Record):
    """One row of the table; table.yaml says what each field is."""

    title: str
    packages: tuple[str, ...]
    tags: tuple[str, ...]
    answer: AnswerShape
    tests: TestShape
    files: dict[str, str]
    oracle: dict[str, str]
    steps: tuple[tuple[str, ...], ...]
    testing: tuple[tuple[str, ...], ...] = ()
    env: dict[str, str] = {}
    compare: Literal["exact", "loose"] = "exact"
    compile_status: int = 0


ALL = "all"
"""Stands for every language of the table where an image is made."""


@cache
def languages() -> dict[str, Language]:
    """All rows by name."""
    text = files(__name__).joinpath("table.yaml").read_text(encoding="utf-8")
    return {name: Language.model_validate(row) for name, row in yaml.safe_load(text).items()}


def language(name: str) -> Language:
    """The row of that name.

    Raises:
        UserError: there is none.
    """
    if name not in languages():
        raise UserError(f"There is no language {name!r}.", f"Known: {', '.join(languages())}.")
    return languages()[name]


def packages_of(name: str) -> tuple[str, ...]:
    """The Debian packages that a language, or `ALL` together, need on top of Python. UserError: no such language."""
    if name == ALL:
        return tuple(sorted({package for row in languages().values() for package in row.packages}))
    return language(name).packages
