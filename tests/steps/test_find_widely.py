"""By département, by name, at times that suit, and who to turn to when nobody is near."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest
from tests import factories
from tests.steps import scene
from tests.steps.scene import DAY, MONDAY, at

from soutien.registers.psychologists.models import RegisteredPlace, Registration
from soutien.steps.find import (
    Freshness,
    Wishes,
    find_by_name,
    find_in_departement,
    find_psychologists,
    psychologist_page,
)
from soutien.steps.freshness import FADES_AFTER, RANKS_FARTHER_M, SILENT_AFTER

pytestmark = pytest.mark.django_db
LYON = factories.LYON
NORTH_KM = 1 / 111.2
SATURDAY = MONDAY + 5 * DAY


def found(**words: object):
    values = {"near": LYON, "radius_km": 10.0, "at": at(MONDAY, 5)} | words
    return find_psychologists(**values)


def ids(results) -> list[int]:
    return [card.psychologist_id for card in results.cards]


def north(km: float, **fields: object) -> scene.Practice:
    return scene.practice(latitude=LYON[0] + km * NORTH_KM, **({"confirmed_on": MONDAY} | fields))


def outside(km: float = 1.0, *, family_name: str = "Dehors", **fields: object) -> Registration:
    """A psychologist of the open file who is no partner."""
    row = Registration.objects.create(
        rpps=fields.pop("rpps", factories.made_up_rpps(9_000_000 + Registration.objects.count())),
        given_name="Claude",
        family_name=family_name,
        search_name=f"claude {family_name.lower()}",
        source_on=MONDAY,
    )
    values = {
        "key": "L 1",
        "mode": "L",
        "address_line": "2 rue de l'Exemple",
        "postcode": "69001",
        "town_name": "Lyon",
        "insee": "69123",
        "latitude": LYON[0] + km * NORTH_KM,
        "longitude": LYON[1],
        "position_precision": "town",
        "source_on": MONDAY,
    }
    RegisteredPlace.objects.create(registration=row, **(values | fields))
    return row


# Times that suit


def test_only_times_of_the_part_of_the_day_that_suits_are_shown():
    scene.practice()
    morning = found(wishes=Wishes(day_parts=("morning",))).cards[0].slots
    assert [slot.starts_at for slot in morning] == [at(MONDAY, hour) for hour in (7, 8, 9)]
    afternoon = found(wishes=Wishes(day_parts=("afternoon",))).cards[0].slots
    assert afternoon[0].starts_at == at(MONDAY, 11)
    assert found(wishes=Wishes(day_parts=("evening",))).cards[0].slots == ()


def test_of_several_parts_one_is_enough():
    scene.practice()
    slots = found(wishes=Wishes(day_parts=("evening", "saturday"))).cards[0].slots
    assert [slot.starts_at.date() for slot in slots] == [SATURDAY] * 3


def test_times_are_those_of_the_wall_clock_of_the_place():
    scene.practice(time_zone="Indian/Reunion", insee="97411", latitude=-20.9, longitude=55.45)
    slots = found(near=(-20.9, 55.45), wishes=Wishes(day_parts=("afternoon",))).cards[0].slots
    assert slots[0].starts_at == at(MONDAY, 8)


def test_times_before_the_wished_day_are_not_shown():
    scene.practice()
    slots = found(wishes=Wishes(from_day=MONDAY + 9 * DAY)).cards[0].slots
    assert slots[0].starts_at == at(MONDAY + 9 * DAY, 7)


def test_the_earliest_order_is_that_of_the_times_that_suit():
    far = north(5)
    near = north(1)
    never = north(2)
    factories.OpeningRule.objects.filter(place=never.place, weekday=5).delete()
    factories.closing(near.place.psychologist, SATURDAY)
    wishes = Wishes(day_parts=("saturday",))
    for page_size, page in ((12, 1), (2, 1), (1, 3)):
        results = found(wishes=wishes, order="earliest", page=page, page_size=page_size)
        expected = [far.psychologist_id, near.psychologist_id, never.psychologist_id]
        assert ids(results) == expected[(page - 1) * page_size : page * page_size]
        assert results.total == 3


def test_a_time_after_the_end_of_the_agreement_suits_nobody():
    where = scene.practice(under_agreement_from=None)
    factories.agreement(where.place.psychologist, valid_from=scene.OPENED, valid_before=SATURDAY)
    for order in ("distance", "earliest"):
        results = found(wishes=Wishes(day_parts=("saturday",)), order=order)
        assert results.cards[0].slots == ()


# Wishes


def test_third_party_payment_and_in_person_follow_ups_can_be_wished():
    both = scene.practice(offers_amc_third_party=True)
    remote = scene.practice(offers_video=True)
    factories.OpeningRule.objects.filter(place=remote.place).update(modality="remote")
    assert ids(found(wishes=Wishes(third_party=True))) == [both.psychologist_id]
    assert ids(found(wishes=Wishes(in_person=True))) == [both.psychologist_id]
    assert found().total == 2


# Freshness


@pytest.mark.parametrize(
    ("days", "freshness"),
    [
        (0, Freshness.FRESH),
        (FADES_AFTER.days, Freshness.FRESH),
        (FADES_AFTER.days + 1, Freshness.FADING),
        (SILENT_AFTER.days, Freshness.FADING),
        (SILENT_AFTER.days + 1, Freshness.SILENT),
    ],
)
def test_a_statement_ages(days: int, freshness: Freshness):
    scene.practice(confirmed_on=MONDAY - timedelta(days=days))
    assert found().cards[0].freshness is freshness


def test_never_confirmed_or_in_doubt_is_as_good_as_silent():
    scene.practice(confirmed_on=None)
    scene.practice(confirmed_on=MONDAY, doubted_on=MONDAY)
    assert {card.freshness for card in found().cards} == {Freshness.SILENT}


def test_who_nobody_vouches_for_ranks_as_if_farther_away():
    silent = north(0.5, confirmed_on=None)
    fading = north(1, confirmed_on=MONDAY - FADES_AFTER - DAY)
    fresh = north(1 + RANKS_FARTHER_M[Freshness.FADING] / 1000 - 0.2)
    farther = north(1 + RANKS_FARTHER_M[Freshness.FADING] / 1000 + 0.2)
    expected = [fresh, fading, farther, silent]
    assert ids(found()) == [one.psychologist_id for one in expected]
    assert [ids(found(page=page, page_size=1)) for page in (1, 2, 3, 4)] == [
        [one.psychologist_id] for one in expected
    ]


@pytest.mark.parametrize("seed", range(3))
def test_the_nearest_are_those_of_least_rank_among_all(seed: int):
    """Most of those found are never ranked one by one; the answer is as if they were."""
    random = Random(seed)
    made = {}
    for _ in range(30):
        km = random.choice([0.3, 1, 2, 4, 6, 9, 11, 14]) + random.random()
        freshness = random.choice(list(Freshness))
        aged = MONDAY - timedelta(days=(0, FADES_AFTER.days + 1, SILENT_AFTER.days + 1)[freshness])
        place = north(km, confirmed_on=aged)
        made[place.psychologist_id] = 1000 * km + RANKS_FARTHER_M[freshness]
    expected = sorted(made, key=made.__getitem__)
    pages = [ids(found(radius_km=50.0, page=page, page_size=4)) for page in range(1, 9)]
    assert [one for page in pages for one in page] == expected


def test_among_the_earliest_a_real_free_time_comes_before_any_statement():
    nobody_free, silent = north(1), north(2, confirmed_on=None)
    silent_too = north(1, confirmed_on=None)
    for place in (nobody_free.place, silent_too.place):
        factories.OpeningRule.objects.filter(place=place).delete()
    assert ids(found(order="earliest")) == [
        one.psychologist_id for one in (silent, nobody_free, silent_too)
    ]


# Vanishing at once


@pytest.mark.parametrize("how", ["suspended", "resigned", "left_partners_on", "left_register_on"])
def test_who_is_no_longer_a_partner_vanishes_from_every_search_at_once(how: str):
    where = scene.practice(search_name="ada exemple")
    who = where.place.psychologist

    def totals() -> list[int]:
        return [
            found().total,
            find_by_name(name="exemple", at=at(MONDAY)).total,
            find_in_departement(departement="69", at=at(MONDAY)).total,
        ]

    assert totals() == [1, 1, 1]
    if how == "suspended":
        factories.suspension(who, valid_from=MONDAY)
    elif how == "resigned":
        who.agreements.update(resignation_received_on=MONDAY)
    else:
        type(who).objects.filter(pk=who.pk).update(**{how: MONDAY})
    assert totals() == [0, 0, 0]


# By département and by name


def test_a_departement_shows_all_of_it_the_earliest_first():
    later = scene.practice(insee="69069")
    factories.closing(later.place.psychologist, MONDAY)
    sooner = scene.practice(insee="69123", latitude=46.2)
    scene.practice(insee="01004")
    results = find_in_departement(departement="69", at=at(MONDAY, 5))
    assert ids(results) == [sooner.psychologist_id, later.psychologist_id]
    assert {card.distance_m for card in results.cards} == {None}
    wished = find_in_departement(departement="69", wishes=Wishes(public="child"), at=at(MONDAY, 5))
    assert wished.total == 0


@pytest.mark.parametrize("departement", ["2A", "974"])
def test_corsica_and_overseas_have_their_codes(departement: str):
    where = scene.practice(insee=f"{departement}004"[:5])
    assert ids(find_in_departement(departement=departement, at=at(MONDAY))) == [
        where.psychologist_id
    ]


def test_a_name_is_found_whatever_its_accents_order_and_one_slip():
    where = scene.practice(search_name="helene marechal")
    for name in ("Hélène Maréchal", "MARECHAL Hélène", "mme marchal", "Maréchla"):
        results = find_by_name(name=name, at=at(MONDAY, 5))
        assert ids(results) == [where.psychologist_id], name
        assert results.cards[0].distance_m is None
        assert results.cards[0].slots
    assert find_by_name(name="Hélène Dupont", at=at(MONDAY)).total == 0


def test_who_takes_nobody_new_is_found_by_name_and_shown_so():
    scene.practice(
        search_name="ada exemple", accepts_new_patients=False, full_until=MONDAY + 9 * DAY
    )
    [card] = find_by_name(name="ada", at=at(MONDAY)).cards
    assert (card.accepts_new_patients, card.full_until) == (False, MONDAY + 9 * DAY)


def test_of_the_same_name_the_nearest_comes_first_when_a_place_is_known():
    far, near = north(30, search_name="anne petit"), north(3, search_name="anne petit")
    results = find_by_name(name="petit", near=LYON, at=at(MONDAY))
    assert ids(results) == [near.psychologist_id, far.psychologist_id]
    assert round(results.cards[0].distance_m or 0, -2) == 3000


# When nobody is near


def test_nobody_near_shows_the_next_then_video_then_outside_the_programme():
    near = north(40)
    by_video = north(60, offers_video=True)
    apart = outside(3)
    results = found()
    assert (ids(results), results.widened_to_km) == ([near.psychologist_id], 50.0)
    assert [card.psychologist_id for card in results.by_video] == [by_video.psychologist_id]
    assert [one.public_id for one in results.outside] == [apart.public_id]


def test_somebody_fresh_farther_away_comes_before_somebody_in_doubt_by_video_too():
    north(11)
    north(20, offers_video=True, confirmed_on=None)
    fresh = [north(km, offers_video=True) for km in (12, 13, 26)]
    results = found(page_size=1)
    assert results.widened_to_km == 25.0
    assert [card.psychologist_id for card in results.by_video] == [
        one.psychologist_id for one in fresh
    ]


def test_with_somebody_near_nothing_else_is_offered():
    north(1)
    north(60, offers_video=True)
    outside(1)
    results = found()
    assert (results.by_video, results.outside) == ((), ())


def test_outside_the_programme_is_never_a_partner_nor_far_away():
    partner = north(40)
    outside(1, rpps=partner.place.psychologist.rpps)
    outside(60)
    outside(1, mode="S")
    assert found().outside == ()


def test_nobody_at_all_is_an_answer_too():
    results = found(near=(-20.9, 55.45))
    assert (results.total, results.cards, results.by_video, results.outside) == (0, [], (), ())


def test_a_page_says_how_fresh_and_until_when_full():
    where = scene.practice(
        confirmed_on=date(2025, 1, 1), accepts_new_patients=False, full_until=MONDAY + DAY
    )
    card = psychologist_page(public_id=where.place.psychologist.public_id, at=at(MONDAY)).card
    assert (card.freshness, card.full_until) == (Freshness.SILENT, MONDAY + DAY)
