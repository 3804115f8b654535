"""The picture: drawn without a browser, every frontier point named, nothing hidden."""

import random
from collections.abc import Sequence
from xml.etree import ElementTree

import pytest

from harness.errors import UserError
from harness.reports.plot import draw
from harness.reports.row import Row

from .entries import entry, figure, passing

SVG = "{http://www.w3.org/2000/svg}"


def board(models: int) -> list[Row]:
    """So many rows of every price and quality, the frontier marked as the leaderboard would."""
    chance = random.Random(models)
    rows = [
        entry(f"model-{at:03}", passing(chance.randint(5, 98)), 10 ** chance.uniform(-5, 0)).row for at in range(models)
    ]
    best = 0.0
    marked = []
    for row in sorted(rows, key=lambda row: (row.usd_per_answer or 0, -(row.score or 0))):
        marked.append(row.model_copy(update={"on_frontier": (row.score or 0) > best, "rank": 1}))
        best = max(best, row.score or 0)
    return marked


def texts(picture: bytes) -> list[str]:
    """The words of an SVG."""
    return [element.text or "" for element in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def names(rows: Sequence[Row], *, frontier: bool) -> set[str]:
    """The models on the frontier, or those off it."""
    return {row.model for row in rows if row.on_frontier == frontier}


@pytest.mark.parametrize("models", [1, 20, 140])
def test_every_frontier_model_is_named(models: int) -> None:
    """At 1, 20 and 140 models the picture names each model on the frontier, and others where there is room."""
    rows = board(models)
    words = texts(draw(rows, "svg"))
    assert names(rows, frontier=True) <= set(words)
    assert len(names(rows, frontier=False) & set(words)) >= min(10, models - 1) / 2
    assert any(f"{models} row" in word for word in words)


def test_a_png_is_a_png() -> None:
    """The same picture comes as PNG, wide enough to read."""
    picture = draw(board(5), "png")
    assert picture.startswith(b"\x89PNG\r\n")
    assert int.from_bytes(picture[16:20]) >= 1600


def test_groups_are_drawn_apart() -> None:
    """Rows that are not ranked together are not drawn together: each group has a chart with its own title."""
    words = texts(draw([*board(3), figure("published", 150, 40.0, on_frontier=True).row], "svg"))
    assert sum(word.startswith("Cost against quality") for word in words) == 2


def test_free_models_have_a_place() -> None:
    """A price of zero, which a log axis does not have, is drawn at the left end rather than dropped or an error."""
    free = entry("free", passing(50), 0.0).row
    assert "free" in texts(draw([free, *board(3)], "svg"))


def test_equal_rows_can_be_drawn() -> None:
    """Rows of the same price and score, where the axes would have no length, still make a picture."""
    same = [figure(name, 10.0, 1.0).row for name in ("a", "b")]
    assert "points" in texts(draw(same, "svg"))


def test_no_axis_speaks_of_more_than_all() -> None:
    """A model that passed everything stands at 100 %, below the upper end: prevents ticks at 102 and 104 %."""
    words = texts(draw([entry("all", passing(100), 0.1).row, entry("most", passing(88), 0.2).row], "svg"))
    shares = [float(word.removesuffix("%")) for word in words if word.endswith("%")]
    assert max(shares) == 100
    assert len(shares) > 5


def test_nothing_to_draw_is_an_explained_error() -> None:
    """Without a price there is no picture, and the error says so."""
    with pytest.raises(UserError, match="nothing to draw"):
        draw([entry("unknown", passing(5), None).row], "svg")


def test_what_is_not_drawn_and_what_is_not_whole_is_told() -> None:
    """The picture says how many rows it lacks, and an incomplete run is called that where it would look the best."""
    rows = [
        entry("whole", passing(50), 0.1, on_frontier=True).row,
        entry("torn", passing(100), 0.1, coverage=0.5).row,
        entry("unpriced", passing(60), None).row,
    ]
    words = texts(draw(rows, "svg"))
    assert "torn (incomplete)" in words
    assert "whole" in words
    assert any(word.startswith("2 of 3 rows, the others have no price or no score") for word in words)
