"""The rules that hold for the whole tree: floors, quick start, documented modules and tests, nothing of one machine."""

import ast
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = {"datasets", "pandas", "numpy", "openai", "httpx", "docker", "pyarrow", "rich.progress", "tenacity", "requests"}
HEAVY |= {"altair", "jinja2"}
HELP_S = 0.3
SENTENCE = re.compile(r"[^\n]+(?:\n[^\n]+)*[.!?]")

# Spelled in pieces, so that this file is not its own finding.
HOSTS = "pypi[.]" + "org|python" + "hosted|registry-1[.]" + "docker"
FOREIGN = re.compile("/(?:work|farm|root)/|tmp/bash" + "_jobs|" + HOSTS)


def tracked(*patterns: str) -> list[Path]:
    """The files that git knows of, those not yet added included."""
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip
    found = [ROOT / name for name in names.split("\0") if name]
    if not found:
        pytest.skip("needs the git checkout: this is a bare copy of the files")
    return [path for path in found if path.is_file()]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The test functions and methods of a file."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node


def test_the_floors_hold() -> None:
    """A module imports only from floors below its own, and only its room imports its heavy library."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_help_imports_nothing_heavy() -> None:
    """`harness --help` answers without the libraries that cost seconds."""
    program = (
        "import sys; sys.argv = ['harness', '--help']\n"
        "from harness.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "Usage: harness" in done.stdout
    assert HEAVY.isdisjoint(done.stderr.split())


@pytest.mark.slow
def test_help_answers_at_once() -> None:
    """`harness --help` takes less than 0.3 s; the best of five counts, so a busy machine does not."""
    command = [Path(sys.executable).with_name("harness"), "--help"]

    def once() -> float:
        started = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        return time.perf_counter() - started

    assert min(once() for _ in range(5)) < HELP_S


def test_every_module_states_its_contract() -> None:
    """Every Python file that holds anything opens with a docstring."""
    trees = {path: ast.parse(path.read_bytes()) for path in tracked("harness/*.py", "sandbox/*.py", "scripts/*.py")}
    assert [path for path, tree in trees.items() if tree.body and not ast.get_docstring(tree)] == []


def test_every_module_is_readable_in_one_sitting() -> None:
    """No module of the package or the sandbox has more than 350 lines."""
    lengths = {path: len(path.read_bytes().splitlines()) for path in tracked("harness/*.py", "sandbox/*.py")}
    assert {path: length for path, length in lengths.items() if length > 350} == {}


def test_every_test_says_what_it_shows() -> None:
    """Every test has a docstring: one paragraph that ends as a sentence does."""
    silent = [
        f"{path.relative_to(ROOT)}:{test.lineno} {test.name}"
        for path in tracked("tests/*.py")
        for test in functions(path)
        if not SENTENCE.fullmatch(ast.get_docstring(test) or "")
    ]
    assert silent == []


def test_nothing_names_this_machine() -> None:
    """No tracked file holds a path of the machine it was written on or the host of a package registry."""
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in tracked()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if FOREIGN.search(line)
    ]
    assert found == []


def test_nothing_is_left_unfinished() -> None:
    """The package holds no mark of unfinished work: what is not there yet has an issue."""
    mark = re.compile(r"\bTO" + "DO|FIX" + r"ME|^\s+raise NotImplementedError", re.MULTILINE)
    assert [path for path in tracked("harness/*.py", "sandbox/*.py") if mark.search(path.read_text("utf-8"))] == []


def test_shell_scripts_stop_at_the_first_error() -> None:
    """Every shell script stops at the first command that fails, so no step is skipped in silence."""
    for path in tracked("scripts/*.sh", ".ci/run"):
        text = path.read_text(encoding="utf-8")
        assert "set -euo pipefail" in text or "common.sh" in text, path


def test_links_between_pages_lead_somewhere() -> None:
    """Every relative link in a page names a file of the tree."""
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in tracked("*.md")
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert dead == []
