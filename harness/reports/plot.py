"""Cost (log) against quality with 95 % intervals and the Pareto frontier, as SVG or PNG, without a browser.

Every row with a score and a price is a point. Names that would hide each other are left out, those of the frontier
last; a price of zero has no place on a log axis and stands at its left end.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any, Literal

from harness.errors import UserError
from harness.reports.cells import dollars, title
from harness.reports.labels import FONT_SIZE, Box, Point, place_labels
from harness.reports.row import Row, groups, price_field, price_of

if TYPE_CHECKING:
    import altair as alt

WIDTH, HEIGHT = 820, 460
FRONTIER, OTHER, INK, GREY = "#1f5fbf", "#9aa3ad", "#1b1f24", "#5b646d"
CROWDED = 40
"""Points from which the intervals of those behind the frontier are only hinted at."""

FONT = "Helvetica, Arial, sans-serif"


@dataclass(frozen=True)
class Scale:
    """From a value to pixels along one axis, on a log scale or a linear one."""

    low: float
    high: float
    pixels: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Pixels from the lower end."""
        low, high, at = (log10(v) if self.log else v for v in (self.low, self.high, value))
        return (at - low) / (high - low) * self.pixels

    def value(self, pixels: float) -> float:
        """The value so many pixels from the lower end."""
        low, high = (log10(v) if self.log else v for v in (self.low, self.high))
        found = low + pixels / self.pixels * (high - low)
        return float(10**found) if self.log else found


def draw(rows: Sequence[Row], form: Literal["svg", "png"]) -> bytes:
    """The picture of the rows: one chart for each group, one below the other.

    Raises:
        UserError: no row has both a score and a price.
    """
    import altair as alt  # noqa: PLC0415 - half a second that only pictures need

    charts = [_chart(group) for group in groups(rows) if _drawable(group)]
    if not charts:
        raise UserError("There is nothing to draw: no row has both a score and a price.", "See docs/prices.md.")
    chart = alt.vconcat(*charts, background="white", padding=16).configure(font=FONT).configure_view(stroke=None)
    if form == "svg":
        text = io.StringIO()
        chart.save(text, format="svg")
        return text.getvalue().encode()
    out = io.BytesIO()
    chart.save(out, format="png", scale_factor=2)
    return out.getvalue()


def can_draw(rows: Sequence[Row]) -> bool:
    """Whether any row has a place in a picture."""
    return bool(_drawable(rows))


def _drawable(rows: Sequence[Row]) -> list[Row]:
    """The rows that have a place in the picture, the most important first: frontier, then rank."""
    field = price_field(rows)
    found = [row for row in rows if row.score is not None and price_of(row, field) is not None]
    return sorted(found, key=lambda row: (not row.on_frontier, row.rank or len(rows), row.model))


def _chart(rows: Sequence[Row]) -> "alt.LayerChart":
    import altair as alt  # noqa: PLC0415 - see `draw`

    points = _drawable(rows)
    across, up = _price_scale(points, rows), _score_scale(points)
    x, y = _axes(rows, across, up)
    base = alt.Chart({"values": _values(points, rows, across, up)}, width=WIDTH, height=HEIGHT)
    frontier = base.transform_filter("datum.frontier")
    names = base.transform_filter("isValid(datum.label_x)").encode(x="label_x:Q", y="label_y:Q", text="name:N")
    colour = alt.condition("datum.frontier", alt.value(FRONTIER), alt.value(OTHER))
    ink = alt.condition("datum.frontier", alt.value(INK), alt.value(GREY))
    faint = alt.condition("datum.frontier", alt.value(0.85), alt.value(0.85 if len(points) <= CROWDED else 0.3))
    step: dict[str, Any] = {"interpolate": "step-after", "strokeWidth": 1.6, "strokeDash": [5, 3], "color": FRONTIER}
    text: dict[str, Any] = {"align": "left", "baseline": "middle", "fontSize": FONT_SIZE, "font": FONT}
    layers = [
        base.mark_rule(strokeWidth=1.3).encode(x=x, y="low:Q", y2="high:Q", color=colour, opacity=faint),
        frontier.mark_line(**step).encode(x=x, y=y, order="price:Q"),
        base.mark_circle(size=52, opacity=1, stroke="white", strokeWidth=0.8).encode(x=x, y=y, color=colour),
        names.mark_text(**text, stroke="white", strokeWidth=3, strokeJoin="round"),
        names.mark_text(**text).encode(color=ink),
    ]
    heading = f"Cost against quality: {title(rows)}"
    return alt.LayerChart(
        layer=layers, title=alt.Title(heading, subtitle=_subtitle(points, rows), anchor="start", fontSize=15)
    )


