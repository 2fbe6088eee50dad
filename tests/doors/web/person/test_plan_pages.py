"""A plan of several sessions, and moving one: what is shown, booked as one, and refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from tests import factories as make
from tests.doors.web.person.practice import (
    CAP,
    SINCE,
    Practice,
    booked,
    next_monday,
    person_with_account,
    practice,
)

from soutien.doors.booking_links import token_of
from soutien.registers.accounts.models import Role
from soutien.registers.agenda.models import Booking
from soutien.registers.care import queries as care
from soutien.registers.care.models import Seat
from soutien.registers.people.models import Person

pytestmark = pytest.mark.django_db

# A Friday of November: Christmas Day and New Year's Day are Fridays too.
FRIDAY = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
TEN_ON_FRIDAY = "4-600"


@pytest.fixture
def now() -> Iterator[datetime]:
    with time_machine.travel(FRIDAY, tick=False):
        yield FRIDAY


@dataclass
class Planning:
    """Camille, evaluated this month, and the psychologist they see."""

    client: Client
    room: Practice
    who: Person

    @property
    def address(self) -> str:
        return f"/mon-annee/plan/{self.room.psychologist.public_id}"

    def asked(self, hour: str = TEN_ON_FRIDAY, **more: str) -> HttpResponse:
        """The dates proposed for an hour of the week."""
        return self.client.get(self.address, {"heure": f"{hour}-{self.room.place.pk}", **more})

    def sent(self, page: HttpResponse, **changed: str) -> HttpResponse:
        """The form of the page sent back, with changes."""
        return self.client.post(self.address, form_of(page) | changed)


def form_of(page: HttpResponse) -> dict[str, str]:
    """The lines of a proposal as a browser would send them."""
    sent = {}
    for number, line in enumerate(page.context["lines"]):
        sent |= {
            f"week_{number}": line.wished_on.isoformat(),
            f"kind_{number}": line.kind,
            f"modality_{number}": line.modality,
            f"time_{number}": line.value,
        }
    return sent


@pytest.fixture
def planning(client: Client, now: datetime) -> Planning:
    room = practice()
    who, account = person_with_account(now)
    held = make.care_session(who, room.place, held_on=date(2026, 11, 2), kind="evaluation")
    year = care.year_of(who.pk, 2026)
    care.take_seat(year, cap=CAP, kind="evaluation", care_session_id=held.pk, used=True)
    client.force_login(account)
    return Planning(client, room, who)


def test_the_hours_to_choose_from_are_those_that_are_free(planning: Planning) -> None:
    text = planning.client.get(planning.address).content.decode()
    assert "vendredi 10:00" in text
    assert "samedi" not in text
    assert re.search(r"vendredi 10:00 · \d+ dates libres", text)


def test_as_many_sessions_as_the_law_leaves_are_proposed(planning: Planning) -> None:
    page = planning.asked()
    assert page.context["count"] == CAP - 1
    assert all(line.what == "Séance de suivi, au cabinet" for line in page.context["lines"])
    assert not Booking.objects.exists()


def test_a_public_holiday_gives_way_and_says_why(planning: Planning) -> None:
    lines = planning.asked(nombre="8").context["lines"]
    (christmas,) = [line for line in lines if line.wished_on == date(2026, 12, 25)]
    assert "est un jour férié" in christmas.reasons[0]
    assert "2026-12-28" in christmas.value


def test_the_first_session_comes_first_and_at_the_practice(
    client: Client, now: datetime, planning: Planning
) -> None:
    _newcomer, account = person_with_account(now)
    client.force_login(account)
    first, second, *_others = planning.asked(nombre="4", comment="remote").context["lines"]
    assert (first.kind, first.modality) == ("evaluation", "in_person")
    assert (second.kind, second.modality) == ("follow_up", "remote")


def test_a_right_that_ends_is_told_once_before_its_first_session(planning: Planning) -> None:
    ends = date(2026, 12, 10)
    make.exemption(planning.who, "css", valid_from=SINCE, valid_before=ends)
    lines = planning.asked(nombre="8").context["lines"]
    told = [line.wished_on for line in lines if "complémentaire santé" in "".join(line.reasons)]
    assert told == [date(2026, 12, 11)]


def test_all_are_booked_at_once_and_stand_in_the_year(planning: Planning) -> None:
    answer = planning.sent(planning.asked(nombre="5"))
    assert answer.status_code == 302, answer.content.decode()
    plans = set(Booking.objects.values_list("plan", flat=True))
    assert (Booking.objects.count(), len(plans)) == (5, 1)
    text = planning.client.get(answer["Location"]).content.decode()
    assert "5 rendez-vous sont réservés" in text
    assert "1 séance faite, 5 réservées" in text


def test_sent_twice_it_books_once(planning: Planning) -> None:
    page = planning.asked(nombre="3")
    assert planning.sent(page).status_code == planning.sent(page).status_code == 302
    assert Booking.objects.count() == 3


def test_a_plan_over_two_years_says_so(planning: Planning) -> None:
    answer = planning.sent(planning.asked(nombre="8"))
    text = planning.client.get(answer["Location"]).content.decode()
    assert re.search(r"8 rendez-vous sont réservés, dont \d en 2027", text)


def test_one_date_is_changed_and_one_left_out(planning: Planning) -> None:
    page = planning.asked(nombre="3")
    other = next(option.value for option in page.context["lines"][1].options if not option.chosen)
    assert planning.sent(page, time_1=other, time_2="").status_code == 302
    starts = [f"{row.starts_at:%Y-%m-%dT%H:%MZ}" for row in Booking.objects.order_by("starts_at")]
    assert starts == [page.context["lines"][0].value.split()[1], other.split()[1]]


def test_when_one_date_is_taken_nothing_is_booked_and_the_line_says_why(
    planning: Planning,
) -> None:
    page = planning.asked(nombre="3")
    taken = page.context["lines"][1]
    starts_at = datetime.fromisoformat(taken.value.split()[1])
    make.booking(planning.room.place, starts_at=starts_at, who=make.person(at=FRIDAY))
    other = page.context["lines"][2].options[0].value
    answer = planning.sent(page, time_2=other)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Rien n&#x27;a été réservé" in text
    assert "Cette heure est déjà prise" in answer.context["lines"][1].wrong
    assert not answer.context["lines"][0].wrong
    assert answer.context["lines"][2].value == other
    assert not Booking.objects.filter(person=planning.who).exists()
    assert Seat.objects.count() == 1


def test_with_every_date_left_out_the_page_asks_for_one(planning: Planning) -> None:
    answer = planning.sent(planning.asked(nombre="2"), time_0="", time_1="")
    assert answer.status_code == 422
    assert "Une série compte de une à" in answer.content.decode()


def test_when_nothing_is_left_of_the_year_the_day_it_restarts_is_told(
    planning: Planning,
) -> None:
    for week in range(CAP - 1):
        starts_at = next_monday(FRIDAY, 17) + timedelta(hours=week)
        with_other = make.place(make.psychologist())
        seat_of = make.booking(with_other, starts_at=starts_at, who=planning.who)
        year = care.year_of(planning.who.pk, 2026)
        care.take_seat(year, cap=CAP, kind="follow_up", booking_id=seat_of.pk)
    answer = planning.asked()
    assert answer.status_code == 409
    assert "1er janvier 2027" in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"heure": "9-9-9"},
        {"heure": "🙂" * 5000},
        {"heure": ""},
        {"nombre": "400"},
        {"depuis": "9999-12-31"},
        {"depuis": "2026-02-30"},
        {"rythme": "-3"},
    ],
)
def test_what_cannot_be_read_is_told_gently(planning: Planning, query: dict[str, str]) -> None:
    sent = {"heure": f"{TEN_ON_FRIDAY}-{planning.room.place.pk}"} | query
    answer = planning.client.get(planning.address, sent)
    assert answer.status_code == 422
    assert "est à revoir" in answer.content.decode()


@pytest.mark.parametrize(
    "time",
    [
        "",
        "x",
        "1 2026-12-04",
        "99999999 2026-12-04T09:00Z",
        "1 2020-12-04T09:00Z",
        "1 9999-12-31T23:59Z",
        "² 2026",
        "%",
    ],
)
def test_forged_lines_book_nothing_and_never_fail(planning: Planning, time: str) -> None:
    for week in ("2026-12-04", "0001-01-01", "9999-12-31", "no"):
        sent = {"week_0": week, "kind_0": "x", "modality_0": "x", "time_0": time}
        assert planning.client.post(planning.address, sent).status_code < 500
    assert not Booking.objects.exists()


def test_the_plan_is_the_persons_alone(client: Client, planning: Planning) -> None:
    client.logout()
    assert client.get(planning.address)["Location"].startswith("/connexion")
    client.force_login(make.account(Role.PSYCHOLOGIST, psychologist=planning.room.psychologist))
    assert client.get(planning.address).status_code == 404


def test_the_plan_is_told_in_english(planning: Planning) -> None:
    hour = {"heure": f"{TEN_ON_FRIDAY}-{planning.room.place.pk}", "nombre": "3"}
    text = planning.client.get(f"/en{planning.address}", hour).content.decode()
    assert "3 sessions proposed" in text
    assert "Book all these sessions" in text


# Moving


@pytest.fixture
def moving(planning: Planning) -> Booking:
    """A follow-up on a Monday at nine in Paris."""
    return booked(planning.room, planning.who, next_monday(FRIDAY, 8), "follow_up")


def move_address(booking: Booking) -> str:
    return f"/rendez-vous/{token_of(booking.public_id)}/deplacer"


def to(planning: Planning, starts_at: datetime) -> dict[str, str]:
    return {"place": str(planning.room.place.pk), "starts": f"{starts_at:%Y-%m-%dT%H:%MZ}"}


def test_an_appointment_moves_and_its_link_and_seat_stay(
    client: Client, planning: Planning, moving: Booking
) -> None:
    client.logout()
    address, later = move_address(moving), moving.starts_at + timedelta(days=1)
    text = client.get(address, {"depuis": f"{later:%Y-%m-%d}"}).content.decode()
    assert "reste à vous tant que" in text
    assert f"{later:%Y-%m-%dT%H}%3A00Z" in text
    assert "Oui, déplacer" in client.get(address, to(planning, later)).content.decode()
    answer = client.post(address, to(planning, later))
    assert answer["Location"] == address.removesuffix("/deplacer")
    assert make.reread(moving).starts_at == later
    assert Seat.objects.filter(booking=moving).count() == 1
    assert "mardi 1er décembre 2026" in client.get(answer["Location"]).content.decode()
    assert client.post(address, to(planning, later)).status_code == 302


def test_the_page_of_an_appointment_leads_there(planning: Planning, moving: Booking) -> None:
    page = planning.client.get(f"/rendez-vous/{token_of(moving.public_id)}").content.decode()
    assert f'href="{move_address(moving)}"' in page
    assert f'href="{move_address(moving)}"' in planning.client.get("/mon-annee").content.decode()


def test_a_time_taken_meanwhile_shows_the_nearest_and_keeps_the_present_one(
    planning: Planning, moving: Booking
) -> None:
    later = moving.starts_at + timedelta(days=1)
    make.booking(planning.room.place, starts_at=later, who=make.person(at=FRIDAY))
    answer = planning.client.post(move_address(moving), to(planning, later))
    assert answer.status_code == 409
    assert answer.context["nearest"]
    assert all("/deplacer?" in time.href for time in answer.context["nearest"])
    assert make.reread(moving).starts_at == moving.starts_at


def test_moving_to_another_year_is_told(planning: Planning, moving: Booking) -> None:
    january = datetime(2027, 1, 4, 8, 0, tzinfo=UTC)
    text = planning.client.get(move_address(moving), to(planning, january)).content.decode()
    assert "comptera alors dans votre année 2027" in text


@pytest.mark.parametrize(
    "query",
    [
        {"place": "1", "starts": "x"},
        {"place": "🙂", "starts": "2026-12-01T08:00Z"},
        {"place": "99999999", "starts": "2026-12-01T08:00Z"},
        {"place": "1", "starts": "2026-12-01T08:00"},
        {"place": "1", "starts": "9999-12-31T23:59Z"},
        {"depuis": "9999"},
        {"depuis": "%"},
    ],
)
def test_an_address_that_says_no_time_shows_the_times(
    planning: Planning, moving: Booking, query: dict[str, str]
) -> None:
    answer = planning.client.get(move_address(moving), query)
    assert answer.status_code in {200, 409}
    assert answer.context["days"]


def test_what_has_begun_or_was_cancelled_does_not_move(
    planning: Planning, moving: Booking
) -> None:
    with time_machine.travel(moving.starts_at + timedelta(minutes=1)):
        assert planning.client.get(move_address(moving)).status_code == 409
    Booking.objects.filter(pk=moving.pk).update(status="cancelled")
    assert planning.client.get(move_address(moving)).status_code == 409


def test_a_forged_link_is_not_found(planning: Planning, moving: Booking) -> None:
    forged = move_address(moving).replace("/deplacer", "x/deplacer")
    assert planning.client.get(forged).status_code == 404
    assert planning.client.post(forged, to(planning, moving.starts_at)).status_code == 404
