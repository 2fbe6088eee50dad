"""What an insurer reads and decides on its pages: its own members, in cents, and nobody else."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests import factories as make
from tests.doors.web.psychologist.practice import Practice, practice

from soutien.registers.accounts.models import Role
from soutien.registers.claims.models import Claim
from soutien.registers.insurance.models import Contract, Member, PartDecision
from soutien.registers.people.models import Cover, Person

pytestmark = pytest.mark.django_db
CODE, OTHER = "0099900001", "0099900002"
HEADER = "numero;nom;prenom;naissance;nir;contrat;debut;fin"
CONTRACT = {
    "code": "E1",
    "name": "Essentiel",
    "responsible": "on",
    "copay_percent": "0",
    "allowance_euros": "40",
    "allowance_sessions": "4",
    "valid_from": "1 1 2022",
}


@pytest.fixture
def here() -> Practice:
    return practice(timezone.now().replace(microsecond=0))


@pytest.fixture
def who(here: Practice) -> Person:
    person = here.patient()
    Cover.objects.filter(person=person).update(insurer_code=CODE)
    return person


@pytest.fixture
def claim(here: Practice, who: Person) -> Claim:
    session = make.care_session(who, here.place, held_on=here.today)
    claim = make.claim(make.care_sheet(session), received_on=here.today)
    make.decision(claim)
    return claim


def insurer(code: str = CODE) -> Client:
    client = Client()
    client.force_login(make.account(Role.INSURER_AGENT, insurer_code=code))
    return client


def words(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def file_of(*lines: str) -> SimpleUploadedFile:
    text = "\n".join((HEADER, *lines))
    return SimpleUploadedFile("adherents.csv", text.encode(), content_type="text/csv")


def test_a_claim_is_decided_by_the_contract_and_leaves_in_the_return_file(claim: Claim) -> None:
    mine = insurer()
    page = words(mine, "/complementaire")
    assert claim.reference in page
    assert "À décider" in page
    assert mine.post("/complementaire")["Location"] == "/complementaire"
    assert PartDecision.objects.get().amc_cents == 2000
    lines = words(mine, "/complementaire/retours.csv").splitlines()
    assert lines[0].startswith("reference;member_number;")
    assert lines[1].split(";")[0] == claim.reference
    assert ";5000;3000;2000;2000;accepted;;" in lines[1]


def test_an_allowance_outside_the_programme_is_told_apart_as_information(
    here: Practice, who: Person
) -> None:
    mine = insurer()
    mine.post("/complementaire/contrats", CONTRACT)
    line = f"A1;{who.family_name};{who.given_name};{who.birth_date};{who.nir};E1;2022-01-01;"
    mine.post("/complementaire/adherents", {"file": file_of(line)})
    own = Client()
    own.force_login(make.account(Role.PERSON, person=who))
    text = words(own, "/mes-droits")
    assert "Hors de ce dispositif" in text
    assert "40\u00a0€ par séance, pour 4 séances par an" in text
    assert "rien de cela n’est demandé ni payé ici" in text
    other = Client()
    other.force_login(make.account(Role.PERSON, person=here.patient()))
    assert "Hors de ce dispositif" not in words(other, "/mes-droits")


def test_a_refusal_says_why_and_the_person_reads_it(claim: Claim, who: Person) -> None:
    mine, page = insurer(), f"/complementaire/demandes/{claim.public_id}"
    assert mine.post(page, {}).status_code == 422
    assert mine.post(page, {"reason": "contribution_unpaid"})["Location"] == page
    assert "La cotisation n’est pas à jour." in words(mine, page)
    own = Client()
    own.force_login(make.account(Role.PERSON, person=who))
    text = words(own, f"/mes-demandes/{claim.public_id}")
    assert "Votre complémentaire a refusé sa part" in text
    assert "La cotisation n’est pas à jour. Sa part vous reste : 20\u00a0€." in text


def test_another_insurer_and_other_roles_see_nothing(
    here: Practice, claim: Claim, who: Person
) -> None:
    stranger = insurer(OTHER)
    page = f"/complementaire/demandes/{claim.public_id}"
    assert claim.reference not in words(stranger, "/complementaire")
    assert stranger.get(page).status_code == 404
    assert stranger.post(page, {"settle": "1"}).status_code == 404
    agent = Client()
    agent.force_login(here.agent)
    for path in (
        "/complementaire",
        page,
        "/complementaire/adherents",
        "/complementaire/contrats",
        "/complementaire/retours.csv",
    ):
        assert agent.get(path).status_code == 404, path
    assert not PartDecision.objects.exists()


def test_nothing_of_care_is_on_the_insurers_pages(
    here: Practice, claim: Claim, who: Person
) -> None:
    page = words(insurer(), f"/complementaire/demandes/{claim.public_id}")
    assert here.psychologist.family_name not in page
    assert who.nir not in page
    for word in ("évaluation", "Évaluation", "psychologue conventionné", "longue durée"):
        assert word not in page


def test_a_file_of_members_is_read_reported_and_safe_to_send_again(who: Person) -> None:
    mine = insurer()
    lines = (
        f"A1;{who.family_name};Ada;{who.birth_date};{who.nir};E1;2022-01-01;",
        "A2;Deux;Bo;hier;;E1;2022-01-01;",
    )
    for _sending in range(2):
        answer = mine.post("/complementaire/adherents", {"file": file_of(*lines)})
        assert answer["Location"] == "/complementaire/adherents"
    page = words(mine, "/complementaire/adherents")
    assert "A1" in page
    assert "Ligne 3 : un jour n’en est pas un" in page
    assert Member.objects.count() == 1
    assert "A1" not in words(insurer(OTHER), "/complementaire/adherents")
    wrong = mine.post(
        "/complementaire/adherents",
        {"file": SimpleUploadedFile("x.csv", b"ceci;cela\n1;2", content_type="text/csv")},
    )
    assert wrong.status_code == 422
    assert "Ce fichier ne peut pas être lu." in wrong.content.decode()


def test_contracts_are_written_with_their_guarantees() -> None:
    mine, page = insurer(), "/complementaire/contrats"
    assert mine.post(page, CONTRACT)["Location"] == page
    written = Contract.objects.get()
    assert (written.insurer_code, written.allowance_cents) == (CODE, 4000)
    assert written.valid_from == date(2022, 1, 1)
    text = words(mine, page)
    assert "Essentiel" in text
    assert "4 × 40\u00a0€" in text
    too_much = mine.post(page, {**CONTRACT, "copay_percent": "101"})
    assert too_much.status_code == 422
    assert "Essentiel" not in words(insurer(OTHER), page)
