"""Labels beside points: on nothing, under no line that leads to another."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.figures import labels

DOT, BOUNDS = 20.0, (0.0, 0.0, 1200.0, 700.0)
PLACES = st.lists(
    st.tuples(st.integers(20, 1180), st.integers(20, 680), st.integers(40, 300), st.integers(20, 80)),
    min_size=1,
    max_size=14,
)


def between(point, box, part):
    """The place so far along the line from a point to its box."""
    end = labels.nearest(box, point)
    return tuple(a + part * (b - a) for a, b in zip(point, end, strict=True))


def lies_in(place, box):
    return box[0] + 1 < place[0] < box[2] - 1 and box[1] + 1 < place[1] < box[3] - 1


@settings(deadline=None)
@given(PLACES)
def test_no_label_lies_on_another_or_under_a_line_to_another(places):
    points = [(float(x), float(y)) for x, y, _, _ in places]
    sizes = [(float(wide), float(high)) for _, _, wide, high in places]
    boxes = labels.placed(points, sizes, DOT, BOUNDS)
    written = [(point, box) for point, box in zip(points, boxes, strict=True) if box is not None]
    assert written
    for number, (point, box) in enumerate(written):
        assert BOUNDS[0] <= box[0] and BOUNDS[1] <= box[1] and box[2] <= BOUNDS[2] and box[3] <= BOUNDS[3]
        for _, other in written[:number] + written[number + 1 :]:
            assert box[2] <= other[0] or other[2] <= box[0] or box[3] <= other[1] or other[3] <= box[1]
            assert not any(lies_in(between(point, box, step / 50), other) for step in range(51))