def _axes(rows: Sequence[Row], across: Scale, up: Scale) -> "tuple[alt.X, alt.Y]":
    import altair as alt  # noqa: PLC0415 - see `draw`

    per = "answer" if price_field(rows) == "usd_per_answer" else "million tokens, input + output"
    x = alt.X(
        "price:Q",
        title=f"US dollars per {per} (log)",
        scale=alt.Scale(type="log", domain=[across.low, across.high], nice=False),
        axis=alt.Axis(labelExpr="'$' + format(datum.value, ',~r')", values=_ticks(across), gridOpacity=0.35),
    )
    y = alt.Y(
        "score:Q",
        title=rows[0].scale,
        scale=alt.Scale(domain=[up.low, up.high], nice=False, zero=False),
        axis=alt.Axis(format="~%", values=_shares(up), gridOpacity=0.35)
        if rows[0].scale == "pass@1"
        else alt.Axis(format="~r", gridOpacity=0.35),
    )
    return x, y


def _values(points: Sequence[Row], rows: Sequence[Row], across: Scale, up: Scale) -> list[dict[str, Any]]:
    """A mapping for each point; labels are placed in pixels and told in the units of the axes."""
    field = price_field(rows)
    prices = [price_of(row, field) or across.low for row in points]
    names = [row.model if row.is_whole else f"{row.model} (incomplete)" for row in points]
    spots = [
        Point(name, across(price), HEIGHT - up(row.score or 0.0), must=bool(row.on_frontier))
        for name, row, price in zip(names, points, prices, strict=True)
    ]
    labels = place_labels(spots, WIDTH, HEIGHT, _frontier_lines([spot for spot in spots if spot.must]))
    return [
        {
            "name": name,
            "price": price,
            "score": row.score,
            "low": row.score if row.low is None else row.low,
            "high": row.score if row.high is None else row.high,
            "frontier": bool(row.on_frontier),
            "label_x": across.value(label[0]) if label else None,
            "label_y": up.value(HEIGHT - label[1]) if label else None,
        }
        for name, row, price, label in zip(names, points, prices, labels, strict=True)
    ]


def _frontier_lines(corners: Sequence[Point]) -> list[Box]:
    """The steps of the frontier, from each point to the price of the next dearer one and then up to it."""
    ordered = sorted(corners, key=lambda point: point.x)
    steps = []
    for cheap, dear in pairwise(ordered):
        steps += [Box(cheap.x, cheap.y - 1, dear.x, cheap.y + 1), Box(dear.x - 1, dear.y, dear.x + 1, cheap.y)]
    return steps


def _ticks(scale: Scale) -> list[float]:
    """1, 2 and 5 times each power of ten within a log scale; where that is crowded, the powers alone."""
    decades = range(floor(log10(scale.low)), ceil(log10(scale.high)) + 1)
    fine = [float(f"{digit}e{decade}") for decade in decades for digit in (1, 2, 5)]
    found = [tick for tick in fine if scale.low <= tick <= scale.high]
    return found if len(found) <= 14 else [tick for tick in found if f"{tick:e}".startswith("1")]


def _shares(scale: Scale) -> list[float]:
    """Round percentages within a scale, a dozen at most; the scale may go beyond 100 %, a score may not."""
    low, high = round(100 * scale.low), min(100, round(100 * scale.high))
    step = next(step for step in (1, 2, 5, 10) if high - low <= 12 * step)
    return [at / 100 for at in range(-(-low // step) * step, high + 1, step)]


def _price_scale(points: Sequence[Row], rows: Sequence[Row]) -> Scale:
    """A little more than the prices span; a decade at least."""
    field = price_field(rows)
    known = [price for row in points if (price := price_of(row, field))] or [1.0]
    low, high = log10(min(known)) - 0.12, log10(max(known)) + 0.25
    if any(price_of(row, field) == 0 for row in points):
        low -= 0.5
    spare = max(0.0, 1 - (high - low)) / 2
    return Scale(10 ** (low - spare), 10 ** (high + spare), WIDTH, log=True)


def _score_scale(points: Sequence[Row]) -> Scale:
    """A little more than the intervals span, in whole twentieths for rates."""
    ends = [end for row in points for end in (row.low, row.score, row.high) if end is not None]
    step = 0.05 if points[0].scale == "pass@1" else max(1.0, 10 ** floor(log10(max(*ends, 1.0))) / 10)
    low, high = floor(min(ends) / step) * step, ceil(max(ends) / step + 1e-9) * step
    if points[0].scale == "pass@1":
        high = min(high, 1 + 0.04 * (1 - low))  # room for the point and its name, no more
    return Scale(low, high if high > low else low + step, HEIGHT)


def _subtitle(points: Sequence[Row], rows: Sequence[Row]) -> str:
    reference = next((row for row in rows if row.times_dearer == 1.0), None)
    drawn = f"{len(points)} rows"
    if len(points) < len(rows):
        drawn = f"{len(points)} of {len(rows)} rows, the others have no price or no score"
    told = f"{drawn}; blue: on the Pareto frontier"
    if reference is None:
        return told
    price = dollars(price_of(reference, price_field(rows)))
    return f"{told}; cheapest within noise of the best: {reference.model}, {price}"
