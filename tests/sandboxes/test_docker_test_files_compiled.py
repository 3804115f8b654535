"""Files of tests in Go and Java: known-good, known-bad and forged ones, in real Docker."""

from collections.abc import Callable

import pytest

from harness.checks import Limits, TestsCheck
from harness.errors import MachineError
from harness.records import Job, Outcome, Verdict
from harness.sandboxes.docker import DockerSandbox
from harness.sandboxes.image import ImageInfo, build_image, find_image

pytestmark = [pytest.mark.docker, pytest.mark.anyio, pytest.mark.usefixtures("mine")]

GO = TestsCheck(
    language="go",
    files={
        "clamp.go": "package clamp\n\nfunc clamp(value, high int) int {\n"
        "\tif value > high {\n\t\treturn high\n\t}\n\treturn value\n}\n",
        "go.mod": "module clamp\n\ngo 1.19\n",
    },
    answer="clamp_test.go",
)
JAVA = TestsCheck(
    language="java",
    files={
        "src/main/java/own/Clamp.java": "package own;\n\nfinal class Clamp {\n    private Clamp() {\n    }\n\n"
        "    static int clamp(int value, int high) {\n        if (value > high) {\n            return high;\n"
        "        }\n        return value;\n    }\n}\n"
    },
    answer="src/test/java/own/ClampTest.java",
)
CHECKS = {"go": GO, "java": JAVA}


def go(body: str, imports: str = "", rest: str = "") -> str:
    """A Go file with one test."""
    return f'package clamp\n\nimport "testing"\n{imports}\n{rest}\nfunc TestClamp(t *testing.T) {{\n{body}\n}}\n'


def java(body: str, rest: str = "", name: str = "ClampTest") -> str:
    """A Java file with one test."""
    head = "package own;\nimport static org.junit.jupiter.api.Assertions.*;\nimport org.junit.jupiter.api.Test;\n"
    return f"{head}{rest}\nclass {name} {{\n    @Test\n    void test() throws Exception {{\n{body}\n    }}\n}}\n"


GOOD = {
    "go": go('if clamp(5, 3) != 3 || clamp(1, 3) != 1 { t.Error("wrong") }'),
    "java": java("assertEquals(3, Clamp.clamp(5, 3)); assertEquals(1, Clamp.clamp(1, 3));"),
}
BAD = {
    "go-wrong": (go('if clamp(5, 3) != 4 { t.Error("wrong") }'), Verdict.FAILED),
    "go-does_not_compile": (go("undefined()"), Verdict.COMPILE_ERROR),
    "go-no_tests": ("package clamp\n", Verdict.FAILED),
    "java-wrong": (java("assertEquals(4, Clamp.clamp(5, 3));"), Verdict.FAILED),
    "java-does_not_compile": (java("undefined();"), Verdict.COMPILE_ERROR),
    "java-no_tests": ("package own;\nclass ClampTest { }\n", Verdict.FAILED),
}
LINE = "ok 1 1 3 3"
FORGED = {
    "go-prints": go(f'println("{LINE}"); println("coverage: 100.0% of statements")'),
    "go-exits": go("os.Exit(0)", 'import "os"'),
    "go-exits_at_once": go("", 'import "os"', "func init() { os.Exit(0) }"),
    "go-writes_reports": go(
        f'os.WriteFile("results.out", []byte("{LINE}\\n"), 0600); os.WriteFile("cover.out", []byte("mode: set"), 0600)'
        "; os.Exit(0)",
        'import "os"',
    ),
    "go-own_main": go("", 'import "os"', "func TestMain(m *testing.M) { os.Exit(0) }"),
    "go-replaces_the_function": go(
        'clamp := func(a, b int) int { return 3 }; if clamp(5, 3) != 3 { t.Error("wrong") }'
    ),
    "java-prints": java(f'System.out.println("{LINE}");'),
    "java-exits": java("System.exit(0);"),
    "java-halts": java("Runtime.getRuntime().halt(0);"),
    "java-exits_at_once": java("", "final class Early { static { System.exit(0); } }\n")
    + "class More { static final Early EARLY = new Early(); }\n",
    "java-writes_reports": java(
        f'java.nio.file.Files.writeString(java.nio.file.Path.of("results.out"), "{LINE}\\n");'
        "Runtime.getRuntime().halt(0);"
    ),
    "java-replaces_the_class": java(
        "assertEquals(3, Clamp.clamp(5, 3));", "class Clamp { static int clamp(int a, int b) { return 3; } }\n"
    ),
    "java-writes_the_class": java(
        'for (String f : new String[] {"own/own/Clamp.class", "own/Clamp.class", "Clamp.class"})'
        " try { java.nio.file.Files.write(java.nio.file.Path.of(f), new byte[0]); } catch (Exception e) { }"
    ),
}  # fmt: skip


@pytest.fixture(scope="session")
def image() -> Callable[[str], ImageInfo]:
    """The sandbox's image for a language, built where the engine lacks it."""

    def find(language: str) -> ImageInfo:
        try:
            return find_image(language=language)
        except MachineError:
            return build_image(language=language)

    return find


async def tried(image: Callable[[str], ImageInfo], language: str, program: str) -> Outcome:
    """The outcome of one test file."""
    limits = Limits(cpu_s=30, wall_s=120, memory_mb=2048, processes=256, file_mb=256)
    async with DockerSandbox(parallel=1, image=image(language).tag, language=language) as sandbox:
        return await sandbox.run(Job(id="t", program=program, check=CHECKS[language], limits=limits))


@pytest.mark.parametrize("language", GOOD)
async def test_good_tests_pass_and_cover_everything(image: Callable[[str], ImageInfo], language: str) -> None:
    """Tests that make both calls run, pass and cover all three statements."""
    outcome = await tried(image, language, GOOD[language])
    assert outcome.verdict is Verdict.PASSED, outcome.detail
    assert outcome.measures == {"executed": 1, "tests": 1, "tests_passed": 1, "statements": 3, "covered": 3}


@pytest.mark.parametrize("name", BAD)
async def test_bad_tests_get_their_verdict(image: Callable[[str], ImageInfo], name: str) -> None:
    """Tests that fail, that there are none of, or that do not compile are not good tests."""
    program, verdict = BAD[name]
    outcome = await tried(image, name.partition("-")[0], program)
    assert outcome.verdict is verdict, outcome.detail


@pytest.mark.parametrize("name", FORGED)
async def test_no_forged_file_is_said_to_cover_what_it_did_not_call(
    image: Callable[[str], ImageInfo], name: str
) -> None:
    """Reports that a file prints or writes, early exits and copies of the code under test cover no statement of it."""
    outcome = await tried(image, name.partition("-")[0], FORGED[name])
    assert not outcome.measures.get("covered"), outcome.measures
