"""A curve as the SVG that stands in a page: each total with what chance alone may give.

Days are told by how far apart the points stand; the table beside says the same in words.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from django.utils.safestring import SafeString, mark_safe

from soutien.doors.web.components.days import plain_day
from soutien.steps.measured import Curve, Told

WIDTH, HEIGHT = 360, 210
LEFT, RIGHT, TOP, BOTTOM = 30, 12, 16, 30
# Half the width of the marks at both ends of what chance may give.
END = 5
# More totals than this stand too close for their numbers.
NUMBERED = 12


def curve_svg(curve: Curve, *, label: str) -> SafeString:
    """The whole picture; nothing when no outcome has a total."""
    points = [point for point in curve.points if point.total is not None]
    if not points:
        return SafeString("")
    return mark_safe("".join(_pieces(curve, points, label)))


def _pieces(curve: Curve, points: list[Told], label: str) -> Iterator[str]:
    most = curve.scale.total_max
    floor, wall = HEIGHT - BOTTOM, WIDTH - RIGHT
    places = list(zip(_across(points), points, strict=True))
    yield (
        f'<svg class="curve" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-label="{escape(label)}">'
        f'<path class="axis" d="M{LEFT} {TOP}V{floor}H{wall}"/>'
    )
    case = curve.evolution.case_from
    for level in sorted({0, most, *([case] if case else [])}):
        y = _up(level, most)
        if level == case:
            yield f'<path class="case" d="M{LEFT} {y}H{wall}"/>'
        yield f'<text x="{LEFT - 6}" y="{y}" dy="4" text-anchor="end">{level}</text>'
    for x, point in places:
        if point.between:
            low, high = (_up(each, most) for each in point.between)
            yield (
                f'<path class="chance" d="M{x} {low}V{high}M{x - END:.1f} {low}h{2 * END}'
                f'M{x - END:.1f} {high}h{2 * END}"/>'
            )
    line = "L".join(f"{x} {_up(point.total or 0, most)}" for x, point in places)
    yield f'<path class="totals" d="M{line}"/>'
    for x, point in places:
        y = _up(point.total or 0, most)
        yield f'<circle class="total" cx="{x}" cy="{y}" r="4"/>'
        if len(places) <= NUMBERED:
            yield f'<text class="number" x="{x + 7:.1f}" y="{y}" dy="-6">{point.total}</text>'
    yield from _days(places, floor)
    yield "</svg>"


def _days(places: list[tuple[float, Told]], floor: int) -> Iterator[str]:
    """The first and the last day, under their points."""
    ends = [(places[0], "start" if len(places) > 1 else "middle")]
    if len(places) > 1:
        ends.append((places[-1], "end"))
    for (x, point), anchor in ends:
        yield (
            f'<text x="{x}" y="{floor + 19}" text-anchor="{anchor}">'
            f"{escape(plain_day(point.filled_on))}</text>"
        )


def _across(points: list[Told]) -> list[float]:
    """Where each point stands: days in proportion, those of one day side by side."""
    left, right = LEFT + 18, WIDTH - RIGHT - 24
    first, last = points[0].filled_on.toordinal(), points[-1].filled_on.toordinal()
    if first == last:
        step = (right - left) / (len(points) + 1)
        return [round(left + step * number, 1) for number in range(1, len(points) + 1)]
    width = (right - left) / (last - first)
    return [round(left + (point.filled_on.toordinal() - first) * width, 1) for point in points]


def _up(level: int, most: int) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * level / most, 1)
