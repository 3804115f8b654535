"""How rows read for a person: the columns of the terminal, Markdown and HTML tables, and the sentences below them.

A column that says nothing for any row of a group is left out; where space is short, the least needed go first. What is
not known is "-".
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from harness.pricing.dollars import rounded
from harness.reports.row import UNDATED, Row, Scale, price_field, price_of

UNKNOWN = "-"
ON_FRONTIER = "●"
GAP = 2
"""Spaces between two columns."""

MOST_NAMED = 3
WORTH_NAMING = 2
"""How many times dearer a row must be for a sentence of its own."""

BAR_WIDTH = 24


@dataclass(frozen=True)
class Column:
    """A column for a person: its header, the text of a row, and how soon it goes where space is short (0: never)."""

    header: str
    text: Callable[[Row], str]
    spare: int
    right: bool = True

    def width(self, rows: Iterable[Row]) -> int:
        """Characters that the column takes."""
        return max(len(self.header), *(len(self.text(row)) for row in rows))

    def says_something(self, rows: Iterable[Row]) -> bool:
        """Whether any row has a value here."""
        return any(self.text(row).strip() not in ("", UNKNOWN) for row in rows)


def columns(rows: Sequence[Row], *, drawn: bool = False) -> list[Column]:
    """The columns that say something of these rows (one group), in their order; `drawn` adds a picture of intervals."""
    paid = price_field(rows) == "usd_per_answer"
    listed = [
        Column("$/Mtok in", lambda r: dollars(r.usd_per_mtok_in), 14),
        Column("$/Mtok out", lambda r: dollars(r.usd_per_mtok_out), 14),
        Column("$/Mtok", lambda r: dollars(r.usd_per_mtok), 6 if paid else 1),
    ]
    every = [
        Column("#", lambda r: str(r.rank) if r.rank else "", 0),
        Column("model", lambda r: r.model, 0, right=False),
        Column(f"published {rows[0].scale}" if _has_ours(rows) else rows[0].scale, score, 0),
        Column("interval", interval, 3),
        Column("ours", lambda r: _value(r.reproduced, r.scale), 0),
        Column("interval of ours", lambda r: _span(r.reproduced_low, r.reproduced_high, r.scale), 3),
        *([Column("", lambda r: interval_bar(r, rows), 10, right=False)] if drawn else []),
        Column(_k(rows), lambda r: _share(r.pass_at_k) if (r.k or 1) > 1 else UNKNOWN, 12),
        Column("coverage", lambda r: _share(r.coverage), 13 if all(r.is_whole for r in rows) else 4),
        Column("$/solved", lambda r: dollars(r.usd_per_solved), 1),
        Column("interval of $/solved", _solved_interval, 16),
        *(() if paid else listed),
        Column("dearer", lambda r: times(r.times_dearer), 2),
        Column("frontier", _frontier, 5),
        Column("tied with", lambda r: ranks(r.tied_with), 8),
        Column("cost", lambda r: dollars(r.cost), 7),
        *(listed if paid else ()),
        Column("tokens in", lambda r: _count(r.input_tokens), 15),
        Column("tokens out", lambda r: _count(r.output_tokens), 15),
        Column("tok/s", lambda r: UNKNOWN if r.tokens_per_s is None else f"{r.tokens_per_s:,.0f}", 9),
        Column("samples", lambda r: _count(r.samples), 17),
        Column("T", lambda r: UNKNOWN if r.temperature is None else f"{r.temperature:g}", 18),
        Column("date", lambda r: f"{r.date:%Y-%m-%d}" if r.date else UNKNOWN, 11, right=False),
        Column("run", lambda r: r.run_id or UNKNOWN, 12, right=False),
    ]
    return [column for column in every if column.says_something(rows)]


def fitting(found: Sequence[Column], rows: Sequence[Row], width: int) -> list[Column]:
    """Those of the columns that fit into `width` characters; the ones that are never spared stay at any width."""
    kept = list(found)
    while sum(column.width(rows) + GAP for column in kept) > width:
        if (most := max(column.spare for column in kept)) == 0:
            break
        kept = [column for column in kept if column.spare != most]
    return kept


def title(rows: Sequence[Row]) -> str:
    """What a group is about: `humaneval v1, 164 problems, 95 % intervals`."""
    first = rows[0]
    head = f"{first.suite} v{first.suite_version.removeprefix('v')}"
    head += f", {first.problems:,} problem{'s' if first.problems > 1 else ''}" if first.problems else ""
    drawn = any(row.low is not None or row.reproduced_low is not None for row in rows)
    return head + (", 95 % intervals" if drawn else "")


def score(row: Row) -> str:
    """The score in the unit of its scale."""
    return _value(row.score, row.scale)


def interval(row: Row) -> str:
    """The 95 % interval of the score."""
    return _span(row.low, row.high, row.scale)


def _value(value: float | None, scale: Scale) -> str:
    if value is None:
        return UNKNOWN
    return f"{value:.1%}" if scale == "pass@1" else f"{value:,.4g}"


def _span(low: float | None, high: float | None, scale: Scale) -> str:
    if low is None or high is None:
        return UNKNOWN
    if scale == "pass@1":
        return f"{low * 100:.1f} - {high * 100:.1f}"
    return f"{low:,.4g} - {high:,.4g}"


def interval_bar(row: Row, rows: Sequence[Row], width: int = BAR_WIDTH) -> str:
    """The interval drawn in `width` characters, on one scale for all the rows; blank where there is none."""
    known = [value for one in rows for value in (one.low, one.high) if value is not None]
    if row.low is None or row.high is None or row.score is None or min(known) == max(known):
        return " " * width
    least, span = min(known), max(known) - min(known)
    low, at, high = (round((value - least) / span * (width - 1)) for value in (row.low, row.score, row.high))
    drawn = ["─" if low <= place <= high else " " for place in range(width)]
    drawn[low], drawn[high] = "├", "┤"
    drawn[at] = ON_FRONTIER
    return "".join(drawn)


def dollars(amount: Decimal | float | None) -> str:
    """US dollars, rounded for a reader."""
    return UNKNOWN if amount is None else rounded(amount)


def times(ratio: float | None) -> str:
    """How many times dearer: `24.7x`."""
    if ratio is None:
        return UNKNOWN
    return f"{ratio:,.0f}x" if ratio >= 99.95 else f"{ratio:.1f}x" if ratio >= 0.95 else f"{ratio:.2g}x"


def ranks(numbers: Sequence[int]) -> str:
    """Ranks as ranges: `#2-7 #9`."""
    spans: list[list[int]] = []
    for number in sorted(set(numbers)):
        if spans and spans[-1][-1] == number - 1:
            spans[-1][1:] = [number]
        else:
            spans.append([number])
    return " ".join("#" + "-".join(map(str, span)) for span in spans) or UNKNOWN


def notes(rows: Sequence[Row]) -> list[str]:
    """What a reader of one group's table must know, as sentences."""
    said = (say(rows) for say in (_cheapest, _legend, _margin, _reproduced, _incomplete, _unpriced, _sources))
    return [sentence for sentence in said if sentence]


