"""Ranked rows as CSV, JSON, Markdown and one HTML page; docs/leaderboard.md documents the columns.

CSV and JSON hold every field of every row under the same names and in the same order, whatever the rows; Markdown and
HTML hold what a person reads.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from harness.reports import cells
from harness.reports.row import Row, groups


def column_names() -> list[str]:
    """The columns of the CSV, in order."""
    return [name.replace("pass_at_", "pass@") for name in Row.model_fields]


def to_csv(rows: Sequence[Row]) -> str:
    """Comma-separated, one header, dot decimals without exponents, empty where not known; loads in pandas as it is."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(column_names())
    writer.writerows([_plain(getattr(row, name)) for name in Row.model_fields] for row in rows)
    return out.getvalue()


def to_json(rows: Sequence[Row]) -> str:
    """An array of objects with the columns of the CSV; money as decimal strings where it is exact, null: not known."""
    names = column_names()
    table = [dict(zip(names, row.model_dump(mode="json").values(), strict=True)) for row in rows]
    return json.dumps(table, indent=2, ensure_ascii=False) + "\n"


def to_markdown(rows: Sequence[Row]) -> str:
    """A heading, a table and its notes for each group."""
    return "\n".join(_markdown(group) for group in groups(rows))


def to_html(rows: Sequence[Row], pictures: Mapping[int, str]) -> str:
    """One page that needs no network: tables that sort by a click, and above each its picture.

    `pictures` holds SVG text by the position of the group.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - only pages need it

    page = Environment(loader=PackageLoader("harness.reports", ""), autoescape=True, undefined=StrictUndefined)
    sections = [
        {
            "title": cells.title(group),
            "picture": pictures.get(at, ""),
            "columns": cells.columns(group),
            "rows": group,
            "notes": cells.notes(group),
        }
        for at, group in enumerate(groups(rows))
    ]
    return page.get_template("leaderboard.html.j2").render(sections=sections, sort_key=_sort_key)


def _markdown(rows: Sequence[Row]) -> str:
    columns = cells.columns(rows)
    lines = [[column.header for column in columns], ["--:" if column.right else ":--" for column in columns]]
    lines += [[column.text(row) for column in columns] for row in rows]
    table = ["| " + " | ".join(cell.strip().replace("|", "\\|") for cell in line) + " |" for line in lines]
    notes = [f"- {note}" for note in cells.notes(rows)]
    return "\n".join([f"### {cells.title(rows)}", "", *table, "", *notes, ""])


def _plain(value: object) -> str:
    """A field as CSV text."""
    if value is None:
        return ""
    kinds: list[tuple[type | tuple[type, ...], Callable[..., str]]] = [
        (bool, lambda flag: str(flag).lower()),
        (float, lambda number: f"{Decimal(f'{number:.10g}'):f}"),
        (Decimal, lambda number: f"{number:f}"),
        (date, lambda day: str(day.isoformat())),
        (tuple, lambda numbers: cells.ranks(numbers) if numbers else ""),
    ]
    return next((spell(value) for kind, spell in kinds if isinstance(value, kind)), str(value))


def _sort_key(text: str) -> str:
    """What a column of numbers sorts by on the page: the first number of a cell."""
    found = re.search(r"[\d,]*\.?\d+", text)
    return found[0].replace(",", "") if found else "-1"
