"""Who is found near a point, on which day, and at which of their places."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import factories

from soutien.registers.psychologists import queries

pytestmark = pytest.mark.django_db

ON = date(2026, 3, 2)
DAY = timedelta(days=1)
LYON = factories.LYON
ABOUT_A_KM = 0.009


def found(radius_km: float = 10, **wishes: Any) -> list[int]:
    """The psychologists found near Lyon, nearest first."""
    values: dict[str, Any] = {"on": ON}
    near = queries.candidates_near(*LYON, radius_km, **(values | wishes))
    return [candidate.psychologist_id for candidate in near]


def at_km(km: float, *, since: date | None = ON - DAY, **fields: Any) -> Any:
    """A psychologist practising some kilometres north of Lyon."""
    made = factories.psychologist(under_agreement_from=since, **fields)
    factories.place(made, latitude=LYON[0] + km * ABOUT_A_KM)
    return made


def test_the_nearest_come_first_and_the_far_not_at_all():
    far, near, _too_far = at_km(8), at_km(2), at_km(12)
    assert found() == [near.pk, far.pk]
    assert found(1) == []


def test_the_distance_is_told_to_the_metre():
    at_km(2)
    candidate = queries.candidates_near(*LYON, 10, on=ON)[0]
    assert candidate.distance_m == 2002
    assert (candidate.latitude, candidate.longitude) == (LYON[0] + 2 * ABOUT_A_KM, LYON[1])


def test_the_corner_of_the_box_is_outside_the_circle():
    corner = factories.psychologist(under_agreement_from=ON)
    factories.place(corner, latitude=LYON[0] + 9 * ABOUT_A_KM, longitude=LYON[1] + 0.116)
    assert found(12.8) == [corner.pk]
    assert found(12.6) == []


def test_of_two_places_the_nearest_is_shown_once():
    both = at_km(5)
    near = factories.place(both, latitude=LYON[0] + ABOUT_A_KM)
    candidates = queries.candidates_near(*LYON, 10, on=ON)
    assert [(one.psychologist_id, one.place_id) for one in candidates] == [(both.pk, near.pk)]


def test_an_agreement_counts_from_its_first_day_to_before_its_end():
    at_km(1, since=None)
    at_km(1, since=ON + DAY)
    first_day = at_km(1, since=ON)
    ended, last_day = at_km(2, since=None), at_km(3, since=None)
    factories.agreement(ended, valid_from=ON - 9 * DAY, valid_before=ON)
    factories.agreement(last_day, valid_from=ON - 9 * DAY, valid_before=ON + DAY)
    assert found() == [first_day.pk, last_day.pk]
    assert queries.count(ON) == 2
    assert queries.count() == 5


def test_a_suspended_psychologist_disappears_for_the_time_of_it():
    suspended = at_km(1)
    factories.suspension(suspended, valid_from=ON, valid_before=ON + DAY)
    assert found() == []
    assert not queries.listed(suspended.pk, ON)
    assert found(on=ON + DAY) == [suspended.pk]
    assert queries.listed(suspended.pk, ON + DAY)


def test_a_resigned_psychologist_disappears_on_receipt_of_the_letter():
    resigned = at_km(1, since=None)
    factories.agreement(
        resigned,
        valid_from=ON - 9 * DAY,
        valid_before=ON + 61 * DAY,
        resignation_received_on=ON + DAY,
    )
    assert found() == [resigned.pk]
    assert found(on=ON + DAY) == []
    assert queries.count(ON + DAY) == 1


def test_every_wish_must_be_met():
    plain = at_km(1, accepts_new_patients=False)
    gifted = at_km(
        2, sees_children=True, sees_adults=False, offers_video=True, languages="fr,en,ar"
    )
    gifted.places.update(step_free=True)
    assert found() == [plain.pk, gifted.pk]
    for wishes in (
        {"public": "child"},
        {"video": True},
        {"step_free": True},
        {"new_patients": True},
        {"languages": ["de", "ar"]},
        {"public": "child", "languages": ["en"], "video": True, "step_free": True},
    ):
        assert found(**wishes) == [gifted.pk], wishes
    assert found(public="adult") == [plain.pk]
    assert found(languages=["fr"]) == [plain.pk, gifted.pk]
    assert found(languages=["f"]) == found(public="teenager") == []
    with pytest.raises(ValueError, match="adult, teenager, child"):
        found(public="everybody")


def test_a_card_tells_psychologist_and_place():
    made = factories.psychologist(languages="fr,en", confirmed_on=ON)
    where = factories.place(made, label="Cabinet du parc")
    row = queries.directory_rows([where.pk])[where.pk]
    assert (row.public_id, row.languages, row.place_label) == (
        made.public_id,
        ("fr", "en"),
        "Cabinet du parc",
    )
    assert (row.time_zone, row.insee, row.confirmed_on) == ("Europe/Paris", "69123", ON)


def test_a_search_and_its_page_ask_the_database_twice(django_assert_num_queries):
    for km in range(5):
        at_km(km)
    with django_assert_num_queries(2):
        near = queries.candidates_near(*LYON, 10, on=ON)
        assert len(queries.directory_rows([one.place_id for one in near])) == 5


def test_agreements_and_suspensions_are_told_for_many_at_once(django_assert_num_queries):
    made, other = at_km(1), factories.psychologist()
    factories.suspension(made, valid_from=ON, valid_before=ON + DAY)
    with django_assert_num_queries(1):
        standings = queries.standings([made.pk, other.pk])
    assert standings[made.pk].agreements == (queries.Period(ON - DAY, None),)
    assert standings[made.pk].suspensions == (queries.Period(ON, ON + DAY),)
    assert standings[other.pk] == ((), ())


def test_an_address_leads_to_its_psychologist():
    made = at_km(1)
    assert queries.by_public_id(made.public_id) == made
    assert queries.by_public_id(uuid.uuid4()) is None


positions = st.tuples(st.floats(-55, 55), st.floats(-170, 170))


@given(positions, st.floats(-0.4, 0.4), st.floats(-0.4, 0.4), st.floats(0.1, 60))
def test_the_box_holds_the_whole_circle(centre, north, east, radius_km):
    latitude, longitude = centre
    box = queries.degrees_around(latitude, longitude, radius_km * 1000)
    away = queries.distance_m(latitude, longitude, latitude + north, longitude + east)
    inside = (
        box["south"] <= latitude + north <= box["north"]
        and box["west"] <= longitude + east <= box["east"]
    )
    assert inside or away > radius_km * 1000


def test_paris_to_marseille_is_661_kilometres():
    distance = queries.distance_m(48.8567, 2.3522, 43.2964, 5.37)
    assert round(distance / 1000) == 661