def _cheapest(rows: Sequence[Row]) -> str:
    reference = next((row for row in rows if row.times_dearer == 1.0), None)
    field = price_field(rows)
    if reference is None or (price := price_of(reference, field)) is None:
        return ""
    per = "per answer" if field == "usd_per_answer" else "per million tokens (in + out)"
    dearer = [row for row in rows if (row.times_dearer or 0) >= WORTH_NAMING][:MOST_NAMED]
    told = [f"{row.model} costs {times(row.times_dearer)} as much" for row in dearer]
    head = f"Cheapest within noise of the best: {reference.model}, {dollars(price)} {per}."
    return f"{head} {', '.join(told)}." if told else head


def _legend(rows: Sequence[Row]) -> str:
    if not any(row.on_frontier for row in rows):
        return ""
    share = any(row.frontier_probability is not None for row in rows)
    return f"{ON_FRONTIER}: on the Pareto frontier, nothing here is both better and cheaper" + (
        "; the share says how often that held when the problems were drawn again (bootstrap)." if share else "."
    )


def _margin(rows: Sequence[Row]) -> str:
    if all(row.low is not None for row in rows if row.score is not None):
        return ""
    return "No interval was published: scores within 5 % of the best count as within noise of it."


def _has_ours(rows: Sequence[Row]) -> bool:
    return any(row.reproduced is not None for row in rows)


