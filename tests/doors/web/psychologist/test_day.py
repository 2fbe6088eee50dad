"""The psychologist's day: what each session will be, what waits, and whose it is."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests import factories as make
from tests.doors.web.psychologist.practice import LONG_AGO, Practice, practice, words_of

from soutien.registers.accounts.models import Role
from soutien.registers.agenda.models import Booking
from soutien.registers.audit.models import Entry
from soutien.registers.care.models import Seat

pytestmark = pytest.mark.django_db


def at_noon(today: datetime) -> datetime:
    """Noon in Paris or so: appointments some hours around stay on the same day."""
    return today.replace(hour=11, minute=0, second=0, microsecond=0)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Practice:
    """A practice on a Tuesday at noon; the clock of the pages stands still."""
    now = at_noon(timezone.now() - timedelta(days=timezone.now().weekday() - 1))
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    return practice(now)


@pytest.fixture
def signed_in(client: Client, here: Practice) -> Client:
    client.force_login(here.account)
    return client


def test_sessions_that_have_begun_stand_first_to_be_closed(
    signed_in: Client, here: Practice
) -> None:
    here.booking(here.patient(given_name="Avant"), begins_in_h=-2)
    here.booking(here.patient(given_name="Après"), begins_in_h=2)
    text = signed_in.get("/cabinet").content.decode()
    assert text.index("À terminer") < text.index("Avant") < text.index("La suite")
    assert text.index("La suite") < text.index("Après")


def test_a_name_is_shown_with_the_initial_of_the_family_only(
    signed_in: Client, here: Practice
) -> None:
    here.booking(here.patient(given_name="Zoé", family_name="Łukasiewicz"), begins_in_h=2)
    text = signed_in.get("/cabinet").content.decode()
    assert "Zoé Ł." in text
    assert "Łukasiewicz" not in text


def test_an_appointment_laid_over_the_agenda_is_marked_with_its_reason(
    signed_in: Client, here: Practice
) -> None:
    here.booking(here.patient(given_name="Prévue"), begins_in_h=1)
    here.booking(here.patient(given_name="Ajoutée"), begins_in_h=3, overbooked_for="urgent")
    text = words_of(signed_in.get("/cabinet"))
    assert text.count("ajouté en plus") == 1
    assert (
        text.index("Prévue") < text.index("Ajoutée") < text.index("ajouté en plus : c’est urgent")
    )


def test_each_line_says_what_the_session_will_be_and_what_remains(
    signed_in: Client, here: Practice
) -> None:
    who = here.patient()
    here.was_evaluated(who)
    here.booking(who, begins_in_h=2, kind="follow_up")
    text = signed_in.get("/cabinet").content.decode()
    assert "Séance 2 sur" in text
    assert "1 séance faite, 1 réservée" in text
    assert "Rien ne manque pour le paiement" in text


def test_what_would_make_the_payment_fail_is_said(signed_in: Client, here: Practice) -> None:
    here.booking(here.patient(), begins_in_h=1, kind="follow_up")
    here.booking(here.patient(known=False), begins_in_h=3)
    text = signed_in.get("/cabinet").content.decode()
    assert "Un suivi vient après une séance d&#x27;évaluation" in text
    assert "Numéro de sécurité sociale à demander" in text
    assert "Droits à lire sur l’attestation" in text


def test_a_right_that_ends_soon_is_said(signed_in: Client, here: Practice) -> None:
    who = here.patient()
    ends = here.today + timedelta(days=9)
    make.exemption(who, "css", valid_from=LONG_AGO, valid_before=ends)
    here.booking(who, begins_in_h=2)
    assert (
        "Complémentaire santé solidaire : finit le" in signed_in.get("/cabinet").content.decode()
    )


def test_free_times_stand_between_appointments(signed_in: Client, here: Practice) -> None:
    make.opening(here.place, here.today.weekday(), valid_from=LONG_AGO, ends_at_minute=19 * 60)
    text = signed_in.get("/cabinet").content.decode()
    assert "heures libres" in text
    assert "première séance ou suivi" in text


def test_sessions_left_open_on_another_day_are_recalled(signed_in: Client, here: Practice) -> None:
    here.booking(here.patient(), begins_in_h=-7 * 24)
    text = signed_in.get("/cabinet").content.decode()
    assert "Aussi à terminer" in text
    assert f"/cabinet/{here.today - timedelta(days=7)}" in text


def test_an_empty_day_says_so(signed_in: Client) -> None:
    assert "Rien ce jour-là" in signed_in.get("/cabinet/2020-01-05").content.decode()


def test_a_day_that_does_not_exist_is_not_found(signed_in: Client) -> None:
    assert signed_in.get("/cabinet/2026-02-30").status_code == 404


def test_the_day_is_kept_by_no_browser(signed_in: Client) -> None:
    assert "no-store" in signed_in.get("/cabinet")["Cache-Control"]


def test_nobody_signed_in_is_asked_to_sign_in(client: Client, here: Practice) -> None:
    answer = client.get("/cabinet")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/connexion?next=/cabinet")


@pytest.mark.parametrize("role", [Role.FUND_AGENT, Role.ADMINISTRATOR])
def test_another_role_finds_nothing_there(client: Client, here: Practice, role: Role) -> None:
    client.force_login(make.account(role))
    assert client.get("/cabinet").status_code == 404


def test_another_psychologist_reads_the_words_of_a_page_that_is_not_there(
    client: Client, here: Practice
) -> None:
    booked = here.booking(here.patient(), begins_in_h=-1)
    other = make.account(Role.PSYCHOLOGIST, psychologist=make.psychologist())
    client.force_login(other)
    theirs = client.get(f"/cabinet/rendez-vous/{booked.public_id}")
    nothing = client.get("/cabinet/rendez-vous/00000000-0000-4000-8000-000000000000")
    assert theirs.status_code == nothing.status_code == 404
    assert words_of(theirs) == words_of(nothing)


def test_looking_at_one_appointment_leaves_a_trace_of_that_person_alone(
    signed_in: Client, here: Practice
) -> None:
    seen, unseen = here.patient(), here.patient()
    booked = here.booking(seen, begins_in_h=-1)
    here.booking(unseen, begins_in_h=-3)
    signed_in.get(f"/cabinet/rendez-vous/{booked.public_id}")
    assert Entry.objects.filter(person_id=seen.pk, event="care.line.opened").exists()
    assert not Entry.objects.filter(person_id=unseen.pk).exists()


def test_cancelling_asks_once_then_gives_the_seat_back(signed_in: Client, here: Practice) -> None:
    booked = here.booking(here.patient(), begins_in_h=2)
    address = f"/cabinet/rendez-vous/{booked.public_id}/annuler"
    assert "Annuler ce rendez-vous ?" in signed_in.get(address).content.decode()
    assert make.reread(booked).status == "confirmed"
    assert signed_in.post(address).status_code == 302
    assert make.reread(booked).status == "cancelled"
    assert not Seat.objects.filter(booking=booked).exists()
    assert signed_in.post(address).status_code == 302


def test_a_session_that_has_begun_is_not_cancelled(signed_in: Client, here: Practice) -> None:
    booked = here.booking(here.patient(), begins_in_h=-1)
    answer = signed_in.post(f"/cabinet/rendez-vous/{booked.public_id}/annuler")
    assert answer.status_code == 409
    assert Booking.objects.get(pk=booked.pk).status == "confirmed"


def test_the_day_is_told_in_english(signed_in: Client, here: Practice) -> None:
    here.booking(here.patient(known=False), begins_in_h=-2)
    text = signed_in.get("/en/cabinet").content.decode()
    assert "To close" in text
    assert "Social security number to ask for" in text
