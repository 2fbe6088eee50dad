"""A transfer comes back: from the bank's file to the new account, and paid at last."""

from __future__ import annotations

from datetime import datetime

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests import factories, paying
from tests.doors.web.psychologist.practice import Practice, practice
from tests.paying import Movement, camt_054

from soutien.registers.accounts.models import Role
from soutien.registers.ledger import queries as ledger
from soutien.registers.payments import queries as payments
from soutien.registers.payments.models import Order
from soutien.steps import decisions
from soutien.steps.actor import SYSTEM
from soutien.steps.insure import settle_part

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-11-05T10:00:00+00:00")
PAYER = f"fund:{factories.FUND}"


@pytest.fixture
def here() -> Practice:
    found = practice(NOW)
    paying.PayerAccount.objects.create(payer=PAYER, name="Caisse", iban=paying.IBANS[2])
    who = found.patient()
    paying.owed_claims(found.place, who, 1, fund_code=factories.FUND)
    return found


def agent() -> Client:
    browser = Client()
    browser.force_login(factories.account(Role.FUND_AGENT, fund_code=factories.FUND))
    return browser


def owner(here: Practice) -> Client:
    browser = Client()
    browser.force_login(here.account)
    return browser


def give(browser: Client, iban: str) -> str:
    form = {"holder_name": "Cabinet Exemple", "iban": iban}
    return browser.post(reverse("own_bank"), form, follow=True).content.decode()


def confirm(browser: Client) -> str:
    page = browser.get(reverse("fund_accounts")).content.decode()
    account = page.split('name="account" value="')[1].split('"')[0]
    form = {"account": account, "answer": "confirmed"}
    return browser.post(reverse("fund_accounts"), form, follow=True).content.decode()


def ordered(one: Client, other: Client) -> Order:
    form = {"cut_off_on": "2026-11-05"}
    answer = one.post(reverse("fund_money"), form, follow=True)
    assert "Une autre personne doit maintenant le libérer" in answer.content.decode()
    order = Order.objects.latest("pk")
    path = reverse("fund_order", args=[order.public_id])
    refused = one.post(path, {"act": "release"}, follow=True).content.decode()
    assert "Une autre personne que vous doit le faire" in refused
    assert "C’est libéré" in other.post(path, {"act": "release"}, follow=True).content.decode()
    return order


def read(browser: Client, *movements: Movement) -> str:
    form = {"file": SimpleUploadedFile("bank.xml", camt_054(movements))}
    return browser.post(reverse("fund_bank"), form, follow=True).content.decode()


@time_machine.travel(NOW, tick=False)
def test_a_returned_transfer_is_seen_mended_and_paid_again(here: Practice) -> None:
    one, other, psychologist = agent(), agent(), owner(here)
    assert "À confirmer par la caisse" in give(psychologist, paying.IBANS[0])
    assert "C’est répondu" in confirm(one)
    order = ordered(one, other)
    file = other.get(reverse("fund_order_file", args=[order.public_id]))
    assert b"<Ctrl" in file.content and b"30.00" in file.content
    [first] = payments.transfers_of(order.pk)
    assert "1 ligne nouvelle" in read(one, Movement(first.number, 3000))
    # In French nothing is said like one.
    assert "0 ligne nouvelle, 1 déjà connue." in read(one, Movement(first.number, 3000))
    page = read(one, Movement(first.number, 3000, "returned", "AC04"))
    assert "Revenu (AC04)" in page and "Aucun écart" not in page

    page = psychologist.get(reverse("own_bank")).content.decode()
    assert "Un virement nous est revenu" in page and paying.IBANS[0] not in page
    statement = psychologist.get(reverse("own_statement")).content.decode()
    assert "Virement revenu" in statement and "Reste à vous payer" in statement

    give(psychologist, paying.IBANS[1])
    assert (
        "Un virement nous est revenu" not in psychologist.get(reverse("own_bank")).content.decode()
    )
    assert "change le compte d’avant" in one.get(reverse("fund_accounts")).content.decode()
    confirm(other)
    [again] = payments.transfers_of(ordered(one, other).pk)
    assert again.attempt == 2 and again.bank_detail.iban == paying.IBANS[1]
    assert "Aucun écart" in read(one, Movement(again.number, 3000))
    assert "Rapproché" in one.get(reverse("fund_money")).content.decode()
    account = ledger.account_of(ledger.psychologist(here.psychologist.pk))
    assert account is not None and ledger.balance(account) == 0


@time_machine.travel(NOW, tick=False)
def test_a_wrong_number_is_said_at_its_field_and_a_wrong_file_on_its_page(here: Practice) -> None:
    psychologist, one = owner(here), agent()
    form = {"holder_name": "Cabinet", "iban": "FR00 1234"}
    answer = psychologist.post(reverse("own_bank"), form)
    assert answer.status_code == 422
    assert "Ce numéro de compte (IBAN) n’est pas juste" in answer.content.decode()
    form = {"file": SimpleUploadedFile("bank.xml", b"<html>")}
    answer = one.post(reverse("fund_bank"), form)
    assert answer.status_code == 422 and "Rien n’a été lu" in answer.content.decode()
    # Nobody has a confirmed account: there is nothing that could leave.
    answer = one.post(reverse("fund_money"), {"cut_off_on": "2026-11-05"})
    assert answer.status_code == 409
    assert "Il n’y a rien à payer jusqu’à ce jour" in answer.content.decode()
    assert one.post(reverse("fund_accounts"), {"account": "x"}).status_code == 422


@time_machine.travel(NOW, tick=False)
def test_two_agents_of_an_insurer_pay_its_part_and_never_the_funds(here: Practice) -> None:
    code, who = "0123456789", factories.person(at=NOW)
    paying.PayerAccount.objects.create(
        payer=f"insurer:{code}", name="Mutuelle", iban=paying.IBANS[1]
    )
    factories.cover(who, insurer_code=code, valid_from=NOW.date() - 300 * paying.DAY)
    session = factories.care_session(who, here.place, held_on=paying.ON)
    claim = factories.claim(factories.care_sheet(session), received_on=paying.ON)
    decisions.post([factories.decision(claim)], NOW)
    paying.confirmed(person=who)
    one, other = (insurer_s_agent(code) for _ in range(2))
    settle_part(actor=SYSTEM, claim_id=claim.public_id, at=NOW)
    order = ordered(one, other)
    assert (order.payer, order.cents) == (f"insurer:{code}", 2000)
    assert one.get(reverse("fund_order_file", args=[order.public_id])).status_code == 200
    assert agent().get(reverse("fund_order_file", args=[order.public_id])).status_code == 404
    [transfer] = payments.transfers_of(order.pk)
    assert "Aucun écart" in read(one, Movement(transfer.number, 2000))
    assert reverse("fund_accounts") not in one.get(reverse("fund_money")).content.decode()


def insurer_s_agent(code: str) -> Client:
    browser = Client()
    browser.force_login(factories.account(Role.INSURER_AGENT, insurer_code=code))
    return browser
