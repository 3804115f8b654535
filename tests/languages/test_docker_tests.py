"""Answers that are files of tests, in real containers: what was run and covered is counted, and cannot be claimed."""

import anyio
import pytest

from harness.checks import TestsCheck
from harness.records import Job, Limits, Outcome
from harness.sandboxes.docker import DockerSandbox

LIMITS = Limits(cpu_s=10, wall_s=60, memory_mb=1024, processes=256, file_mb=64)
GO = TestsCheck(
    language="go",
    files={
        "go.mod": "module sign\n",
        "sign.go": "package sign\n\nfunc sign(x int) int {\n\tif x < 0 {\n\t\treturn -1\n\t}\n\treturn 1\n}\n",
    },
    answer="sign_test.go",
)
JAVA = TestsCheck(
    language="java",
    files={
        "src/main/java/own/Sign.java": "package own;\n\nclass Sign {\n    static int sign(int x) {\n"
        "        if (x < 0)\n            return -1;\n        return 1;\n    }\n}\n"
    },
    answer="src/test/java/own/SignTest.java",
)
GO_HEAD = 'package sign\n\nimport (\n\t"os"\n\t"testing"\n)\n\nvar _ = os.Exit\n\n'
GO_BOTH = "func TestSign(t *testing.T) {\n\tif sign(-5) != -1 || sign(5) != 1 {\n\t\tt.Error()\n\t}\n}\n"
JAVA_HEAD = "package own;\nimport org.junit.jupiter.api.*;\nimport static org.junit.jupiter.api.Assertions.*;\n"
JAVA_TEST = f"{JAVA_HEAD}class SignTest {{ @Test void a() {{ "
JAVA_BOTH = "assertEquals(-1, Sign.sign(-5)); assertEquals(1, Sign.sign(5));"
PROFILE = '"mode: set\\nsign.go:3.22,8.2 3 1\\n"'

# name: check, answer, verdict, (executed, tests, tests passed, statements, covered)
CASES: dict[str, tuple[TestsCheck, str, str, tuple[int, ...]]] = {
    "go, good": (GO, GO_HEAD + GO_BOTH, "passed", (1, 1, 1, 3, 3)),
    "go, half": (GO, GO_HEAD + "func TestOne(t *testing.T) { sign(1) }\n", "passed", (1, 1, 1, 3, 2)),
    "go, failing": (GO, GO_HEAD + "func TestOne(t *testing.T) { sign(-1); t.Fail() }\n", "failed", (1, 1, 0, 3, 2)),
    "go, TestMain": (
        GO,
        GO_HEAD + "func TestMain(m *testing.M) { os.Exit(m.Run()) }\n" + GO_BOTH,
        "passed",
        (1, 1, 1, 3, 3),
    ),
    "go, leaves early": (GO, GO_HEAD + "func TestOne(t *testing.T) { os.Exit(0) }\n", "error", (0, 0, 0, 0, 0)),
    "go, leaves at start": (GO, GO_HEAD + "func init() { os.Exit(0) }\n" + GO_BOTH, "error", (0, 0, 0, 0, 0)),
    "go, panics": (GO, GO_HEAD + "func TestOne(t *testing.T) { panic(1) }\n", "error", (0, 0, 0, 0, 0)),
    "go, writes a profile": (
        GO,
        GO_HEAD + f'func TestOne(t *testing.T) {{ os.WriteFile("cover.out", []byte({PROFILE}), 0600) }}\n',
        "passed",
        (1, 1, 1, 3, 0),
    ),
    "go, writes the report": (
        GO,
        GO_HEAD + 'func init() { os.WriteFile("results.out", []byte("x 1 1 3 3\\n"), 0600); os.Exit(0) }\n' + GO_BOTH,
        "error",
        (0, 0, 0, 0, 0),
    ),
    "go, replaces the function": (GO, GO_HEAD + "func sign(x int) int { return x }\n", "compile_error", (0,) * 5),
    "java, good": (
        JAVA,
        f"{JAVA_HEAD}class SignTest {{ @Test void a() {{ {JAVA_BOTH} }} }}",
        "passed",
        (1, 1, 1, 3, 3),
    ),
    "java, half": (
        JAVA,
        f"{JAVA_HEAD}class SignTest {{ @Test void a() {{ Sign.sign(1); }} }}",
        "passed",
        (1, 1, 1, 3, 2),
    ),
    "java, failing": (JAVA, f"{JAVA_HEAD}class SignTest {{ @Test void a() {{ fail(); }} }}", "failed", (1, 1, 0, 3, 0)),
    "java, leaves early": (
        JAVA,
        f"{JAVA_HEAD}class SignTest {{ @Test void a() {{ {JAVA_BOTH} System.exit(0); }} }}",
        "error",
        (0, 0, 0, 0, 0),
    ),
    "java, prints coverage": (
        JAVA,
        JAVA_HEAD + 'class SignTest { @Test void a() { System.out.println("x 1 1 3 3\\n<coverage>100%"); } }',
        "passed",
        (1, 1, 1, 3, 0),
    ),
    "java, replaces the class": (
        JAVA,
        f"{JAVA_HEAD}class Sign {{ static int sign(int x) {{ return 1; }} }} class SignTest {{ @Test void a() {{}} }}",
        "error",
        (0, 0, 0, 0, 0),
    ),
    "java, no test": (JAVA, f"{JAVA_HEAD}class SignTest {{ }}", "failed", (1, 0, 0, 3, 0)),
    "java, no Java": (JAVA, "There is nothing to test.", "compile_error", (0, 0, 0, 0, 0)),
}


@pytest.fixture
def anyio_backend() -> str:
    """Only asyncio: it is what the pipeline runs on."""
    return "asyncio"


@pytest.mark.docker
@pytest.mark.anyio
@pytest.mark.parametrize("name", ["go", "java"])
async def test_only_what_ran_is_counted(name: str) -> None:
    """A file of tests gets what it ran and covered: leaving early, printing or writing a report earns nothing."""
    outcomes: dict[str, Outcome] = {}
    async with DockerSandbox(language=name, parallel=2) as sandbox, anyio.create_task_group() as group:

        async def judged(label: str, check: TestsCheck, answer: str) -> None:
            outcomes[label] = await sandbox.run(Job(id=label, program=answer, check=check, limits=LIMITS))

        for label, (check, answer, *_) in CASES.items():
            if check.language == name:
                group.start_soon(judged, label, check, answer)
    found = {label: (outcome.verdict.value, tuple(outcome.measures.values())) for label, outcome in outcomes.items()}
    assert found == {label: (verdict, counts) for label, (_, _, verdict, counts) in CASES.items() if label in found}
