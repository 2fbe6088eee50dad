"""Closing a session: held or missed, all that is wrong told at its place, nothing typed lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests import factories as make
from tests.doors.web.psychologist.practice import Practice, practice

from soutien.registers.agenda.models import Booking
from soutien.registers.care.models import CareSession
from soutien.registers.claims.models import CareSheet, SheetLine
from soutien.registers.people.models import Affiliation, Person

pytestmark = pytest.mark.django_db
SIGNED = {"signed_by_psychologist": "on", "signed_by_person": "on"}
HELD = {"outcome": "held", **SIGNED}


@pytest.fixture
def here() -> Practice:
    return practice(timezone.now().replace(microsecond=0))


@pytest.fixture
def signed_in(client: Client, here: Practice) -> Client:
    client.force_login(here.account)
    return client


def close(client: Client, booked: Booking, told: dict[str, Any]) -> Any:
    return client.post(f"/cabinet/rendez-vous/{booked.public_id}", told)


def test_a_session_held_issues_its_sheet(signed_in: Client, here: Practice) -> None:
    booked = here.booking(here.patient(), begins_in_h=-1)
    answer = close(signed_in, booked, HELD)
    sheet = CareSheet.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/feuilles/{sheet.public_id}"
    assert make.reread(booked).status == "fulfilled"


def test_sent_twice_it_is_closed_once(signed_in: Client, here: Practice) -> None:
    booked = here.booking(here.patient(), begins_in_h=-1)
    first, again = (close(signed_in, booked, HELD) for _time in range(2))
    assert first["Location"] == again["Location"]
    assert CareSession.objects.count() == CareSheet.objects.count() == 1


def test_closed_otherwise_the_second_time_it_is_refused(signed_in: Client, here: Practice) -> None:
    booked = here.booking(here.patient(), begins_in_h=-1)
    close(signed_in, booked, HELD)
    answer = close(signed_in, booked, {"outcome": "missed"})
    assert answer.status_code == 409
    assert "déjà terminée" in answer.content.decode()


def test_a_missed_session_is_never_billed(signed_in: Client, here: Practice) -> None:
    booked = here.booking(here.patient(known=False), begins_in_h=-1)
    answer = close(signed_in, booked, {"outcome": "missed"})
    assert answer.status_code == 302
    assert not CareSession.objects.get().performed
    assert not CareSheet.objects.exists()
    page = signed_in.get(answer["Location"]).content.decode()
    assert "ne compte pas dans l’année" in page


def test_everything_missing_is_told_at_once_and_nothing_typed_is_lost(
    signed_in: Client, here: Practice
) -> None:
    booked = here.booking(here.patient(known=False), begins_in_h=-1)
    told = {"outcome": "held", "nir": "12 34", "insurer_name": "Mutuelle d’essai"}
    answer = close(signed_in, booked, told)
    text = answer.content.decode()
    assert answer.status_code == 422
    for field in ("nir", "regime", "signed_by_person", "signed_by_psychologist"):
        assert f'id="id_{field}_error"' in text
    assert 'value="12 34"' in text
    assert "Mutuelle d’essai" in text
    assert not CareSession.objects.exists()


@pytest.mark.parametrize(
    ("body", "french", "english"),
    [
        ("29013000010010", "n&#x27;est pas complet", "not complete"),
        ("290130000100100", "le mois de naissance", "the month of birth"),
        ("290056900000100", "le lieu de naissance", "the place of birth"),
        ("590050000100100", "ne commence pas par ce chiffre", "begins with this digit"),
        ("290050000100100", "la clé, ne vont pas", "the key, do not go"),
    ],
)
def test_a_wrong_number_says_what_is_wrong_in_both_languages(
    signed_in: Client, here: Practice, body: str, french: str, english: str
) -> None:
    booked = here.booking(here.patient(known=False), begins_in_h=-1)
    for start, sentence in (("", french), ("/en", english)):
        path = f"{start}/cabinet/rendez-vous/{booked.public_id}"
        answer = signed_in.post(path, HELD | {"nir": body})
        assert answer.status_code == 422
        assert sentence in answer.content.decode()


def test_rights_and_number_read_on_the_certificate_are_recorded(
    signed_in: Client, here: Practice
) -> None:
    who = here.patient(known=False)
    booked = here.booking(who, begins_in_h=-1)
    told = HELD | {
        "nir": make.made_up_nir(4242),
        "regime": "general",
        "fund_code": "01 999 0000",
        "amc": "on",
        "exempt_css": "on",
        "ends_css": (here.today + timedelta(days=60)).isoformat(),
    }
    answer = close(signed_in, booked, told)
    assert answer.status_code == 302, answer.content.decode()
    assert Person.objects.get(pk=who.pk).nir == make.made_up_nir(4242)
    assert Affiliation.objects.get(person=who).fund_code == make.FUND
    sheet = CareSheet.objects.get()
    assert sheet.amo_third_party
    assert sheet.amc_third_party


def test_a_scheme_without_its_fund_is_asked_for(signed_in: Client, here: Practice) -> None:
    booked = here.booking(here.patient(known=False), begins_in_h=-1)
    told = HELD | {"nir": make.made_up_nir(4242), "regime": "msa", "fund_code": "12"}
    answer = close(signed_in, booked, told)
    assert answer.status_code == 422
    assert 'id="id_fund_code_error"' in answer.content.decode()


def test_a_fund_not_known_yet_opens_the_certificate_fields(
    signed_in: Client, here: Practice
) -> None:
    who = here.patient()
    Affiliation.objects.filter(person=who).update(fund_code="")
    booked = here.booking(who, begins_in_h=-1)
    answer = close(signed_in, booked, HELD)
    assert answer.status_code == 422
    assert 'name="fund_code"' in answer.content.decode()
    told = HELD | {"asks_rights": "1", "regime": "general", "fund_code": make.FUND, "amc": "on"}
    assert close(signed_in, booked, told).status_code == 302


def test_a_wrong_number_is_told_in_words(signed_in: Client, here: Practice) -> None:
    here.patient(nir=make.made_up_nir(77))
    booked = here.booking(here.patient(known=False), begins_in_h=-1)
    told = HELD | {"nir": make.made_up_nir(77), "regime": "general", "fund_code": make.FUND}
    answer = close(signed_in, booked, told)
    assert answer.status_code == 409
    assert 'id="id_nir_error"' in answer.content.decode()


def test_what_the_law_refuses_is_told_with_its_reasons(signed_in: Client, here: Practice) -> None:
    booked = here.booking(here.patient(), begins_in_h=-1, kind="follow_up")
    answer = close(signed_in, booked, HELD | {"modality": "in_person"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Un suivi vient après une séance d&#x27;évaluation" in text
    assert not CareSheet.objects.exists()


def test_an_evaluation_is_never_by_video(signed_in: Client, here: Practice) -> None:
    booked = here.booking(here.patient(), begins_in_h=-1)
    page = signed_in.get(f"/cabinet/rendez-vous/{booked.public_id}").content.decode()
    assert 'name="modality"' not in page
    close(signed_in, booked, HELD | {"modality": "remote"})
    assert CareSession.objects.get().modality == "in_person"


def test_a_follow_up_may_have_been_by_video(signed_in: Client, here: Practice) -> None:
    who = here.patient()
    here.was_evaluated(who)
    booked = here.booking(who, begins_in_h=-1, kind="follow_up")
    close(signed_in, booked, HELD | {"modality": "remote"})
    assert SheetLine.objects.get(care_session__booking=booked).act_code == "PSS"


def test_a_session_to_come_cannot_be_closed(signed_in: Client, here: Practice) -> None:
    booked = here.booking(here.patient(), begins_in_h=3)
    page = signed_in.get(f"/cabinet/rendez-vous/{booked.public_id}").content.decode()
    assert "pas encore commencé" in page
    assert close(signed_in, booked, HELD).status_code == 409


def test_what_is_to_pay_is_worked_out_before_anything_is_recorded(
    signed_in: Client, here: Practice
) -> None:
    booked = here.booking(here.patient(known=False), begins_in_h=-1)
    told = {"outcome": "held", "regime": "general", "exempt_css": "on", "compute": "1"}
    answer = close(signed_in, booked, told)
    assert answer.status_code == 200
    assert "vous paient directement" in answer.content.decode()
    assert not CareSession.objects.exists()


def test_a_closed_session_leads_to_its_sheet(signed_in: Client, here: Practice) -> None:
    booked = here.booking(here.patient(), begins_in_h=-1)
    close(signed_in, booked, HELD)
    answer = signed_in.get(f"/cabinet/rendez-vous/{booked.public_id}")
    assert answer["Location"] == f"/feuilles/{CareSheet.objects.get().public_id}"
