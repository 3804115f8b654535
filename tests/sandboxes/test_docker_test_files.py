"""Files of tests in Python: known-good, known-bad and forged ones, in real Docker."""

import re

import pytest

from harness.checks import Limits, TestsCheck
from harness.records import Job, Outcome, Verdict
from harness.sandboxes.docker import DockerSandbox
from harness.sandboxes.image import ImageInfo

pytestmark = [pytest.mark.docker, pytest.mark.anyio, pytest.mark.usefixtures("mine")]

SOURCE = '''"""Clamp a number."""


def clamp(value, low, high):
    """The number of the range that is nearest."""
    if low > high:
        raise ValueError("low is above high")
    if value < low:
        return low
    if value > high:
        return high
    return value
'''
MUTANTS = (
    SOURCE.replace("return low", "return low - 1"),
    SOURCE.replace("return high", "return high + 1"),
    SOURCE.replace('raise ValueError("low is above high")', "pass"),
    SOURCE.replace("return value", "while True: pass"),
)
CHECK = TestsCheck(
    language="python",
    files={"clamp.py": SOURCE},
    answer="test_clamp.py",
    mutants=tuple({"clamp.py": mutant} for mutant in MUTANTS),
)
CALLS = "clamp(5, 1, 3); clamp(0, 1, 3); clamp(2, 1, 3)"
UNITTEST = """
import unittest
from clamp import clamp

class ClampTest(unittest.TestCase):
    def test_range(self):
        self.assertEqual([clamp(n, 1, 3) for n in (0, 2, 5)], [1, 2, 3])
    def test_order(self):
        with self.assertRaises(ValueError):
            clamp(1, 3, 2)

if __name__ == "__main__":
    unittest.main()
"""
PYTEST = """
import pytest
import clamp

@pytest.fixture
def low():
    yield 1

@pytest.mark.parametrize("value, expected", [(0, 1), (2, 2), (5, 3)])
def test_range(value, expected, low):
    assert clamp.clamp(value, low, 3) == pytest.approx(expected)

class TestOrder:
    def test_order(self):
        with pytest.raises(ValueError, match="above"):
            clamp.clamp(1, 3, 2)
"""
FORGED = {
    "exits": "import os\nos._exit(0)\n",
    "exits_in_a_test": f"import os\nfrom clamp import clamp\ndef test():\n    {CALLS}\n    os._exit(0)\n",
    "leaves": "import sys\nsys.exit(0)\n",
    "prints": 'print(\'{"executed": 1, "tests": 1, "tests_passed": 1, "statements": 8, "covered": 8}\')\n',
    "writes_reports": "open('.coverage', 'w').write('1')\nopen('coverage.json', 'w').write('{}')\ndef test(): pass\n",
    "replaces_the_module": "import sys, types\nsys.modules['clamp'] = types.ModuleType('clamp')\ndef test(): pass\n",
    "replaces_the_function": "import clamp\nclamp.clamp = lambda *a: 1\ndef test(): assert clamp.clamp(1, 1, 1) == 1\n",
    "writes_the_source": "open('clamp.py', 'w').write('def clamp(*a): pass')\nimport clamp\ndef test(): pass\n",
    "replaces_the_runner": "import sys\nsys.modules['program'].__run__ = lambda *a: [1, 9, 9, '']\ndef test(): pass\n",
    "traces": "import sys\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: None)\ndef test(): pass\n",
    "raises_the_report": 'raise AssertionError(\'0 {"executed": 1, "statements": 8, "covered": 8}\')\n',
    "answers_oddly": "import sys\nsys.modules['program'].__run__ = lambda *a: [1, 1, 2, '']\n",
}


async def tried(image: ImageInfo, *programs: str) -> list[Outcome]:
    """The outcomes of test files, one after the other in one sandbox."""
    async with DockerSandbox(parallel=1, image=image.tag) as sandbox:
        jobs = [Job(id="t", program=program, check=CHECK, limits=Limits(cpu_s=5)) for program in programs]
        return [await sandbox.run(job) for job in jobs]


@pytest.mark.parametrize("program", [UNITTEST, PYTEST], ids=["unittest", "pytest"])
async def test_good_tests_cover_everything_and_notice_every_broken_version(
    sandbox_image: ImageInfo, program: str
) -> None:
    """Both forms of tests run, pass, cover all eight statements and fail on all mutants, one of which never ends."""
    [outcome] = await tried(sandbox_image, program)
    assert outcome.verdict is Verdict.PASSED, outcome.detail
    found = outcome.measures
    assert (found["executed"], found["covered"], found["statements"], found["killed"]) == (1, 8, 8, 4)
    assert found["tests"] == found["tests_passed"] > 1


async def test_tests_without_assertions_cover_and_notice_little(sandbox_image: ImageInfo) -> None:
    """Calls alone cover statements, as they do everywhere, but only a mutant that raises is noticed by them."""
    [outcome] = await tried(sandbox_image, f"from clamp import clamp\ndef test():\n    {CALLS}\n")
    assert outcome.verdict is Verdict.PASSED
    assert (outcome.measures["covered"], outcome.measures["killed"]) == (7, 1)


@pytest.mark.parametrize(
    ("program", "verdict"),
    [
        (re.sub(r"\[1, 2, 3\]", "[1, 2, 4]", UNITTEST), Verdict.FAILED),
        ("from clamp import clamp\n", Verdict.FAILED),
        ("from clamp import clip\n", Verdict.ERROR),
        ("def test(:\n", Verdict.COMPILE_ERROR),
        ("while True: pass\n", Verdict.TIMEOUT),
    ],
    ids=["wrong", "no_tests", "no_such_name", "no_python", "endless"],
)
async def test_bad_tests_get_their_verdict_and_kill_nothing(
    sandbox_image: ImageInfo, program: str, verdict: Verdict
) -> None:
    """Tests that fail on the right version, that there are none of, or that do not load are not good tests."""
    [outcome] = await tried(sandbox_image, program)
    assert outcome.verdict is verdict
    assert not outcome.measures.get("killed")


async def test_no_forged_file_is_said_to_cover_what_it_did_not_call(sandbox_image: ImageInfo) -> None:
    """Whatever a file does to its own process covers only the line that loading the module runs, and kills nothing."""
    outcomes = dict(zip(FORGED, await tried(sandbox_image, *FORGED.values()), strict=True))
    assert {name: found.measures.get("covered", 0) <= 1 for name, found in outcomes.items()} == dict.fromkeys(
        FORGED, True
    )
    assert not any(found.measures.get("killed") for found in outcomes.values())


async def test_a_file_that_fails_from_its_second_run_on_kills_no_mutant(sandbox_image: ImageInfo) -> None:
    """Counting the runs instead of testing would kill every mutant, were the right version tried only once."""
    forged = "import sys\nsys.runs = getattr(sys, 'runs', 0) + 1\nfrom clamp import clamp\n"
    forged += f"def test():\n    {CALLS}\n    assert sys.runs == 1\n"
    [outcome] = await tried(sandbox_image, forged)
    assert outcome.verdict is Verdict.FAILED
    assert not outcome.measures["killed"]
