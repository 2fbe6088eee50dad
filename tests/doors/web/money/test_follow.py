"""Where the money is, in words: a person's sessions, a psychologist's payers, a letter."""

from __future__ import annotations

import shutil
import subprocess
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from tests import factories, paying
from tests.doors.web.psychologist.practice import Practice, practice
from tests.paying import Movement
from tests.steps.test_money import tell

from soutien.registers.accounts.models import Role
from soutien.registers.claims.models import Claim
from soutien.registers.payments import queries as payments
from soutien.registers.payments.models import PayerAccount
from soutien.registers.people.models import Person
from soutien.rules.codes import ThirdParty
from soutien.rules.delays import ENOUGH
from soutien.rules.life import Cause
from soutien.steps import decisions

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-11-05T10:00:00+00:00")
TAGGED = (b"/StructTreeRoot", b"/Lang(fr)", b"/Marked true", b"/H1")


@pytest.fixture
def here() -> Practice:
    PayerAccount.objects.create(payer=paying.PAYER, name="Caisse d'exemple", iban=paying.IBANS[2])
    return practice(NOW)


def browser_of(who: Person) -> Client:
    browser = Client()
    browser.force_login(factories.account(Role.PERSON, person=who))
    return browser


def owed(here: Practice, who: Person, number: int = 1, *, to: ThirdParty) -> list[Claim]:
    return paying.owed_claims(here.place, who, number, third_party=int(to))


def page(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.content.decode().replace("\xa0", " ").replace("\u202f", " ")


@time_machine.travel(NOW, tick=False)
def test_a_person_reads_one_line_a_session_and_a_day_that_was_measured(here: Practice) -> None:
    who, others = here.patient(), here.patient()
    owed(here, who, to=ThirdParty.NONE)
    browser = browser_of(who)
    told = page(browser, "/mon-argent")
    assert "L’Assurance Maladie vous doit 30 €." in told
    assert "Trop peu de paiements récents pour dire un jour." in told
    assert "aucun compte n’est confirmé" in told
    paying.confirmed(person=others)
    owed(here, others, ENOUGH, to=ThirdParty.NONE)
    order = paying.ordered(paying.agent(), paying.agent())
    tell(
        [
            Movement(one.number, 3000, day=one.claim.received_on + timedelta(days=9))
            for one in payments.transfers_of(order.pk)
        ]
    )
    assert "Attendu vers le 11 novembre 2026" in page(browser, "/mon-argent")
    assert "Expected around 11 November 2026" in page(browser, "/en/mon-argent")
    with time_machine.travel(NOW + timedelta(days=9), tick=False):
        browser = browser_of(who)
        assert "C’est en retard" in page(browser, "/mon-argent")


@time_machine.travel(NOW, tick=False)
def test_a_refusal_leads_to_its_reason_and_what_to_do(here: Practice) -> None:
    who = here.patient()
    session = factories.care_session(who, here.place, held_on=here.today - timedelta(days=3))
    claim = factories.claim(factories.care_sheet(session), received_on=here.today)
    factories.decision(claim, accepted=False)
    told = page(browser_of(who), "/mon-argent")
    assert "Refusée" in told and "Pourquoi, et que faire" in told
    assert reverse("claim_person", args=[claim.public_id]) in told


@time_machine.travel(NOW + timedelta(days=9), tick=False)
def test_a_person_reads_what_is_owed_back_to_whom_why_and_how(here: Practice) -> None:
    who = here.patient()
    paying.confirmed(person=who)
    [made] = owed(here, who, to=ThirdParty.NONE)
    order = paying.ordered(paying.agent(), paying.agent())
    tell([Movement(one.number, 3000) for one in payments.transfers_of(order.pk)])
    later = decisions.kept(
        made.decisions.get(),
        paying.AT + timedelta(days=5),
        Cause.AGENT_CORRECTED,
        amo_cents=2000,
        patient_cents=3000,
    )
    later.save()
    decisions.post_again(later, paying.AT + timedelta(days=5))
    told = page(browser_of(who), "/mon-argent")
    assert "L’Assurance Maladie vous a versé 10 € de trop" in told
    assert "Une nouvelle décision du 7 novembre 2026 remplace la première" in told
    assert "cette part passe de 30 € à 20 €" in told
    assert "Pourquoi : une correction de la caisse." in told
    assert f"IBAN FR76 3000 4000 0312 3456 7890 143, avec la référence {made.reference}" in told
    assert "La nouvelle décision, et ce qui a changé" in told
    claim_page = page(browser_of(who), f"/mes-demandes/{made.public_id}")
    assert "La personne doit rendre 10 € à la caisse." in claim_page


@time_machine.travel(NOW, tick=False)
def test_a_psychologist_reads_what_is_late_and_prints_a_letter_without_names(
    here: Practice,
) -> None:
    who = here.patient(given_name="Zoé", family_name="Zibeline")
    made = owed(here, who, 2, to=ThirdParty.AMO)
    browser = Client()
    browser.force_login(here.account)
    assert "Rien n’est en retard." in page(browser, "/cabinet/reglements")
    with time_machine.travel(NOW + timedelta(days=60), tick=False):
        browser = Client()
        browser.force_login(here.account)
        told = page(browser, "/cabinet/reglements")
        assert "60 €" in told and made[0].reference in told
        letter = browser.get("/cabinet/reglements/relance.pdf", {"payeur": paying.PAYER})
        assert letter["Content-Type"] == "application/pdf"
        assert all(mark in letter.content for mark in TAGGED)
        if shutil.which("pdftotext"):
            asked = ["pdftotext", "-layout", "-", "-"]
            text = subprocess.run(asked, input=letter.content, capture_output=True, check=True)
            words = text.stdout.decode()
            assert "Relance de paiement" in words and made[1].reference in words
            assert "Zibeline" not in words and "Zoé" not in words
        path = "/cabinet/reglements/relance.pdf?payeur=fund:000000000"
        assert "n’a rien en retard" in browser.get(path, follow=True).content.decode()


@time_machine.travel(NOW, tick=False)
def test_a_statement_is_read_month_by_month(here: Practice) -> None:
    who = here.patient()
    owed(here, who, to=ThirdParty.NONE)
    browser = browser_of(who)
    told = page(browser, "/mes-paiements?mois=2026-11")
    assert "En novembre 2026 : 0 € dus au début, 30 € à la fin." in told
    assert "Rien ce mois-là." in page(browser, "/mes-paiements?mois=2026-09")
    # A month that is none is the whole year.
    assert "Depuis un an" in page(browser, "/mes-paiements?mois=2026-99")
