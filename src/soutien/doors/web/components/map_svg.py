"""A map as the SVG that stands in a page."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from django.utils.safestring import SafeString, mark_safe

from soutien.doors.web.components.map import Map, Mark, Ring, TownMark


def map_svg(area: Map) -> SafeString:
    """The whole picture; its numbered points lead to the cards of the list."""
    return mark_safe("".join(_pieces(area)))


def _pieces(area: Map) -> Iterator[str]:
    centre = f"{area.centre:.0f}"
    yield (
        f'<svg class="map" viewBox="0 0 {area.side} {area.side}" width="{area.side}" '
        f'height="{area.side}" role="group" aria-label="{escape(area.label)}">\n'
        f'<g transform="{area.transform}" aria-hidden="true">'
    )
    for outline in area.outlines:
        yield f'<path class="land" d="{outline.path}" vector-effect="non-scaling-stroke"/>'
    yield '</g>\n<g aria-hidden="true">'
    for ring in area.rings:
        yield _ring(ring, centre)
    yield "\n"
    for town in area.towns:
        yield _town(town)
    yield f'\n<circle class="here" cx="{centre}" cy="{centre}" r="5"/></g>\n'
    for mark in area.marks:
        yield _mark(mark)
    yield "\n</svg>\n"


def _ring(ring: Ring, centre: str) -> str:
    return (
        f'<circle class="ring" cx="{centre}" cy="{centre}" r="{ring.radius:.1f}"/>'
        f'<text class="ring-label" x="{centre}" y="{ring.label_y:.1f}" '
        f'text-anchor="middle">{escape(ring.label)}</text>'
    )


def _town(town: TownMark) -> str:
    return (
        f'<circle class="town" cx="{town.x:.1f}" cy="{town.y:.1f}" r="2"/>'
        f'<text class="town-label" x="{town.label_x:.1f}" y="{town.y:.1f}" dy="4" '
        f'text-anchor="{town.side}">{escape(town.name)}</text>'
    )


def _mark(mark: Mark) -> str:
    x, y = f"{mark.x:.1f}", f"{mark.y:.1f}"
    if not mark.anchor:
        return f'<circle class="spot" cx="{x}" cy="{y}" r="9"/>'
    return (
        f'<a class="mark" href="#{mark.anchor}" aria-label="{mark.number}, {escape(mark.label)}">'
        f'<circle cx="{x}" cy="{y}" r="10.5"/>'
        f'<text x="{x}" y="{y}" dy="4.3" text-anchor="middle">{mark.number}</text></a>'
    )
