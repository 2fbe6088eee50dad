"""The map: a point is drawn where its département is."""

from __future__ import annotations

import math
import re
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soutien.registers.places.gazetteer import all_towns, distance_m
from soutien.registers.places.outlines import (
    METROPOLE_SIZE,
    departement_outlines,
    map_view,
    projected,
    territory_around,
)

LYON = (45.7485, 4.8467)
RAW_BYTES_MAX = 40_000


def test_the_96_departements_of_the_mainland_have_a_path_and_five_overseas() -> None:
    assert len(departement_outlines()) == 96
    for code in ("971", "972", "973", "974", "976"):
        assert list(departement_outlines(code)) == [code]
    assert departement_outlines("987") == {}


def test_paths_are_svg_and_nothing_else() -> None:
    for path in departement_outlines().values():
        assert re.fullmatch(r"(M-?\d+ ?-?\d+l[-\d ]+z)+", path)


def test_the_stored_outlines_stay_small() -> None:
    stored = files("soutien.registers.places").joinpath("outlines.json").read_bytes()
    assert len(stored) <= RAW_BYTES_MAX


def test_the_whole_mainland_fits_the_drawing() -> None:
    width, height = METROPOLE_SIZE
    for town in all_towns():
        if not town.departement.startswith(("97", "98")):
            x, y = projected(town.latitude, town.longitude)
            assert 0 < x < width, town
            assert 0 < y < height, town


def test_a_unit_of_the_drawing_is_100_metres() -> None:
    for a, b in [((48.8566, 2.3522), LYON), ((43.3, 5.4), (50.6, 3.06)), ((48.39, -4.49), LYON)]:
        (ax, ay), (bx, by) = projected(*a), projected(*b)
        drawn_m = math.hypot(bx - ax, by - ay) * 100
        assert drawn_m == pytest.approx(distance_m(*a, *b), rel=0.01)


def test_north_is_up_and_east_is_right() -> None:
    x, y = projected(46.5, 3.0)
    assert projected(47.5, 3.0)[1] < y
    assert projected(46.5, 4.0)[0] > x


def test_a_map_around_lyon_shows_the_rhone_and_its_neighbours() -> None:
    view = map_view(LYON, 30)
    assert {"69", "01", "38"} <= {o.departement for o in view.outlines}
    assert "75" not in {o.departement for o in view.outlines}
    left, top, width, height = map(float, view.view_box.split())
    assert (width, height) == (600, 600)
    x, y = view.point(*LYON)
    assert (x, y) == pytest.approx((left + 300, top + 300), abs=0.2)
    assert view.shows(45.7453, 4.7258)
    assert not view.shows(48.85, 2.35)


def test_a_wide_map_keeps_its_radius() -> None:
    view = map_view(LYON, 10, width_over_height=2)
    assert (view.width, view.height) == (400, 200)


@pytest.mark.parametrize(
    ("place", "territory"),
    [((-20.88, 55.45), "974"), ((16.24, -61.53), "971"), ((14.6, -61.07), "972"),
     ((4.93, -52.3), "973"), ((-12.78, 45.23), "976"), ((-22.27, 166.44), "988"),
     ((-17.53, -149.57), "987"), ((-8.91, -140.1), "987"), ((46.78, -56.18), "975"),
     ((17.9, -62.85), "977"), ((18.07, -63.08), "978"), (LYON, "metropole"),
     ((41.93, 8.74), "metropole"), ((-13.28, -176.17), "986")],
)  # fmt: skip
def test_overseas_towns_are_drawn_on_their_own_plane(
    place: tuple[float, float], territory: str
) -> None:
    assert territory_around(*place) == territory
    view = map_view(place, 20)
    assert view.territory == territory
    assert view.shows(*place)


def test_a_map_of_la_reunion_shows_it() -> None:
    assert [o.departement for o in map_view((-20.88, 55.45), 20).outlines] == ["974"]


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 2_000))
def test_any_point_of_the_earth_has_a_map(lat: float, lon: float, radius_km: float) -> None:
    view = map_view((lat, lon), radius_km)
    assert all(math.isfinite(float(n)) for n in view.view_box.split())
