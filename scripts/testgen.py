"""Writes suites/testgen/problems.jsonl from cases.yaml beside it: three languages a case, tests that must be judged so.

The reference tests make every call of the case. The known-bad ones: one expects something else, one does not compile.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent.parent / "suites" / "testgen"
NAMES = {"python": "Python", "go": "Go", "java": "Java"}
TOOLS = {"python": "unittest, or plain functions with asserts", "go": "the package testing", "java": "JUnit 5"}


def main() -> None:
    """Write the file."""
    cases = yaml.safe_load((FOLDER / "cases.yaml").read_text(encoding="utf-8"))
    rows = [row(case, language) for language in ("go", "java", "python") for case in cases]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (FOLDER / "problems.jsonl").write_text(text, encoding="utf-8")


def row(case: dict[str, Any], language: str) -> dict[str, Any]:
    """One problem."""
    snake = case["name"].replace(" ", "_")
    camel = "".join(word.capitalize() for word in case["name"].split())
    source, path, answer = LAYOUTS[language](case, snake, camel)
    files = {path: source, **({"go.mod": "module testgen\n\ngo 1.19\n"} if language == "go" else {})}
    calls = case["calls"]
    last = [call for call in calls if call and call[-1] != "!"][-1:]
    wrong = [[*call[:-1], _other(call[-1])] for call in last]
    bad = [{"program": TESTS[language](case, snake, camel, wrong), "verdict": "failed"}] if wrong else []
    broken = TESTS[language](case, snake, camel, calls) + "\nthis does not compile (\n"
    return {
        "id": f"{language}/{snake}",
        "language": language,
        "name": NAMES[language],
        "tool": TOOLS[language],
        "path": path,
        "answer": answer,
        "entry_point": snake if language == "python" else camel[0].lower() + camel[1:],
        "source": source,
        "files": files,
        "mutants": _mutants(case, path, source) if language == "python" else [],
        "reference": TESTS[language](case, snake, camel, calls),
        "wrong": [*bad, {"program": broken, "verdict": "compile_error"}],
    }


def _mutants(case: dict[str, Any], path: str, source: str) -> list[dict[str, str]]:
    for old, _ in case["mutants"]:
        assert old in source, (case["name"], old)
    return [{path: source.replace(old, new, 1)} for old, new in case["mutants"]]


def _other(value: Any) -> Any:
    """Something else of the same type."""
    others: dict[type, Callable[[Any], Any]] = {bool: lambda v: not v, int: lambda v: v + 1, list: lambda v: [*v, 1]}
    return others.get(type(value), lambda v: v + "?")(value)


def _python_layout(case: dict[str, Any], snake: str, _: str) -> tuple[str, str, str]:
    return case["python"], f"{snake}.py", f"test_{snake}.py"


def _go_layout(case: dict[str, Any], snake: str, _: str) -> tuple[str, str, str]:
    imports = "".join(f'import "{name}"\n' for name in case.get("imports", []))
    head = f"package testgen\n\n{imports}\n" if imports else "package testgen\n\n"
    return head + case["go"], f"{snake}.go", f"{snake}_test.go"


def _java_layout(case: dict[str, Any], _: str, camel: str) -> tuple[str, str, str]:
    body = "".join(f"    {line}\n" for line in case["java"].splitlines())
    source = f"package testgen;\n\nfinal class {camel} {{\n    private {camel}() {{\n    }}\n\n{body}}}\n"
    return source, f"src/main/java/testgen/{camel}.java", f"src/test/java/testgen/{camel}Test.java"


def _python_tests(case: dict[str, Any], snake: str, camel: str, calls: list[list[Any]]) -> str:
    lines = ["import unittest", "", f"from {snake} import {snake}", "", "", f"class {camel}Test(unittest.TestCase):"]
    for number, call in enumerate(calls):
        lines += [*([""] if number else []), f"    def test_{number}(self):"]
        if case["result"] == "none":
            lines.append(f"        self.assertIsNone({snake}())")
        elif call[-1] == "!":
            lines += ["        with self.assertRaises(ValueError):", f"            {snake}({_list(call[:-1], repr)})"]
        else:
            lines.append(f"        self.assertEqual({snake}({_list(call[:-1], repr)}), {call[-1]!r})")
    return "\n".join(lines) + "\n"


def _go_tests(case: dict[str, Any], _: str, camel: str, calls: list[list[Any]]) -> str:
    name = camel[0].lower() + camel[1:]
    lists = case["result"] == "ints" and any(call[-1] != "!" for call in calls)
    lines = ["package testgen", "", *(['import "reflect"'] if lists else []), 'import "testing"']
    for number, call in enumerate(calls):
        made = f"{name}({_list(call[:-1], _go)})"
        lines += ["", f"func Test{camel}{number}(t *testing.T) {{"]
        if case["result"] == "none":
            lines.append(f"\t{name}()")
        elif call[-1] == "!":
            lines += ["\tdefer func() {", "\t\tif recover() == nil {", '\t\t\tt.Error("no panic")', "\t\t}", "\t}()"]
            lines.append(f"\t{made}")
        else:
            differs = f"!reflect.DeepEqual(got, {_go(call[-1])})" if lists else f"got != {_go(call[-1])}"
            lines += [f"\tif got := {made}; {differs} {{", '\t\tt.Errorf("got %v", got)', "\t}"]
        lines.append("}")
    return "\n".join(lines) + "\n"


def _java_tests(case: dict[str, Any], _: str, camel: str, calls: list[list[Any]]) -> str:
    name = camel[0].lower() + camel[1:]
    check = "assertArrayEquals" if case["result"] == "ints" else "assertEquals"
    lines = ["package testgen;", "", "import static org.junit.jupiter.api.Assertions.*;", ""]
    lines += ["import org.junit.jupiter.api.Test;", "", f"class {camel}Test {{"]
    for number, call in enumerate(calls):
        made = f"{camel}.{name}({_list(call[:-1], _java)})"
        said = f"{check}({_java(call[-1])}, {made});" if call else f"{made};"
        if call and call[-1] == "!":
            said = f"assertThrows(IllegalArgumentException.class, () -> {made});"
        lines += ["    @Test", f"    void test{number}() {{", f"        {said}", "    }", ""]
    return "\n".join([*lines[:-1], "}"]) + "\n"


def _list(values: list[Any], spell: Callable[[Any], str]) -> str:
    return ", ".join(map(spell, values))


def _go(value: Any) -> str:
    return f"[]int{{{_list(value, _go)}}}" if isinstance(value, list) else json.dumps(value)


def _java(value: Any) -> str:
    return f"new int[] {{{_list(value, _java)}}}" if isinstance(value, list) else json.dumps(value)


LAYOUTS = {"python": _python_layout, "go": _go_layout, "java": _java_layout}
TESTS = {"python": _python_tests, "go": _go_tests, "java": _java_tests}

if __name__ == "__main__":
    main()
