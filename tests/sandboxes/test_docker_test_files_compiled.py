"""Files of tests in Go and Java: known-good, known-bad and forged ones, in real Docker."""

from collections.abc import Callable, Mapping

import anyio
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
    "java-finds_the_counters": java(
        "for (java.lang.reflect.Method m : Clamp.class.getDeclaredMethods())"
        " if (m.getReturnType() == boolean[].class) { m.setAccessible(true);"
        " java.util.Arrays.fill((boolean[]) m.invoke(null,"
        ' java.lang.invoke.MethodHandles.lookup(), "x", Clamp.class), true); }'
    ),
    "java-listens_for_the_counters": java(
        'java.util.logging.Logger.getLogger("jacoco-runtime").addHandler(new java.util.logging.ConsoleHandler() {'
        " public void publish(java.util.logging.LogRecord r) {"
        " java.util.Arrays.fill((boolean[]) r.getParameters()[0], true); } }); Clamp.clamp(1, 3);"
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


async def tried(image: ImageInfo, language: str, programs: Mapping[str, str]) -> dict[str, Outcome]:
    """The outcomes of test files by name, all in one sandbox."""
    limits = Limits(cpu_s=30, wall_s=120, memory_mb=2048, processes=256, file_mb=256)
    outcomes: dict[str, Outcome] = {}

    async def run(sandbox: DockerSandbox, name: str) -> None:
        job = Job(id=name, program=programs[name], check=CHECKS[language], limits=limits)
        outcomes[name] = await sandbox.run(job)

    async with DockerSandbox(image=image.tag, language=language) as sandbox, anyio.create_task_group() as group:
        for name in programs:
            group.start_soon(run, sandbox, name)
    return outcomes


@pytest.mark.parametrize("language", CHECKS)
async def test_each_file_has_the_verdict_and_the_coverage_that_it_earned(
    image: Callable[[str], ImageInfo], language: str
) -> None:
    """Good files cover all statements, bad ones get their verdict, forged ones cover nothing that they did not call."""
    bad = {name: program for name, (program, _) in BAD.items() if name.startswith(language)}
    forged = {name: program for name, program in FORGED.items() if name.startswith(language)}
    outcomes = await tried(image(language), language, {"good": GOOD[language], **bad, **forged})
    assert outcomes["good"].verdict is Verdict.PASSED, outcomes["good"].detail
    assert outcomes["good"].measures == {"executed": 1, "tests": 1, "tests_passed": 1, "statements": 3, "covered": 3}
    assert {name: outcomes[name].verdict for name in bad} == {name: BAD[name][1] for name in bad}
    assert {name: outcomes[name].measures.get("covered", 0) for name in forged} == dict.fromkeys(forged, 0)
