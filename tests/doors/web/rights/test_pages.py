"""Rights on the pages: an agent writes them on some evidence, a person reads what they change."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests import factories as make
from tests.doors.web.psychologist.practice import Practice, practice

from soutien.registers.accounts.models import Role
from soutien.registers.people.models import Exemption, Person
from soutien.registers.rights.models import Declaration

pytestmark = pytest.mark.django_db
CSS = {
    "right": "exemption",
    "exemption-kind": "css",
    "exemption-valid_from": "1 9 2025",
    "exemption-ends_on": "31 8 2026",
    "exemption-evidence": "letter",
    "exemption-evidence_on": "20 9 2025",
}


@pytest.fixture
def here() -> Practice:
    return practice(timezone.now().replace(microsecond=0))


@pytest.fixture
def who(here: Practice) -> Person:
    return here.patient()


@pytest.fixture
def agent(here: Practice) -> Client:
    client = Client()
    client.force_login(here.agent)
    return client


def own(who: Person) -> Client:
    client = Client()
    client.force_login(make.account(Role.PERSON, person=who))
    return client


def words(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_an_agent_finds_somebody_by_their_number_and_writes_a_right(
    agent: Client, who: Person
) -> None:
    page = reverse("fund_person_rights", args=[who.public_id])
    assert agent.post("/caisse/droits", {"nir": who.nir})["Location"] == page
    assert agent.post(page, CSS)["Location"] == page
    text = words(agent, page)
    assert "Complémentaire santé solidaire" in text
    assert "Courrier, notification ou protocole du 20 septembre 2025, vu par la caisse" in text
    assert agent.post(page, CSS)["Location"] == page
    assert Exemption.objects.count() == 1


def test_what_overlaps_or_goes_backwards_is_said_on_the_form(agent: Client, who: Person) -> None:
    page = reverse("fund_person_rights", args=[who.public_id])
    agent.post(page, CSS)
    again = agent.post(page, {**CSS, "exemption-valid_from": "1 1 2026"})
    assert again.status_code == 409
    assert "Un autre droit du même genre est ouvert sur ces jours" in again.content.decode()
    backwards = agent.post(page, {**CSS, "exemption-ends_on": "1 8 2025"})
    assert backwards.status_code == 422
    nonsense = agent.post(page, {**CSS, "exemption-valid_from": "bientôt"})
    assert nonsense.status_code == 422
    assert Exemption.objects.count() == 1


def test_a_right_is_ended_corrected_and_taken_out(agent: Client, who: Person) -> None:
    page = reverse("fund_person_rights", args=[who.public_id])
    agent.post(page, CSS)
    row = Exemption.objects.get()
    one = reverse("fund_right", args=[who.public_id, row.public_id])
    told = {"act": "end", "end-ends_on": "31 5 2026", "end-evidence": "counter"}
    assert agent.post(one, told)["Location"] == page
    row.refresh_from_db()
    assert row.valid_before == date(2026, 6, 1)
    assert "Avant : du 1er septembre 2025 au 31 août 2026." in words(agent, page)
    gone = {"act": "withdraw", "withdraw-evidence": "letter"}
    assert agent.post(one, gone)["Location"] == page
    assert not Exemption.objects.exists()
    assert agent.post(one, gone)["Location"] == page
    assert agent.get(one).status_code == 404


def test_a_person_declares_and_the_fund_answers(agent: Client, who: Person) -> None:
    mine = own(who)
    form = {"right": "exemption", "exemption-kind": "css", "exemption-valid_from": "1 1 2026"}
    assert mine.post("/mes-droits", form)["Location"] == "/mes-droits"
    assert "La caisse doit répondre" in words(mine, "/mes-droits")
    declared = Declaration.objects.get()
    assert who.family_name in words(agent, "/caisse/droits")
    page = reverse("fund_declaration", args=[declared.public_id])
    unsaid = agent.post(page, {"answer": "refused", "reason": ""})
    assert unsaid.status_code == 422
    agent.post(page, {"answer": "accepted", "reason": ""})
    text = words(mine, "/mes-droits")
    assert "Vous ne payez rien, ni sur place ni ensuite." in text
    assert "La caisse doit répondre" not in text


def test_a_person_reads_what_a_session_costs_with_their_rights(who: Person) -> None:
    mine = own(who)
    assert "Elle paie la part qui reste après l’Assurance Maladie." in words(mine, "/mes-droits")
    make.exemption(who, "ald", valid_from=date(2025, 1, 1), reference="P-7")
    text = words(mine, "/mes-droits")
    assert "Séance liée : Affection de longue durée (ALD)" in text
    # Where it is kept and by which number is the agent's.
    assert "P-7" not in text


def test_a_right_that_ends_soon_is_said_until_another_follows(here: Practice, who: Person) -> None:
    last = here.today + timedelta(days=20)
    css = {"valid_from": date(2025, 1, 1), "valid_before": last + timedelta(days=1)}
    make.exemption(who, "css", **css)
    mine = own(who)
    assert "Demandez son renouvellement à votre caisse." in words(mine, "/mes-droits")
    make.exemption(who, "css", valid_from=last + timedelta(days=1))
    assert "Demandez son renouvellement à votre caisse." not in words(mine, "/mes-droits")


def test_a_css_opened_late_decides_the_past_again_and_the_person_sees_it(
    here: Practice, agent: Client, who: Person
) -> None:
    claim = here.claim(here.sheet(who))
    page = reverse("fund_person_rights", args=[who.public_id])
    agent.post(page, {**CSS, "exemption-ends_on": ""})
    text = words(agent, page)
    assert claim.reference in text
    assert "Avec les droits d’aujourd’hui : Assurance Maladie 50\u00a0€" in text
    assert agent.post(page, {"again": "1"})["Location"] == page
    assert claim.reference not in words(agent, page)
    assert [row.amo_cents for row in claim.decisions.order_by("sequence")] == [3000, 5000]
    mine = own(who)
    assert "50\u00a0€" in words(mine, f"/mes-demandes/{claim.public_id}")
    # Asked again, nothing more is decided.
    agent.post(page, {"again": "1"})
    assert claim.decisions.count() == 2


def test_another_fund_and_an_insurer_find_nobody(here: Practice, who: Person) -> None:
    page = reverse("fund_person_rights", args=[who.public_id])
    stranger = Client()
    stranger.force_login(make.account(Role.FUND_AGENT, fund_code="019980000"))
    assert stranger.post("/caisse/droits", {"nir": who.nir}).status_code == 404
    assert stranger.get(page).status_code == 404
    assert stranger.post(page, CSS).status_code == 404
    insurer = Client()
    insurer.force_login(make.account(Role.INSURER_AGENT, insurer_code="0099900001"))
    assert insurer.get(page).status_code == 404
    assert not Exemption.objects.exists()


def test_an_agent_opens_the_file_of_somebody_nobody_knows(agent: Client) -> None:
    number = make.made_up_nir(880_002, born_on=date(1988, 4, 3))
    told = {
        "nir": number,
        "given_name": "Odile",
        "family_name": "Sarrazin",
        "birth_date": "3 4 1988",
        "regime": "general",
        "valid_from": "1 9 2025",
        "evidence": "counter",
    }
    page = "/caisse/droits/nouvelle-personne"
    wrong = agent.post(page, {**told, "birth_date": "3 5 1988"})
    assert wrong.status_code == 422
    assert "dit un autre mois ou une autre année de naissance" in wrong.content.decode()
    assert agent.post(page, {"nir": ""}).status_code == 422
    answer = agent.post(page, told)
    assert answer.status_code == 302
    text = words(agent, answer["Location"])
    assert "Odile Sarrazin" in text
    assert agent.post(page, told)["Location"] == answer["Location"]
    assert agent.post("/caisse/droits", {"nir": number})["Location"] == answer["Location"]
