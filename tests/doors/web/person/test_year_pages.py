"""A person's year and claims: theirs alone, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from tests import factories as make
from tests.doors.web.person.practice import Practice, booked, person_with_account, practice

from soutien.registers.accounts.models import Account
from soutien.registers.agenda.models import Booking
from soutien.registers.care.models import CareSession
from soutien.registers.claims.models import Claim
from soutien.registers.people.models import Person
from soutien.rules.life import Cause
from soutien.steps.actor import SYSTEM, Actor
from soutien.steps.claim import send_care_sheet
from soutien.steps.decide_again import decide_person_again

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
HELD_ON = date(2026, 10, 5)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def room(clock: time_machine.Coordinates) -> Practice:
    return practice()


@pytest.fixture
def camille(client: Client, room: Practice) -> Person:
    who, account = person_with_account(NOW)
    client.force_login(account)
    return who


def session(room: Practice, who: Person, **fields: object) -> CareSession:
    """An evaluation that took place in October."""
    kind = {"kind": "evaluation"} | fields
    return make.care_session(who, room.place, **({"held_on": HELD_ON} | kind))


def sent(held: CareSession) -> Claim:
    """Its sheet, sent by the psychologist and decided."""
    sheet = make.care_sheet(held, act_code="EEP", amo_third_party=True)
    return send_care_sheet(
        actor=Actor("psychologist", psychologist_id=held.psychologist_id),
        care_sheet_id=sheet.public_id,
        received_on=held.held_on + timedelta(days=1),
        at=make.noon(held.held_on + timedelta(days=1)),
    )


def test_nobody_sees_a_year_without_signing_in(client: Client, room: Practice) -> None:
    answer = client.get("/mon-annee")
    assert answer["Location"] == "/connexion?next=/mon-annee"


def test_an_empty_year_says_where_to_start(client: Client, camille: Person) -> None:
    page = client.get("/mon-annee").content.decode()
    assert "Mon année 2026" in page
    assert "12 séances en 2026" in page
    assert "Aucun rendez-vous à venir." in page
    assert "Aucune séance en 2026 pour le moment." in page
    assert "Trouver un psychologue" in page


def test_the_year_counts_what_is_held_booked_and_left(
    client: Client, room: Practice, camille: Person
) -> None:
    claim = sent(session(room, camille))
    booked(room, camille, datetime(2026, 11, 24, 9, 0, tzinfo=UTC), "follow_up")
    page = client.get("/mon-annee").content.decode()
    assert "1 séance faite, 1 réservée, 10 restent en 2026" in page
    assert "mardi 24 novembre 2026" in page
    assert f"/mes-demandes/{claim.public_id}" in page
    assert ".ics" in page
    assert "/annuler" in page
    assert f"/mon-annee/avec/{room.psychologist.public_id}" in page


def test_a_full_year_says_when_it_starts_again(
    client: Client, room: Practice, camille: Person
) -> None:
    for number in range(12):
        kind = "follow_up" if number else "evaluation"
        starts_at = datetime(2026, 12, 1 + number, 9, 0, tzinfo=UTC)
        booked(room, camille, starts_at, kind)
    page = client.get("/mon-annee").content.decode()
    assert "il n’en reste plus en 2026" in page
    assert "Le compte repart le 1er janvier 2027." in page
    assert "/mon-annee/avec/" not in page


@pytest.mark.parametrize(
    ("asked", "shown"),
    [("2025", 2025), ("2027", 2027), ("1990", 2026), ("2999", 2026), ("x", 2026), ("", 2026)],
)
def test_another_year_may_be_chosen(
    client: Client, camille: Person, asked: str, shown: int
) -> None:
    assert f"Mon année {shown}" in client.get(f"/mon-annee?annee={asked}").content.decode()


def test_a_role_without_a_year_finds_no_page(client: Client, room: Practice) -> None:
    client.force_login(make.account("fund_agent", fund_code=make.FUND))
    assert client.get("/mon-annee").status_code == 404


def test_follow_ups_are_shown_some_days_at_a_time(
    client: Client, room: Practice, camille: Person
) -> None:
    address = f"/mon-annee/avec/{room.psychologist.public_id}"
    page = client.get(address).content.decode()
    assert "vendredi 20 novembre" in page
    assert "?depuis=2026-12-01" in page
    later = client.get(f"{address}?depuis=2026-12-01").content.decode()
    assert "mardi 1er décembre" in later
    assert "vendredi 20 novembre" not in later
    assert client.get(f"{address}?depuis=demain").status_code == 200


def test_an_accepted_claim_says_who_pays_what(
    client: Client, room: Practice, camille: Person
) -> None:
    claim = sent(session(room, camille))
    page = client.get(f"/mes-demandes/{claim.public_id}").content.decode()
    assert "acceptée" in page
    assert "30\u00a0€" in page
    assert "L’Assurance Maladie, à votre psychologue" in page
    assert "Votre mutuelle, à vous, en remboursement" in page
    assert "CSS art. R. 160-5" in page
    assert claim.reference in page


def test_a_refused_claim_says_why_and_what_would_change_it(
    client: Client, room: Practice, camille: Person
) -> None:
    claim = sent(session(room, camille, price_cents=6000))
    page = client.get(f"/mes-demandes/{claim.public_id}").content.decode()
    assert "refusée" in page
    assert "Ce qui changerait cette réponse" in page
    assert "commission de recours amiable" in page
    assert claim.reference in page
    assert "Qui paie quoi" not in page


def test_a_refusal_a_person_must_confirm_is_not_told_yet(
    client: Client, room: Practice, camille: Person
) -> None:
    make.psychiatric_situation(camille, "psychiatric_ald", valid_from=date(2026, 1, 1))
    claim = sent(session(room, camille))
    assert claim.decisions.get().to_confirm
    page = client.get(f"/mes-demandes/{claim.public_id}").content.decode()
    assert "Une personne relit votre dossier" in page
    assert "psychiatri" not in page
    assert "refusée" not in page
    assert "lue par une personne" in client.get("/mon-annee").content.decode()


def test_who_opened_a_claim_is_told(client: Client, room: Practice, camille: Person) -> None:
    claim = sent(session(room, camille))
    make.entry(
        at=NOW, object_kind="claims.claim", object_id=str(claim.pk), event="claims.claim.opened"
    )
    page = client.get(f"/mes-demandes/{claim.public_id}").content.decode()
    assert "un agent de votre caisse" in page


def test_the_claim_of_somebody_else_is_not_there(
    client: Client, room: Practice, camille: Person
) -> None:
    claim = sent(session(room, make.person(at=NOW, with_nir=True)))
    assert client.get(f"/mes-demandes/{claim.public_id}").status_code == 404


def test_a_visitor_may_be_forgotten(client: Client, room: Practice) -> None:
    address = room.book(client, datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
    assert "Oublier ce que j’ai fait ici" in client.get("/mon-annee").content.decode()
    client.post("/deconnexion")
    assert client.get("/mon-annee").status_code == 302
    assert client.get(address).status_code == 200
    assert Booking.objects.get().status == "confirmed"


def test_signing_in_sets_the_visitor_aside(client: Client, room: Practice) -> None:
    room.book(client, datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
    _who, account = person_with_account(NOW)
    assert isinstance(account, Account)
    client.post("/connexion", {"username": account.email, "password": "password"})
    assert "visitor_person" not in client.session


def test_a_decision_is_contested_with_its_reasons_beside_the_question(
    client: Client, room: Practice, camille: Person
) -> None:
    held = session(room, camille)
    make.suspension(room.place.psychologist, valid_from=held.held_on)
    claim = sent(held)
    page = f"/mes-demandes/{claim.public_id}"
    assert f"{page}/contester" in client.get(page).content.decode()
    form = client.get(f"{page}/contester").content.decode()
    assert "Ce que la caisse a répondu" in form and "Qu’est-ce qui est faux" in form
    assert client.post(f"{page}/contester", {}).status_code == 422
    client.post(f"{page}/contester", {"ground": "text_does_not_apply"})
    shown = client.get(page).content.decode()
    assert "Vos contestations" in shown and f"{page}/contester" not in shown


def test_a_decision_taken_again_shows_what_changed(
    client: Client, room: Practice, camille: Person
) -> None:
    held = session(room, camille)
    claim = sent(held)
    make.exemption(camille, "css", valid_from=held.held_on)
    decide_person_again(
        actor=SYSTEM,
        person_id=camille.pk,
        cause=Cause.RIGHT_OPENED_LATE,
        at=claim.received_at + timedelta(days=1),
    )
    shown = client.get(f"/mes-demandes/{claim.public_id}").content.decode()
    assert "Cette décision en remplace une autre" in shown
    assert "un droit ouvert après coup" in shown
    assert "La complémentaire ne doit plus 20" in shown
    assert "doit rendre" not in shown