def _reproduced(rows: Sequence[Row]) -> str:
    counts = sorted({row.samples for row in rows if row.reproduced is not None and row.samples is not None})
    if not counts:
        return ""
    span = f"{counts[0]:,}" if len(counts) == 1 else f"{counts[0]:,} to {counts[-1]:,}"
    return f"Ours: runs of our own, {span} answers each. Ranks are by the published score."


def _incomplete(rows: Sequence[Row]) -> str:
    names = [row.run_id or row.model for row in rows if row.coverage is not None and row.coverage < 1]
    if not names:
        return ""
    who, it = (names[0], "it") if len(names) == 1 else (f"{len(names)} rows", "each of them")
    run = names[0] if len(names) == 1 else "RUN"
    return (
        f"Without a rank, since incomplete: {who}. The interval spans what the missing samples could change; "
        f"`harness resume {run}` completes {it}."
    )


def _unpriced(rows: Sequence[Row]) -> str:
    field = price_field(rows)
    count = sum(price_of(row, field) is None for row in rows)
    if not count:
        return ""
    return "No price is known." if count == len(rows) else f"The price of {count} of {len(rows)} rows is not known."


def _sources(rows: Sequence[Row]) -> str:
    """Where figures and prices come from, and as of which day; whose price has no date."""
    figures = sorted({row.source for row in rows if row.source})
    told = [f"Figures: {_some(figures)}."] if figures else []
    priced = [row for row in rows if row.price_source]
    if not priced:
        return "".join(told)
    sources, days = sorted({row.price_source for row in priced}), sorted({row.price_date for row in priced})
    span = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    whence = sources[0] if len(sources) == 1 else "the source of each is in --csv"
    told.append(f"Prices as of {span}: {whence}.")
    undated = list(dict.fromkeys(row.model for row in priced if row.price_source.endswith(UNDATED)))
    if undated and len(sources) > 1:
        told.append(f"Listed without a date, so perhaps later prices: {_some(undated)}.")
    return " ".join(told)


def _some(words: Sequence[str]) -> str:
    return "; ".join(words[:MOST_NAMED]) + ("; and others" if len(words) > MOST_NAMED else "")


def _k(rows: Sequence[Row]) -> str:
    """The header of pass@k: with its k where all rows have the same."""
    ks = {row.k for row in rows if row.k and row.k > 1}
    return f"pass@{ks.pop()}" if len(ks) == 1 else "pass@k"


def _solved_interval(row: Row) -> str:
    if row.usd_per_solved_low is None:
        return UNKNOWN
    if row.usd_per_solved_high is None:
        return f"from {dollars(row.usd_per_solved_low)}"
    return f"{dollars(row.usd_per_solved_low)} - {dollars(row.usd_per_solved_high)}"


def _frontier(row: Row) -> str:
    if row.on_frontier is None:
        return UNKNOWN
    mark = ON_FRONTIER if row.on_frontier else " "
    return f"{mark} {row.frontier_probability:4.0%}" if row.frontier_probability is not None else mark.strip()


def _share(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.1%}"


def _count(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value:,}"
