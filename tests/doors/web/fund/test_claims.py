"""What a fund reads: its own claims, and each decision with its proof. Never anything clinical."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests import factories as make
from tests.doors.web.psychologist.practice import LONG_AGO, Practice, practice, words_of

from soutien.registers.accounts.models import Role
from soutien.registers.claims import queries
from soutien.registers.claims.models import Claim
from soutien.registers.people.models import Affiliation

pytestmark = pytest.mark.django_db
OTHER_FUND = "019980000"


@pytest.fixture
def here() -> Practice:
    return practice(timezone.now().replace(microsecond=0))


@pytest.fixture
def signed_in(client: Client, here: Practice) -> Client:
    client.force_login(here.agent)
    return client


def made_claim(here: Practice, *, accepted: bool = True, **fields: object) -> Claim:
    """A claim with a decision, without its whole story."""
    session = make.care_session(
        make.person(at=here.now), here.place, held_on=here.today - timedelta(days=3)
    )
    claim = make.claim(make.care_sheet(session), received_on=here.today, **fields)
    make.decision(claim, accepted=accepted)
    return claim


def test_claims_are_listed_with_their_counts_and_amounts(
    signed_in: Client, here: Practice
) -> None:
    accepted, refused = made_claim(here), made_claim(here, accepted=False)
    text = signed_in.get("/caisse").content.decode()
    assert accepted.reference in text
    assert refused.reference in text
    assert "sur 2 décidées" in text
    assert "30\u00a0€" in text


@pytest.mark.parametrize(("state", "shown"), [("accepted", 0), ("refused", 1), ("to_confirm", 2)])
def test_each_filter_keeps_its_claims_only(
    signed_in: Client, here: Practice, state: str, shown: int
) -> None:
    claims = [made_claim(here), made_claim(here, accepted=False)]
    waiting = make.claim(
        make.care_sheet(
            make.care_session(make.person(at=here.now), here.place, held_on=here.today)
        ),
        received_on=here.today,
    )
    make.decision(waiting, accepted=False, to_confirm=True)
    claims.append(waiting)
    text = signed_in.get(f"/caisse?state={state}").content.decode()
    found = [claim.reference in text for claim in claims]
    assert found == [number == shown for number in range(3)]


def test_a_claim_is_found_by_a_part_of_its_reference(signed_in: Client, here: Practice) -> None:
    wanted, other = made_claim(here), made_claim(here)
    text = signed_in.get(f"/caisse?reference={wanted.reference[-5:].lower()}").content.decode()
    assert wanted.reference in text
    assert other.reference not in text
    assert (
        "Aucune demande ne correspond" in signed_in.get("/caisse?reference=zzz").content.decode()
    )


def test_a_long_list_is_read_page_by_page(signed_in: Client, here: Practice) -> None:
    claims = [made_claim(here) for _number in range(52)]
    first = signed_in.get("/caisse").content.decode()
    second = signed_in.get("/caisse?page=2").content.decode()
    assert claims[-1].reference in first
    assert claims[0].reference in second
    assert "page=2" in first
    for odd in ("0", "-1", "x", "99", "9" * 40):
        assert signed_in.get(f"/caisse?page={odd}").status_code == 200


def test_a_list_too_long_to_be_counted_says_so_and_stays_true(
    signed_in: Client, here: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "COUNTED_MOST", 2)
    oldest, refused, newest = made_claim(here), made_claim(here, accepted=False), made_claim(here)
    text = words_of(signed_in.get("/caisse"))
    assert newest.reference in text
    assert refused.reference in text
    assert oldest.reference not in text
    for said in (
        'Toutes <span class="soft">au moins 2</span>',
        'Acceptées <span class="soft">au moins 1</span>',
        'Contestées <span class="soft">0</span>',
        "parmi les 2 plus récentes",
        "La liste montre les 2 demandes les plus récentes.",
    ):
        assert said in text
    found = words_of(signed_in.get("/caisse", {"reference": oldest.reference}))
    assert "1 demande dont la référence contient" in found
    assert "La liste montre" not in found
    assert "Plus de 2 demandes dont la référence" in words_of(
        signed_in.get("/caisse", {"reference": oldest.reference[:1]})
    )
    assert "s’arrête avant" in words_of(signed_in.get("/caisse", {"page": 2}))


def test_an_agent_sees_the_claims_of_the_own_fund_only(signed_in: Client, here: Practice) -> None:
    theirs = made_claim(here, fund_code=OTHER_FUND)
    assert theirs.reference not in signed_in.get("/caisse").content.decode()
    answer = signed_in.get(f"/caisse/demandes/{theirs.public_id}")
    nothing = signed_in.get("/caisse/demandes/00000000-0000-4000-8000-000000000000")
    assert answer.status_code == nothing.status_code == 404
    assert words_of(answer) == words_of(nothing)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.PSYCHOLOGIST])
def test_nobody_else_reads_the_list(client: Client, here: Practice, role: Role) -> None:
    client.force_login(make.account(role))
    assert client.get("/caisse").status_code == 404


def test_an_accepted_claim_shows_its_proof(signed_in: Client, here: Practice) -> None:
    claim = here.claim(here.sheet(here.patient()))
    decision = claim.decisions.get()
    text = signed_in.get(f"/caisse/demandes/{claim.public_id}").content.decode()
    for said in (
        claim.reference,
        "Pourquoi elle est acceptée",
        "Part de l’Assurance Maladie",
        decision.law_version,
        "Avant cette demande",
        "Évaluations payées cette année",
        "Les règles en vigueur ce jour-là",
        "Feuille envoyée à la caisse",
        "Séance terminée, feuille établie",
        claim.care_sheet.number,
    ):
        assert said in text
    assert "no-store" in signed_in.get(f"/caisse/demandes/{claim.public_id}")["Cache-Control"]


def test_the_sheet_stands_on_the_screen_of_its_claim(signed_in: Client, here: Practice) -> None:
    claim = here.claim(here.sheet(here.patient()))
    page = signed_in.get(f"/caisse/demandes/{claim.public_id}").content.decode()
    assert "La feuille, comme elle a été établie" in page
    assert "Numéro d’immatriculation" in page and "Exercice coordonné" in page
    assert f"/feuilles/{claim.care_sheet.public_id}" in page


def test_a_claim_of_no_known_fund_is_in_no_agents_list(signed_in: Client, here: Practice) -> None:
    who = here.patient()
    sheet = here.sheet(who)
    Affiliation.objects.filter(person=who).update(valid_before=here.today - timedelta(days=30))
    claim = here.claim(sheet)
    assert claim.fund_code == ""
    assert claim.reference not in signed_in.get("/caisse").content.decode()
    assert signed_in.get(f"/caisse/demandes/{claim.public_id}").status_code == 404


def test_a_refusal_to_confirm_is_marked_and_nothing_clinical_is_listed(
    signed_in: Client, here: Practice
) -> None:
    who = here.patient()
    sheet = here.sheet(who)
    make.psychiatric_situation(who, "psychiatric_ald", valid_from=date(2026, 1, 1))
    claim = here.claim(sheet)
    text = signed_in.get(f"/caisse/demandes/{claim.public_id}").content.decode()
    assert "À relire par une personne avant d’être annoncée" in text
    assert "Arrêté du 8 mars 2022" in text
    assert "psychiatric_ald" not in text
    assert "à confirmer" in signed_in.get("/caisse").content.decode()


def waiting(here: Practice) -> tuple[Claim, str]:
    """A refusal that waits to be read, and its address."""
    who = here.patient()
    sheet = here.sheet(who)
    make.psychiatric_situation(who, "psychiatric_ald", valid_from=date(2026, 1, 1))
    claim = here.claim(sheet)
    return claim, f"/caisse/demandes/{claim.public_id}"


def test_two_people_refuse_and_the_second_sees_what_the_first_said(
    signed_in: Client, here: Practice
) -> None:
    claim, path = waiting(here)
    first = signed_in.post(path, {"ground": "record_says_so"}, follow=True).content.decode()
    assert "Une autre personne doit maintenant relire cette demande." in first
    assert "Enregistrer ma lecture" not in first
    colleague = Client()
    colleague.force_login(make.account(Role.FUND_SUPERVISOR, fund_code=here.agent.fund_code))
    assert "le dossier de la caisse le montre" in colleague.get(path).content.decode()
    second = colleague.post(path, {"ground": "medical_service_says_so"}, follow=True)
    assert "la demande est refusée" in second.content.decode()
    assert not claim.decisions.get(sequence=2).to_confirm
    assert "Relue par" in signed_in.get(path).content.decode()


def test_one_person_lifts_a_refusal(signed_in: Client, here: Practice) -> None:
    claim, path = waiting(here)
    text = signed_in.post(path, {"ground": "somebody_else"}, follow=True).content.decode()
    assert "Le refus est levé" in text
    assert claim.decisions.get(sequence=2).accepted


@pytest.mark.parametrize("sent", [{}, {"ground": "because"}, {"ground": ""}])
def test_a_reading_without_a_reason_is_asked_again(
    signed_in: Client, here: Practice, sent: dict[str, str]
) -> None:
    claim, path = waiting(here)
    assert "Choisissez une réponse." in signed_in.post(path, sent).content.decode()
    assert claim.decisions.count() == 1


def test_a_refused_claim_shows_every_reason_with_its_article(
    signed_in: Client, here: Practice
) -> None:
    who = here.patient()
    sheet = here.sheet(who)
    make.suspension(here.psychologist, valid_from=LONG_AGO)
    who.birth_date = here.today.isoformat()
    who.save(update_fields=["birth_date"])
    claim = here.claim(sheet)
    text = signed_in.get(f"/caisse/demandes/{claim.public_id}").content.decode()
    assert "Pourquoi elle est refusée" in text
    assert "Rien n’est remboursé pour cette séance." in text
    assert "Le dispositif commence à" in text
    assert "CSS art. R. 162-64" in text
    assert "suspendu" in text


def test_the_agent_reads_the_sheet_of_a_claim(signed_in: Client, here: Practice) -> None:
    sheet = here.sheet(here.patient())
    assert signed_in.get(f"/feuilles/{sheet.public_id}").status_code == 404
    here.claim(sheet)
    assert signed_in.get(f"/feuilles/{sheet.public_id}").status_code == 200


def test_the_proof_is_told_in_english(signed_in: Client, here: Practice) -> None:
    claim = here.claim(here.sheet(here.patient()))
    text = signed_in.get(f"/en/caisse/demandes/{claim.public_id}").content.decode()
    assert "Why it is accepted" in text
    assert "Who did what, and when" in text


def test_a_contest_is_found_and_answered(signed_in: Client, here: Practice) -> None:
    claim = made_claim(here, accepted=False)
    make.contest(claim.decisions.get())
    assert claim.reference in words_of(signed_in.get("/caisse?state=contested"))
    page = f"/caisse/demandes/{claim.public_id}"
    assert "Choisissez une réponse" in words_of(signed_in.post(page, {"verdict": ""}))
    signed_in.post(page, {"verdict": "nothing_shows_it"})
    assert "rien de ce que la caisse a reçu" in words_of(signed_in.get(page))
    assert claim.reference not in words_of(signed_in.get("/caisse?state=contested"))
