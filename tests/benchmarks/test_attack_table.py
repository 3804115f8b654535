"""The table of benchmarks/attacks/compare.py, without running a tool."""

from typing import Any

from benchmarks.attacks.compare import line, table


def row(**more: Any) -> dict[str, Any]:
    """A row of run_attacks.py for a case in which nothing went wrong."""
    flags: dict[str, Any] = {"false_pass": False, "false_fail": False, "na": False, "hang": False}
    lists: dict[str, Any] = {"lost": [], "canary_broken": [], "evidence": []}
    notes = [{"post": {}}, {"meta": {"left": 0}}]
    return {"id": "F1", "category": "forge", "wall_s": 2.0, "notes": notes, **flags, **lists, **more}


def test_a_case_counts_once_in_each_column_that_it_belongs_to() -> None:
    """A lost right program is lost and not a false fail too; every other column counts cases, not their parts."""
    rows = [
        row(false_pass=True, evidence=["LEAK a", "LEAK b"], notes=[{"meta": {"left": 3}}]),
        row(false_fail=True, canary_broken=["canary-good-1", "canary-good-2"], wall_s=4.0),
        row(false_fail=True, lost=["F1", "canary-bad"], hang=True, wall_s=9.0),
    ]
    assert line("tool", "forge", rows) == "| tool | forge | 3 | 1 | 1 | 1 | 1 | 1 | 1 | 4.0 |"


def test_a_case_that_a_tool_does_not_know_counts_nowhere() -> None:
    """What is n/a is no case of the tool's, and a category of nothing else is a line of zeros."""
    assert line("tool", "forge", [row(na=True, lost=["F1"])]) == "| tool | forge | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0.0 |"


def test_the_table_has_a_line_per_category_and_one_for_the_whole() -> None:
    """Categories come in alphabetical order, the whole last, one tool after the other."""
    rows = [row(), row(category="benign")]
    first = [text.split(" | ")[:2] for text in table({"a": rows, "b": rows[:1]}).splitlines()[2:]]
    assert first == [["| a", "benign"], ["| a", "forge"], ["| **a**", "all"], ["| b", "forge"], ["| **b**", "all"]]
