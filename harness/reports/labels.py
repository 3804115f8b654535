"""Which points of a plot get their name, and where: greedy, the most important first, never one over another.

Coordinates are pixels from the top left corner of the plot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

FONT_SIZE = 11.0
WIDTHS = {0.24: "ijl|.,:;' ", 0.31: "ft-r()/I1", 0.79: "mwMW%@"}
"""Widths of Helvetica's characters as a share of the font size, in classes; all others take `MEAN_WIDTH`."""

MEAN_WIDTH = 0.57
HEIGHT = 13.0
OFFSET = 7.0


@dataclass(frozen=True)
class Box:
    """A rectangle, `right` and `bottom` excluded."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Whether the two share any area."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def inside(self, width: float, height: float) -> bool:
        """Whether it lies within a plot of that size."""
        return self.left >= 0 and self.top >= 0 and self.right <= width and self.bottom <= height


@dataclass(frozen=True)
class Point:
    """A point to label. A point that `must` be labelled is, where any place does not hide another label."""

    name: str
    x: float
    y: float
    must: bool = False


def place_labels(
    points: Sequence[Point], width: float, height: float, lines: Sequence[Box] = ()
) -> list[tuple[float, float] | None]:
    """For each point (the most important first) the left middle of its label, or None where it gets none.

    No label meets another label. It stays clear of points unless its own `must` be named, and of `lines` where it can.
    """
    dots = [Box(point.x - 4, point.y - 4, point.x + 4, point.y + 4) for point in points]
    taken: list[Box] = []
    places: list[tuple[float, float] | None] = []
    for at, point in enumerate(points):
        others = [dot for place, dot in enumerate(dots) if place != at]
        free = [box for box in _candidates(point) if box.inside(width, height) and not _any_meets(box, taken)]
        apart = [box for box in free if not _any_meets(box, others)]
        clear = [box for box in apart if not _any_meets(box, lines)]
        best = next(iter(clear or apart or (free if point.must else [])), None)
        if best is not None:
            taken.append(best)
        places.append((best.left, (best.top + best.bottom) / 2) if best is not None else None)
    return places


def text_width(text: str) -> float:
    """Pixels that a label takes, near enough to keep labels apart."""
    shares = {character: share for share, characters in WIDTHS.items() for character in characters}
    return FONT_SIZE * sum(
        1.0 if east_asian_width(character) in "WF" else shares.get(character, MEAN_WIDTH) for character in text
    )


def _candidates(point: Point) -> list[Box]:
    """Where a label may be: right of its point, left of it, above, below, then the corners."""
    wide = text_width(point.name)
    across = {"right": point.x + OFFSET, "left": point.x - OFFSET - wide, "centre": point.x - wide / 2}
    down = {"middle": point.y - HEIGHT / 2, "above": point.y - OFFSET - HEIGHT, "below": point.y + OFFSET}
    order = ["right middle", "left middle", "centre above", "centre below"]
    order += ["left above", "right below", "right above", "left below"]
    corners = [(across[x], down[y]) for x, y in map(str.split, order)]
    return [Box(x, y, x + wide, y + HEIGHT) for x, y in corners]


def _any_meets(box: Box, others: Sequence[Box]) -> bool:
    return any(box.meets(other) for other in others)
