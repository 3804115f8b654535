"""JUnit XML of runs: a test suite for each, a test case for each problem, and one for each gate.

A problem fails where none of its samples passed; it is an error, not a failure, where none has a verdict.
Schema: what Jenkins' xunit plug-in, GitLab and GitHub's test reporters read.
"""

import re
from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from harness.records import Execution, Report, Verdict
from harness.reports.gates import Judgement

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even escaped; programs print them."""

LONGEST = 4000


def junit(runs: Iterable[tuple[Report, Iterable[Execution]]], judgements: Sequence[Judgement]) -> bytes:
    """The XML of runs with what became of their samples, and of the gates."""
    root = Element("testsuites", name="harness")
    for report, executions in runs:
        _suite(root, report, executions)
    if judgements:
        suite = SubElement(root, "testsuite", name="gates")
        for judgement in judgements:
            _gate(suite, judgement)
    for suite in root:
        for name in ("failure", "error"):
            suite.set(f"{name}s", str(len(suite.findall(f"testcase/{name}"))))
        suite.set("tests", str(len(suite.findall("testcase"))))
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _suite(root: Element, report: Report, executions: Iterable[Execution]) -> None:
    last = {(execution.task_id, execution.index): execution for execution in executions}
    found: dict[str, list[Execution]] = {task_id: [] for task_id in report.per_problem}
    for (task_id, _), execution in sorted(last.items()):
        found[task_id].append(execution)
    name = f"{report.suite.name} v{report.suite.version}: {report.model}"
    suite = SubElement(root, "testsuite", name=_clean(name), id=report.run_id)
    for task_id, samples in found.items():
        _problem(suite, report, task_id, samples)


def _problem(suite: Element, report: Report, task_id: str, samples: Sequence[Execution]) -> None:
    seconds = f"{sum(sample.wall_s for sample in samples):.3f}"
    case = SubElement(suite, "testcase", classname=report.suite.name, name=_clean(task_id), time=seconds)
    numbers = report.per_problem[task_id]
    tally = f"{numbers['passed']} of {numbers['scored']} samples passed"
    if not numbers["scored"]:
        causes = {sample.failure.reason: sample.failure.message for sample in samples if sample.failure}
        _add(case, "error", "no verdict: " + (", ".join(causes) or "not attempted"), "\n".join(causes.values()))
    elif not numbers["passed"]:
        wrong = [sample for sample in samples if sample.verdict not in (None, Verdict.PASSED)]
        details = "\n".join(f"sample {sample.index}: {sample.verdict}: {sample.detail}" for sample in wrong)
        kinds = dict.fromkeys(str(sample.verdict) for sample in wrong)
        _add(case, "failure", f"{', '.join(kinds)} ({tally})", details)


def _gate(suite: Element, judgement: Judgement) -> None:
    case = SubElement(suite, "testcase", classname=judgement.run_id, name=_clean(judgement.gate))
    if judgement.outcome == "passed":
        SubElement(case, "system-out").text = _clean(judgement.message)
    else:
        _add(case, "failure" if judgement.outcome == "failed" else "error", judgement.message, "")


def _add(case: Element, kind: str, message: str, text: str) -> None:
    SubElement(case, kind, message=_clean(message)).text = _clean(text)[:LONGEST]


def _clean(text: str) -> str:
    return ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
