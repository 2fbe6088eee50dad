"""A transfer comes back: seen on both sides, its IBAN mended, ordered again, and paid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import time_machine
from tests import factories as make
from tests import paying
from tests.doors.web.psychologist.practice import practice
from tests.paying import Movement, camt_054
from tests.signing_in import sign_in

from soutien.registers.accounts.models import Account, Role
from soutien.registers.payments import queries as payments
from soutien.registers.payments.models import Order, PayerAccount, Payment

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOW = datetime(2026, 11, 5, 10, tzinfo=UTC)
PHONE = 390


class Desk:
    """One agent of the fund, or the payee, in a browser of their own."""

    def __init__(self, page: Page, account: Account, looked_at: Callable[[Page, str], None]):
        self.page, self.looked_at = page, looked_at
        sign_in(page, account)

    def open(self, path: str, name: str = "") -> Page:
        self.page.goto(path)
        if name:
            self.looked_at(self.page, name)
        return self.page

    def press(self, label: str, says: str) -> None:
        self.page.get_by_role("button", name=label).first.click()
        self.page.get_by_text(says).first.wait_for()

    def give(self, iban: str) -> None:
        """As the payee: where to be paid from now on."""
        page = self.open("/mon-compte-bancaire")
        page.fill("[name=holder_name]", "Cabinet Exemple")
        page.fill("[name=iban]", iban)
        self.press("Donner ce compte", "À confirmer par la caisse")

    def reads(self, *movements: Movement) -> None:
        """As an agent: a file of the bank."""
        page = self.open("/caisse/banque")
        page.set_input_files(
            "[name=file]",
            {"name": "bank.xml", "mimeType": "text/xml", "buffer": camt_054(movements)},
        )
        self.press("Lire ce fichier", "nouvelle")


def ordered(one: Desk, other: Desk) -> Payment:
    """Prepared by one, who cannot release it; released by the other, with its file."""
    one.open("/caisse/virements")
    one.press("Préparer les virements", "Une autre personne doit maintenant le libérer")
    assert not one.page.get_by_role("button", name="Libérer").count()
    other.open("/caisse/virements", "transfers-to-release")
    other.press("Libérer", "C’est libéré")
    order = Order.objects.latest("pk")
    with other.page.expect_download() as download:
        other.page.get_by_role("link", name=f"Fichier pour la banque, {order.number}").click()
    [transfer] = payments.transfers_of(order.pk)
    file = download.value.path().read_text()
    assert transfer.number in file and transfer.bank_detail.iban in file
    return transfer


def test_a_returned_transfer_is_seen_mended_and_paid_again(
    open_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
    screenshot: Callable[[Page, str], None],
) -> None:
    def looked_at(page: Page, name: str) -> None:
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE, name
        screenshot(page, name)

    with time_machine.travel(NOW):
        here = practice(NOW)
        payer = f"fund:{make.FUND}"
        PayerAccount.objects.create(payer=payer, name="Caisse", iban=paying.IBANS[2])
        paying.owed_claims(here.place, here.patient(), 1, fund_code=make.FUND)
        agents = [make.account(Role.FUND_AGENT, fund_code=make.FUND) for _ in range(2)]
        one, other, payee = (
            Desk(open_page(width=PHONE), account, looked_at) for account in (*agents, here.account)
        )
        payee.give(paying.IBANS[0])
        one.open("/caisse/comptes", "account-to-confirm")
        one.press("Confirmer", "C’est répondu")
        first = ordered(one, other)
        one.reads(
            Movement(first.number, 3000),
            Movement(first.number, 3000, "returned", "AC04"),
        )
        assert one.page.get_by_text("Revenu (AC04)").count()
        looked_at(one.page, "transfer-returned")

        payee.open("/mon-compte-bancaire", "account-closed")
        assert payee.page.get_by_text("Un virement nous est revenu").count()
        payee.open("/mes-paiements", "statement-returned")
        assert payee.page.get_by_text("Virement revenu").count()
        payee.give(paying.IBANS[1])
        other.open("/caisse/comptes")
        assert other.page.get_by_text("change le compte d’avant").count()
        other.press("Confirmer", "C’est répondu")

        again = ordered(one, other)
        assert (again.attempt, again.bank_detail.iban) == (2, paying.IBANS[1])
        one.reads(Movement(again.number, 3000))
        assert one.page.get_by_text("Aucun écart").count()
        one.open("/caisse/virements", "transfers-reconciled")
        assert one.page.get_by_text("Rapproché").count() == 2
        payee.open("/mes-paiements")
        assert payee.page.get_by_text("Reste à vous payer : 0").count()
