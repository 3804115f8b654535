"""Labels of a plot: readable, or not there."""

from hypothesis import given
from hypothesis import strategies as st

from harness.reports.labels import HEIGHT, Box, Point, place_labels, text_width

WIDTH, TALL = 800.0, 400.0

points = st.lists(
    st.builds(
        Point,
        name=st.text("abcdefgh-0123456789.", min_size=1, max_size=24),
        x=st.floats(0, WIDTH),
        y=st.floats(0, TALL),
        must=st.booleans(),
    ),
    max_size=40,
)


def boxes(found: list[Point]) -> list[tuple[Point, Box]]:
    """The rectangles of the labels that were placed."""
    placed = []
    for point, at in zip(found, place_labels(found, WIDTH, TALL), strict=True):
        if at is not None:
            left, middle = at
            half = HEIGHT / 2
            placed.append((point, Box(left, middle - half, left + text_width(point.name), middle + half)))
    return placed


@given(points)
def test_no_label_hides_another_or_leaves_the_plot(found: list[Point]) -> None:
    """However crowded, no two labels overlap and none is cut off by the edge."""
    placed = [box for _, box in boxes(found)]
    shrunk = [Box(box.left + 0.01, box.top + 0.01, box.right - 0.01, box.bottom - 0.01) for box in placed]
    assert not [(a, b) for at, a in enumerate(shrunk) for b in shrunk[at + 1 :] if a.meets(b)]
    assert all(box.inside(WIDTH, TALL) for box in shrunk)


@given(points)
def test_a_point_that_need_not_be_named_hides_no_other_point(found: list[Point]) -> None:
    """A label that is not a must covers no point but may stand beside its own."""
    for point, box in boxes(found):
        if not point.must:
            assert not any(box.left < p.x < box.right and box.top < p.y < box.bottom for p in found if p is not point)


def test_points_far_apart_all_get_their_names() -> None:
    """Twenty points with room around them are all labelled, to their right."""
    spread = [Point(f"model-{at}", 20 + 180 * (at % 4), 40 + 70 * (at // 4)) for at in range(20)]
    assert all(at is not None and at[0] > p.x for p, at in zip(spread, place_labels(spread, WIDTH, TALL), strict=True))


def test_a_label_stays_off_a_line_where_it_can() -> None:
    """A frontier that runs to the right of its point leaves the name the other side."""
    line = Box(100, 199, 500, 201)
    [place] = place_labels([Point("model", 100, 200, must=True)], WIDTH, TALL, [line])
    assert place is not None
    assert place[0] + text_width("model") < 100
