"""Looking for a psychologist: near a place, and one page."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from tests import factories
from tests.steps import scene
from tests.steps.refusals import refused
from tests.steps.scene import DAY, MONDAY, at

from soutien.doors.cli import find as command
from soutien.doors.cli import main as cli
from soutien.registers.audit.models import Entry
from soutien.steps.find import Wishes, find_psychologists, psychologist_page

LYON = factories.LYON
NORTH_KM = 1 / 111.2  # degrees of latitude


def found(**words: object) -> object:
    values = {"near": LYON, "radius_km": 10.0, "at": at(MONDAY, 5)} | words
    return find_psychologists(**values)


def ids(results: object) -> list[int]:
    return [card.psychologist_id for card in results.cards]


@pytest.mark.django_db
def test_the_nearest_come_first_with_their_distance_and_three_first_sessions():
    far = scene.practice(latitude=LYON[0] + 5 * NORTH_KM)
    near = scene.practice(latitude=LYON[0] + 1 * NORTH_KM)
    results = found()
    assert ids(results) == [near.psychologist_id, far.psychologist_id]
    assert [round(card.distance_m, -2) for card in results.cards] == [1000, 5000]
    first = results.cards[0]
    assert [slot.starts_at for slot in first.slots] == [at(MONDAY, hour) for hour in (7, 8, 9)]
    assert {slot.modality for slot in first.slots} == {"in_person"}
    assert (results.total, results.pages, results.widened_to_km) == (2, 1, None)


@pytest.mark.django_db
def test_looking_leaves_no_trace():
    scene.practice()
    found()
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_who_is_not_a_partner_that_day_is_not_shown():
    scene.practice(under_agreement_from=MONDAY + DAY)
    suspended = scene.practice()
    factories.suspension(suspended.place.psychologist, valid_from=MONDAY)
    assert found().total == 0


@pytest.mark.django_db
def test_a_time_after_the_end_of_the_agreement_is_not_offered():
    where = scene.practice(under_agreement_from=None)
    factories.agreement(
        where.place.psychologist, valid_from=scene.OPENED, valid_before=MONDAY + DAY
    )
    results = found(at=at(MONDAY, 13))
    assert [slot.starts_at for slot in results.cards[0].slots] == [at(MONDAY, 15), at(MONDAY, 16)]


@pytest.mark.django_db
def test_each_wish_narrows_the_search():
    scene.practice()
    wished = scene.practice(sees_children=True, languages="fr,lsf", offers_video=True)
    for wishes in (
        Wishes(public="child"),
        Wishes(video=True),
        Wishes(languages=("lsf", "ar")),
        Wishes(public="child", video=True, languages=("lsf",)),
    ):
        assert ids(found(wishes=wishes)) == [wished.psychologist_id]
    assert found(wishes=Wishes(step_free=True)).total == 0


@pytest.mark.django_db
def test_who_takes_nobody_new_is_shown_only_when_asked():
    scene.practice(accepts_new_patients=False)
    assert found().total == 0
    assert found(wishes=Wishes(new_patients=False)).total == 1


@pytest.mark.django_db
def test_nobody_within_the_radius_widens_it_and_says_so():
    scene.practice(latitude=LYON[0] + 40 * NORTH_KM)
    results = found()
    assert (results.total, results.widened_to_km) == (1, 50.0)
    assert found(near=(-20.9, 55.45)).total == 0


@pytest.mark.django_db
def test_the_earliest_come_first_when_asked():
    near = scene.practice()
    far = scene.practice(latitude=LYON[0] + 5 * NORTH_KM)
    factories.closing(near.place.psychologist, MONDAY)
    nobody = scene.practice()
    factories.OpeningRule.objects.filter(place=nobody.place).delete()
    assert ids(found(order="earliest")) == [
        far.psychologist_id,
        near.psychologist_id,
        nobody.psychologist_id,
    ]


@pytest.mark.django_db
def test_the_total_is_true_and_pages_do_not_overlap():
    for _ in range(5):
        scene.practice()
    pages = [found(page=page, page_size=2) for page in (1, 2, 3, 9)]
    assert [results.total for results in pages] == [5, 5, 5, 5]
    assert [len(results.cards) for results in pages] == [2, 2, 1, 1]
    assert pages[3].page == 3
    assert len({card for results in pages[:3] for card in ids(results)}) == 5


@pytest.mark.django_db
def test_only_the_times_at_the_place_shown_are_on_the_card():
    where = scene.practice()
    second = factories.place(where.place.psychologist, latitude=LYON[0] + 3 * NORTH_KM)
    factories.opening(second, 0, valid_from=scene.OPENED, starts_at_minute=6 * 60)
    card = found(at=at(MONDAY, 0)).cards[0]
    assert {slot.place_id for slot in card.slots} == {where.place.pk}


@pytest.mark.django_db
def test_a_hold_hides_its_time_and_gives_it_back_when_it_runs_out():
    where = scene.practice()
    held = scene.held(where, hour=7, asked_at=at(MONDAY, 4))
    assert found(at=at(MONDAY, 4)).cards[0].slots[0].starts_at == at(MONDAY, 8)
    assert found(at=held.held_until).cards[0].slots[0].starts_at == at(MONDAY, 7)


@pytest.mark.django_db
def test_the_search_asks_few_questions_however_many_are_found(django_assert_max_num_queries):
    for _ in range(12):
        scene.practice()
    with django_assert_max_num_queries(10):
        found()


@pytest.mark.django_db
def test_a_page_shows_the_free_times_by_day_at_the_place():
    where = scene.practice(time_zone="Indian/Reunion", insee="97411")
    public_id = where.place.psychologist.public_id
    scene.held(where, hour=5, asked_at=at(MONDAY - DAY, 22))
    page = psychologist_page(public_id=public_id, at=at(MONDAY - DAY, 22), days=2)
    assert [day.day for day in page.days][0] == MONDAY
    times = [slot.starts_at for slot in page.days[0].slots]
    assert times[0] == at(MONDAY, 4)
    assert at(MONDAY, 5) not in times
    assert page.card.place_id == where.place.pk
    assert page.card.distance_m is None


@pytest.mark.django_db
def test_a_page_for_follow_ups_offers_video_too():
    where = scene.practice()
    page = psychologist_page(
        public_id=where.place.psychologist.public_id, at=at(MONDAY), kind="follow_up"
    )
    assert {slot.modality for day in page.days for slot in day.slots} == {"both"}


@pytest.mark.django_db
def test_who_left_the_directory_has_no_page():
    where = scene.practice()
    psychologist = where.place.psychologist
    psychologist.agreements.update(resignation_received_on=MONDAY - timedelta(days=3))
    for public_id in (psychologist.public_id, uuid.uuid4()):
        with refused("not_found"):
            psychologist_page(public_id=public_id, at=at(MONDAY))


@pytest.mark.django_db
def test_a_psychologist_without_a_place_has_a_page_that_is_not_found():
    alone = factories.psychologist(under_agreement_from=scene.OPENED)
    with refused("not_found"):
        psychologist_page(public_id=alone.public_id, at=at(MONDAY))


@pytest.mark.django_db
def test_the_command_prints_what_the_step_found(capsys: pytest.CaptureFixture[str]):
    scene.practice(insee="69123")
    assert cli.main(["find", "69001", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["town"]["name"].startswith("Lyon")
    assert told["total"] == 1
    assert told["psychologists"][0]["next_first_sessions"]
    assert cli.main(["find", "Lyon"]) == 0
    assert "1 psychologists within 10 km of Lyon (69)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "insee"),
    [
        ("Craponne", "69069"),
        ("69290", "69069"),
        ("69123", "69123"),
        ("saint denis 93", "93066"),
        ("2A004", "2A004"),
        ("97411", "97415"),
        ("insee:97411", "97411"),
    ],
)
def test_a_place_is_a_town_a_postcode_or_an_insee_code(text: str, insee: str):
    assert command.the_town(text).insee == insee


def test_homonyms_are_listed_with_the_words_that_choose_one(capsys: pytest.CaptureFixture[str]):
    assert cli.main(["find", "Saint-Denis"]) == 2
    told = capsys.readouterr().err
    assert "insee:97411" in told
    assert "insee:93066" in told
    assert cli.main(["find", "Saint-Denis", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"] == "several_places"


@pytest.mark.parametrize(
    "words", [["zzzzqqq"], ["insee:00000"], ["Lyon", "--radius-km", "0"], ["Lyon", "--limit", "0"]]
)
def test_an_unclear_question_is_wrong_use(words: list[str], capsys: pytest.CaptureFixture[str]):
    assert cli.main(["find", *words]) == 2
    assert "soutien find:" in capsys.readouterr().err
