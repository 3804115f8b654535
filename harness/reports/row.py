"""Row and Entry: a line of the leaderboard, before and after it is ranked. docs/leaderboard.md documents every column.

The fields of `Row`, in their order, are the columns of the CSV. Rates are 0 to 1, money is US dollars; None is "not
known", never zero. Two rows have comparable ranks only where `group_of` gives the same.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Literal

from harness.pricing.tariff import Tariff
from harness.records import Record
from harness.scoring.scores import Scores

UNDATED = ", undated"
"""Ends the source of a price that has no date there: it may not have held on the row's day."""

Scale = Literal["pass@1", "points"]
Group = tuple[str, str, str, str, str]
"""Suite, version, fingerprint, problem set and scale: what rows must share to be ranked together."""


class Row(Record):
    """One line: a run, or a line of a published table.

    `score` ranks the row, in the unit of `scale`; `low` and `high` are its 95 % interval. `pass_at_k` is that of the
    largest `k` that every problem has samples for. `usd_per_answer` is the mean price of one answer, `usd_per_solved`
    the price of one that passed. `usd_per_mtok` is input plus output. `times_dearer` compares with the cheapest row
    within noise of the best. `tied_with` holds the ranks of the rows that cannot be told apart from this one.
    `reproduced` is what a run of ours came to, in a row of a published table: it ranks nothing.
    """

    rank: int | None = None
    model: str
    suite: str
    suite_version: str
    problems: int | None = None
    samples: int | None = None
    scale: Scale = "pass@1"
    score: float | None = None
    low: float | None = None
    high: float | None = None
    pass_at_1: float | None = None
    k: int | None = None
    pass_at_k: float | None = None
    coverage: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: Decimal | None = None
    usd_per_answer: float | None = None
    usd_per_solved: float | None = None
    usd_per_solved_low: float | None = None
    usd_per_solved_high: float | None = None
    usd_per_mtok_in: Decimal | None = None
    usd_per_mtok_out: Decimal | None = None
    usd_per_mtok: Decimal | None = None
    times_dearer: float | None = None
    tokens_per_s: float | None = None
    on_frontier: bool | None = None
    frontier_probability: float | None = None
    tied_with: tuple[int, ...] = ()
    temperature: float | None = None
    date: dt.datetime | dt.date | None = None
    run_id: str = ""
    harness_version: str = ""
    price_reference: str = ""
    price_source: str = ""
    price_date: str = ""
    source: str = ""
    reproduced: float | None = None
    reproduced_low: float | None = None
    reproduced_high: float | None = None
    fingerprint: str
    problem_set: str

    @property
    def is_whole(self) -> bool:
        """Whether the row has a score that no missing sample could still change."""
        return self.score is not None and self.coverage in (None, 1.0)


@dataclass(frozen=True)
class Entry:
    """A row that is not ranked yet, with its results by problem where they are known.

    `costs` are the mean US dollars of one sample of each problem; empty where not all are known.
    """

    row: Row
    scores: Scores | None = None
    costs: Mapping[str, float] = field(default_factory=dict)


def group_of(row: Row) -> Group:
    """What a row shares with those that it may be compared with."""
    return row.suite, row.suite_version, row.fingerprint, row.problem_set, row.scale


def groups(rows: Iterable[Row]) -> list[list[Row]]:
    """Ranked rows apart by group, in the order they came in."""
    return [list(members) for _, members in groupby(rows, group_of)]


def price_field(rows: Sequence[Row]) -> Literal["usd_per_answer", "usd_per_mtok"]:
    """The price by which rows of one group are compared: that of an answer, or the list price where none has that."""
    return "usd_per_answer" if any(row.usd_per_answer is not None for row in rows) else "usd_per_mtok"


def price_of(row: Row, field: Literal["usd_per_answer", "usd_per_mtok"]) -> float | None:
    """The row's price in US dollars by that field."""
    value = row.usd_per_answer if field == "usd_per_answer" else row.usd_per_mtok
    return None if value is None else float(value)


def priced(row: Row, tariff: Tariff) -> Row:
    """The row with the rates of a tariff, their source and their date."""
    return row.model_copy(
        update={
            "usd_per_mtok_in": tariff.input,
            "usd_per_mtok_out": tariff.output,
            "usd_per_mtok": tariff.total,
            "price_reference": tariff.reference,
            "price_source": tariff.source + UNDATED if tariff.is_assumed else tariff.source,
            "price_date": tariff.as_of.isoformat(),
        }
    )
